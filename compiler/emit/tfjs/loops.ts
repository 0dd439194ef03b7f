import { assert, present } from '../../ir/assert.ts';
import type { Value } from '../../ir/graph.ts';
import { type Call, childModules, type Recording, type Step } from './modules.ts';
import { listElement } from './names.ts';

/** All modules of a list, each called with the result of the one before. */
export interface Loop {
  readonly list: string;
  readonly calls: readonly Call[];
  /** The input that takes the result of the module before. */
  readonly input: string;
  readonly initial: Value;
  readonly result: Value;
}

export type StepOrLoop = Step | { readonly loop: Loop };

/** A recording's steps with the calls of each list of modules as one loop. */
export function loopsOf(recording: Recording): StepOrLoop[] {
  const steps: StepOrLoop[] = [];
  let calls: Call[] = [];
  for (const step of recording.steps) {
    const list = 'call' in step ? listOf(step.call) : undefined;
    if (!('call' in step) || list === undefined) {
      steps.push(step);
      continue;
    }
    calls.push(step.call);
    const length = childModules(recording.module).filter(
      ({ segment }) => listElement(segment)?.list === list,
    ).length;
    if (calls.length < length) continue;
    steps.push({ loop: chain(list, calls) });
    calls = [];
  }
  assert(calls.length === 0, `${recording.module.path} does not use all of ${calls[0]?.module.segment}…`);
  return steps;
}

function listOf({ module }: Call): string | undefined {
  return listElement(module.segment)?.list;
}

function chain(list: string, calls: readonly Call[]): Loop {
  const results = calls.map(({ recording }) => present(recording.outputs.get(''), `result of ${list}`));
  const inputs = [...present(calls[0], list).recording.inputs.keys()];
  const follows = (call: Call, index: number, name: string) =>
    index === 0 || call.recording.inputs.get(name)?.id === results[index - 1]?.id;
  const input = inputs.find((name) => calls.every((call, index) => follows(call, index, name)));
  assert(input !== undefined, `the modules of ${list} are not called one after the other`);
  return {
    list,
    calls,
    input,
    initial: present(calls[0]?.recording.inputs.get(input), `input of ${list}`),
    result: present(results.at(-1), `result of ${list}`),
  };
}
