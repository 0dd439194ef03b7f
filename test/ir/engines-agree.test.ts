import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Op } from '../../compiler/ir/op.ts';
import { OPS } from '../../compiler/ir/ops/registry.ts';
import { perExampleOf } from '../../compiler/ir/ops/rows.ts';
import * as operations from '../../runtime/engine/tfjs/index.ts';
import { relativeDeviation } from '../reference/reference-case.ts';
import { concreteShape, elementCount, type Numbers, openGraph } from '../support/run-graph.ts';
import { opGraphs, sampleNumbers } from './op-harness.ts';
import { BATCH, FORWARD_SAMPLES, type OpSample, SAMPLES } from './op-samples.ts';

const TOLERANCE = 3e-6;

/** The op's TypeScript expression as a function of its inputs, with the runtime's operations in scope. */
function tfjsFunction(
  op: Op,
  { inputs, attributes = {}, grid }: OpSample,
): (...tensors: tf.Tensor[]) => tf.Tensor {
  const used = new Map<string, unknown>();
  const names = inputs.map((_, index) => `input${index}`);
  const inputTypes = inputs.map(({ type }) => type);
  const outputTypes = op.infer(inputTypes, attributes);
  const expression = op.tfjs({
    inputs: names,
    inputTypes,
    outputTypes,
    attributes,
    rowsPerPicture: (of) => String(perExampleOf(of === 'result' ? outputTypes[0] : inputTypes[of], 'rows')),
    grid: grid && JSON.stringify(grid),
    use(name) {
      const operation = Object.entries(operations).find(([exported]) => exported === name)?.[1];
      if (operation === undefined) throw new Error(`the runtime has no operation ${name}`);
      used.set(name, operation);
      return name;
    },
  });
  const make = new Function(...used.keys(), ...names, `return ${expression};`);
  return (...tensors) => make(...used.values(), ...tensors);
}

function tensorOf(input: OpSample['inputs'][number], numbers: Numbers | undefined): tf.Tensor {
  const type = input.type.type === 'int32' ? 'int32' : 'float32';
  return tf.tensor(numbers ?? [], concreteShape(input.type.shape, BATCH), type);
}

async function compare(op: Op, sample: OpSample): Promise<void> {
  const { forward, backward } = opGraphs(op, sample);
  const output = forward.outputs[0];
  if (!output) throw new Error(`${op.name} has no output`);
  const numbers = sampleNumbers(op, sample, elementCount(output.value.shape, BATCH));
  const tensors = sample.inputs.map((input, index) => tensorOf(input, numbers[`input.${index}`]));
  const run = tfjsFunction(op, sample);
  const { 'output-gradient': seed, ...feeds } = numbers;
  const expected = await (await openGraph(forward, BATCH))(feeds);
  const value = run(...tensors);
  expect(value.shape).toEqual(concreteShape(output.value.shape, BATCH));
  expect(relativeDeviation(await value.data(), expected.output ?? [])).toBeLessThan(TOLERANCE);
  if (!backward) return;
  const trained = sample.inputs.flatMap(({ differentiate }, index) => (differentiate ? [index] : []));
  const ofTrained = (...moved: tf.Tensor[]) =>
    run(...tensors.map((tensor, index) => moved[trained.indexOf(index)] ?? tensor));
  const dy = tf.tensor(seed ?? [], value.shape);
  const gradients = tf.grads(ofTrained)(
    trained.map((index) => tensors[index] ?? tf.scalar(0)),
    dy,
  );
  const compiled = await (await openGraph(backward, BATCH))(numbers);
  for (const [position, index] of trained.entries()) {
    const data = (await gradients[position]?.data()) ?? [];
    expect(relativeDeviation(data, compiled[`gradient.${index}`] ?? []), `input ${index}`).toBeLessThan(
      TOLERANCE,
    );
  }
}

describe('tfjs and ONNX Runtime agree on', () => {
  beforeAll(async () => {
    tf.enableProdMode();
    await tf.setBackend('cpu');
  });

  const all = { ...SAMPLES, ...FORWARD_SAMPLES };
  const covered = OPS.filter(({ hasTfjs }) => hasTfjs);

  it('every op that generated classes can contain', () => {
    expect(covered.map(({ name }) => name).filter((name) => !all[name])).toEqual([]);
  });

  for (const op of covered) {
    (all[op.name] ?? []).forEach((sample, number) => {
      // The scales of a linear belong to the folded GELU of a compiled training step; classes have none.
      const { alpha = 1, beta = 1 } = sample.attributes ?? {};
      if (alpha !== 1 || beta !== 1) return;
      it(`${op.name} ${number + 1}, value and gradients`, () => compare(op, sample));
    });
  }
});
