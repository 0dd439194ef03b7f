import type { Value } from '../../ir/graph.ts';
import { inputHint, moduleResultName } from './local-names.ts';
import { type Loop, loopsOf } from './loops.ts';
import type { Methods } from './methods.ts';
import type { Call, Recording } from './modules.ts';
import { camelCase, fieldName } from './names.ts';

/** Who uses the values of a method's body, how often, and what names they have for them. */
export class Uses {
  readonly #methods: Methods;
  readonly #counts = new Map<number, number>();
  readonly #hints = new Map<number, string[]>();
  readonly #sources = new Map<number, string>();

  constructor(recording: Recording, methods: Methods) {
    this.#methods = methods;
    for (const { localName, value } of recording.parameters) {
      this.#sources.set(value.id, fieldName(localName, recording.module.segment));
    }
    for (const step of loopsOf(recording)) {
      if ('node' in step) for (const value of step.node.inputs) this.#use(value);
      else if ('call' in step) this.#useInputs(step.call);
      else this.#useLoop(step.loop);
    }
    for (const [name, value] of recording.outputs) this.#use(value, name === '' ? [] : [camelCase(name)]);
    this.#nameSources(recording);
  }

  /** How many times a value is read. */
  count(id: number): number {
    return this.#counts.get(id) ?? 0;
  }

  /** Names that its readers have for a value, the first reader's first. */
  hints(id: number): readonly string[] {
    return this.#hints.get(id) ?? [];
  }

  /** What a value is called that a module yields or that is a parameter. */
  sourceName({ id }: Value): string | undefined {
    return this.#sources.get(id);
  }

  #use({ id }: Value, hints: readonly string[] = []): void {
    this.#counts.set(id, this.count(id) + 1);
    this.#hints.set(id, [...this.hints(id), ...hints]);
  }

  #useInputs(call: Call, except?: string): void {
    for (const name of this.#methods.called(call).inputs) {
      const value = call.recording.inputs.get(name);
      if (value && name !== except) this.#use(value, inputHint(name));
    }
    const [first] = call.recording.inputs.values();
    const name = moduleResultName(call.module.segment, first && this.sourceName(first));
    for (const { id } of call.recording.outputs.values()) this.#sources.set(id, name);
  }

  #useLoop({ calls, input, initial }: Loop): void {
    const [first] = calls;
    this.#use(initial);
    if (first) this.#useInputs(first, input);
  }

  /** What is only seen as a batch to be handed out is called as it is handed out. */
  #nameSources({ steps, outputs }: Recording): void {
    for (const [name, { id }] of outputs) {
      if (name === '') continue;
      for (const step of steps) {
        if (!('node' in step) || step.node.op.name !== 'split-batch' || step.node.outputs[0]?.id !== id)
          continue;
        const source = step.node.inputs[0]?.id ?? -1;
        this.#hints.set(source, [...this.hints(source), camelCase(name)]);
      }
    }
  }
}
