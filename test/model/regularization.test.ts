import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blockRegularization } from '../../compiler/model/regularization.ts';
import type { DropFactors } from '../../runtime/engine/drop-factors.ts';
import type { NamedTensor, PretrainingBatch } from '../../runtime/engine/engine.ts';
import { openClassifierEngine, openEngine } from '../../runtime/engine/open-engine.ts';
import type { CompiledGraph } from '../../runtime/model/compiled-spec.ts';
import { Random } from '../../runtime/random.ts';
import { drawDrops } from '../../runtime/train/draw-drops.ts';
import { drawMasking } from '../../runtime/train/draw-masking.ts';
import { initialParameters } from '../../runtime/weights/initialize.ts';
import { relativeDeviation } from '../reference/reference-case.ts';
import { type CompiledModelFolder, compileToFolder } from '../support/compiled-model.ts';
import { modelSpec, type SpecOptions } from '../support/specs.ts';

const BATCH = 2;
const compiled: CompiledModelFolder[] = [];

async function compile(options: SpecOptions): Promise<CompiledModelFolder> {
  const model = await compileToFolder(modelSpec({ name: 'regularized', ...options }));
  compiled.push(model);
  return model;
}

afterAll(async () => {
  for (const model of compiled) await model.remove();
});

function batchImages(): Float32Array {
  const random = Random.from('regularization');
  return Float32Array.from({ length: BATCH * 3 * 16 * 16 }, () => random.normal());
}

function batchFor({ spec }: CompiledModelFolder, drops?: DropFactors): PretrainingBatch {
  return {
    size: BATCH,
    images: batchImages(),
    masking: drawMasking(spec, [0, 1], 5),
    ...(drops ? { drops } : {}),
  };
}

/** Parameters that depend on their names only; layer scales as given. */
function parametersFor(
  { spec }: Pick<CompiledModelFolder, 'spec'>,
  scale: (name: string) => number = () => 1,
): NamedTensor[] {
  return [...initialParameters(spec, 3)].map((tensor) => {
    if (tensor.name.endsWith('gamma')) return { ...tensor, data: tensor.data.map(() => scale(tensor.name)) };
    const random = Random.from('regularization', tensor.name);
    return { ...tensor, data: tensor.data.map(() => 0.2 * random.normal()) };
  });
}

/** The same factor everywhere, for the inputs whose names say so. */
function factors(graph: CompiledGraph, factorOf: (name: string) => number): DropFactors {
  const inputs = graph.inputs.filter(({ role }) => role === 'random');
  return new Map(
    inputs.map(({ name, shape }) => {
      const each = shape.reduce<number>(
        (n, side) => n * (typeof side === 'number' ? side : side.perExample),
        1,
      );
      return [name, new Float32Array(BATCH * each).fill(factorOf(name))];
    }),
  );
}

async function train(model: CompiledModelFolder, drops?: DropFactors, scale?: (name: string) => number) {
  const engine = await openEngine('onnx', { spec: model.spec, directory: model.directory, threads: 1 });
  await engine.loadParameters(parametersFor(model, scale));
  const batch = batchFor(model, drops);
  const loss = await engine.accumulate(batch, 1);
  const gradients = new Map((await engine.readGradients()).map(({ name, data }) => [name, data]));
  const { loss: inUse } = await engine.reconstruct(batch);
  await engine.dispose();
  return { loss, gradients, inUse };
}

describe('rates', () => {
  it('of drop path rise from 0 at the first block to the given one at the last, as torch.linspace does', () => {
    const rates = (depth: number) => blockRegularization(depth, { dropPath: 0.3, dropout: 0.1 });
    expect(rates(4).map(({ dropPath }) => dropPath)).toEqual([
      0,
      expect.closeTo(0.1, 12),
      expect.closeTo(0.2, 12),
      0.3,
    ]);
    expect(rates(1)).toEqual([{ dropPath: 0, dropout: 0.1 }]);
    expect(rates(3).every(({ dropout }) => dropout === 0.1)).toBe(true);
  });

  it('are 0 where nothing is trained', () => {
    expect(blockRegularization(2)).toEqual([
      { dropPath: 0, dropout: 0 },
      { dropPath: 0, dropout: 0 },
    ]);
  });
});

describe('a model with drop path and dropout', () => {
  let model: CompiledModelFolder;
  beforeAll(async () => {
    model = await compile({ encoder: [16, 2, 2], decoder: [8, 1, 2], dropPath: 0.25, dropout: 0.2 });
  });

  it('asks for factors where it is trained, and nowhere else', () => {
    const asked = (graph: CompiledGraph | undefined) =>
      (graph?.inputs ?? []).flatMap(({ name, role, shape, keep }) =>
        role === 'random' ? [[name, shape, keep] as const] : [],
      );
    const { graphs } = model.spec;
    expect(asked(graphs.encoder)).toEqual([]);
    expect(asked(graphs['masked-autoencoder'])).toEqual([]);
    const rows = (perExample: number, width: number) => [{ perExample }, width];
    // Five tokens in the encoder (a class token and 4 of 16 patches), 17 in the decoder.
    const wanted = [
      ['dropout:blocks.0.attn.proj', rows(5, 16), 0.8],
      ['dropout:blocks.0.mlp.fc1', rows(5, 64), 0.8],
      ['dropout:blocks.0.mlp.fc2', rows(5, 16), 0.8],
      ['dropout:blocks.1.attn.proj', rows(5, 16), 0.8],
      ['drop-path:blocks.1.attn', rows(1, 1), 0.75],
      ['dropout:blocks.1.mlp.fc1', rows(5, 64), 0.8],
      ['dropout:blocks.1.mlp.fc2', rows(5, 16), 0.8],
      ['drop-path:blocks.1.mlp', rows(1, 1), 0.75],
      ['dropout:decoder_blocks.0.attn.proj', rows(17, 8), 0.8],
      ['dropout:decoder_blocks.0.mlp.fc1', rows(17, 32), 0.8],
      ['dropout:decoder_blocks.0.mlp.fc2', rows(17, 8), 0.8],
    ];
    expect(asked(graphs['pretrain-gradients'])).toEqual(wanted);
    expect(asked(graphs['pretrain-step'])).toEqual(wanted);
  });

  it('has its loss in use where every factor is 1', async () => {
    const { loss, inUse } = await train(
      model,
      factors(model.spec.graphs['pretrain-gradients'], () => 1),
    );
    expect(relativeDeviation([loss], [inUse])).toBeLessThan(2e-6);
  });

  it.each(['onnx', 'tfjs'] as const)('is not trained on %s without its factors', async (kind) => {
    const engine = await openEngine(kind, { spec: model.spec, directory: model.directory, threads: 1 });
    await engine.loadParameters(initialParameters(model.spec, 3));
    await expect(engine.accumulate(batchFor(model), 1)).rejects.toThrow(
      'this batch lacks the random factors dropout:blocks.0.attn.proj',
    );
    const all = factors(model.spec.graphs['pretrain-gradients'], () => 1);
    const short = new Map([...all, ['drop-path:blocks.1.mlp', Float32Array.of(1)]]);
    await expect(engine.accumulate(batchFor(model, short), 1)).rejects.toThrow(
      'drop-path:blocks.1.mlp has 1 numbers; a batch of 2 needs 2',
    );
    await engine.dispose();
  });
});

describe('drop path', () => {
  it('that keeps all pictures scales both branches, as layer scale does', async () => {
    const dropped = await compile({ dropPath: 0.5 });
    const scaled = await compile({ layerScale: 0.1 });
    const kept = await train(
      dropped,
      factors(dropped.spec.graphs['pretrain-gradients'], () => 2),
    );
    const twice = await train(scaled, undefined, (name) => (name.startsWith('blocks.1.') ? 2 : 1));
    expect(relativeDeviation([kept.loss], [twice.loss])).toBeLessThan(2e-6);
    for (const [name, gradient] of kept.gradients)
      expect(relativeDeviation(gradient, twice.gradients.get(name) ?? []), name).toBeLessThan(1e-5);
  });

  it('that drops all pictures leaves the block out', async () => {
    const dropped = await compile({ dropPath: 0.5 });
    const shallow = await compile({ encoder: [16, 1, 2] });
    const none = await train(
      dropped,
      factors(dropped.spec.graphs['pretrain-gradients'], () => 0),
    );
    const without = await train(shallow);
    expect(relativeDeviation([none.loss], [without.loss])).toBeLessThan(2e-6);
    for (const [name, gradient] of none.gradients) {
      if (name.startsWith('blocks.1.'))
        expect(
          gradient.every((value) => value === 0),
          name,
        ).toBe(true);
      else expect(relativeDeviation(gradient, without.gradients.get(name) ?? []), name).toBeLessThan(1e-5);
    }
  });
});

describe('fine-tuning with drop path and dropout', () => {
  const pixels = batchImages();

  it('is the same on every engine, and leaves out nothing in use', async () => {
    const finetune = { dropPath: 0.5, dropout: 0.2 };
    const model = await compile({ encoder: [16, 3, 2], finetune });
    const plain = await compile({ encoder: [16, 3, 2], finetune: {} });
    const results = async ({ spec, directory }: CompiledModelFolder, kind: 'onnx' | 'tfjs') => {
      const classifier = spec.classifiers.finetune;
      if (!classifier) throw new Error('no classifier was compiled');
      const options = { spec, directory, threads: 1, training: 'finetune' } as const;
      const engine = await openClassifierEngine(kind, options);
      await engine.loadParameters(parametersFor({ spec: { ...spec, parameters: classifier.parameters } }));
      const targets = Float32Array.of(0.1, 0.2, 0.3, 0.4, 0, 0, 0, 1, 0, 0);
      const drops = drawDrops(classifier.graphs.gradients, [0, 1], 6);
      const loss = await engine.accumulate({ size: BATCH, images: pixels, targets, drops }, 1);
      const gradients = await engine.readGradients();
      const { logits } = await engine.classify(pixels, BATCH);
      await engine.dispose();
      return { loss, gradients, logits };
    };
    const onnx = await results(model, 'onnx');
    const tfjs = await results(model, 'tfjs');
    const without = await results(plain, 'onnx');
    expect(relativeDeviation([tfjs.loss], [onnx.loss])).toBeLessThan(2e-6);
    expect(relativeDeviation([without.loss], [onnx.loss])).toBeGreaterThan(1e-4);
    for (const [index, { name, data }] of onnx.gradients.entries())
      expect(relativeDeviation(tfjs.gradients[index]?.data ?? [], data), name).toBeLessThan(2e-5);
    expect(onnx.logits).toEqual(without.logits);
    expect(relativeDeviation(tfjs.logits, onnx.logits)).toBeLessThan(1e-5);
  });
});
