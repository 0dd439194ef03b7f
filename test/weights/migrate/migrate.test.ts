import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../../cli/main.ts';
import type { TensorFate } from '../../../compiler/diff/report.ts';
import { modelData } from '../../../compiler/emit/spec-json.ts';
import { maskedAutoencoderGraph } from '../../../compiler/model/masked-autoencoder.ts';
import type { NamedTensor } from '../../../runtime/engine/engine.ts';
import { type CompiledSpec, compiledSpecSchema } from '../../../runtime/model/compiled-spec.ts';
import { classifierOf, trainedClassifier } from '../../../runtime/model/trained-model.ts';
import {
  type CheckpointContents,
  loadCheckpoint,
  saveCheckpoint,
} from '../../../runtime/weights/checkpoint.ts';
import { initialParameters } from '../../../runtime/weights/initialize.ts';
import { copyOverlap, placePositions } from '../../../runtime/weights/migrate/carry.ts';
import {
  findCheckpoint,
  migrateCheckpoint,
  planFor,
  targetFor,
} from '../../../runtime/weights/migrate/migrate-checkpoint.ts';
import {
  type MigrationFate,
  type MigrationTarget,
  planMigration,
} from '../../../runtime/weights/migrate/plan-migration.ts';
import { writeSafetensors } from '../../../runtime/weights/safetensors.ts';
import { recordingIo } from '../../cli/compile-support.ts';
import { diffSpecs } from '../../diff/support.ts';
import { compiledSpec, specJsonOf } from '../../support/compiled-spec.ts';
import { modelSpec, type SpecOptions } from '../../support/specs.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mae-migrate-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A checkpoint whose moments and averages are multiples of its weights. */
function contentsOf(spec: CompiledSpec): CheckpointContents {
  const parameters = [...initialParameters(spec, 1)].map(({ name, shape, data }) => ({
    name,
    shape,
    data: data.map((value, index) => value + index / 100),
  }));
  const trainable = new Set(spec.parameters.flatMap(({ name, trainable: is }) => (is ? [name] : [])));
  const times = (factor: number) =>
    parameters
      .filter(({ name }) => trainable.has(name))
      .map(({ name, shape, data }) => ({ name, shape, data: data.map((value) => value * factor) }));
  return {
    spec,
    engine: 'test',
    parameters,
    optimizer: { kind: 'adamw', step: 5, firstMoments: times(2), secondMoments: times(3) },
    averages: times(4),
    position: { step: 5, epoch: 1, batch: 2 },
    recipe: spec.recipes.pretrain,
    log: { meanLoss: 0.5, bestLoss: 0.25 },
  };
}

function classifierParameters(spec: CompiledSpec, training: 'finetune' | 'linear-probe') {
  return { parameters: classifierOf(spec, training).classifier.parameters };
}

/** A checkpoint of a classifier; its path. */
async function savedClassifier(spec: CompiledSpec, training: 'finetune' | 'linear-probe'): Promise<string> {
  const { classifier, recipe } = classifierOf(spec, training);
  const trained = trainedClassifier(spec, training, classifier, ['cat', 'dog', 'owl']);
  const parameters = [...initialParameters(classifier, 1)].map(({ name, shape, data }) => ({
    name,
    shape,
    data: data.map((value, index) => value + index / 100),
  }));
  const trainable = parameters.filter(
    ({ name }) => classifier.parameters.find((each) => each.name === name)?.trainable,
  );
  const contents: CheckpointContents = {
    spec: trained,
    engine: 'test',
    parameters,
    optimizer: { kind: 'adamw', step: 5, firstMoments: trainable, secondMoments: trainable },
    position: { step: 5, epoch: 1, batch: 2 },
    recipe,
    log: { meanLoss: 0.5 },
  };
  const path = join(folder, `${spec.model.name}-${training}.safetensors`);
  await saveCheckpoint(path, contents);
  return path;
}

async function migrate(from: SpecOptions, to: SpecOptions) {
  const path = join(folder, 'old.safetensors');
  const old = contentsOf(compiledSpec(from));
  await saveCheckpoint(path, old);
  const target = compiledSpec(to);
  const found = await findCheckpoint(path);
  const plan = planFor(found, target);
  const contents = await migrateCheckpoint(found, plan, target);
  const out = join(folder, 'new.safetensors');
  await saveCheckpoint(out, contents);
  const get = (tensors: readonly NamedTensor[] | undefined, name: string) =>
    tensors?.find((tensor) => tensor.name === name)?.data;
  return { old, plan, now: await loadCheckpoint(out, target), get, target };
}

describe('a checkpoint of another model', () => {
  it('of the same model comes back as it was', async () => {
    const { old, now } = await migrate({}, {});
    const { spec: _, engine: __, ...expected } = old;
    expect(now).toEqual(expected);
  });

  it('keeps what fits with its optimizer state, and draws the rest anew without any', async () => {
    const { old, now, plan, get } = await migrate(
      { encoder: [16, 2, 2], decoder: [8, 2, 2] },
      { encoder: [16, 3, 2], decoder: [8, 1, 2] },
    );
    const kept = 'blocks.1.attn.qkv.weight';
    const added = 'blocks.2.attn.qkv.weight';
    expect(get(now.parameters, kept)).toEqual(get(old.parameters, kept));
    expect(get(now.optimizer.firstMoments, kept)).toEqual(get(old.optimizer.firstMoments, kept));
    expect(get(now.averages, kept)).toEqual(get(old.averages, kept));
    expect(get(now.optimizer.secondMoments, added)?.every((value) => value === 0)).toBe(true);
    expect(get(now.parameters, added)?.some((value) => value !== 0)).toBe(true);
    expect(get(now.averages, added)).toEqual(get(now.parameters, added));
    expect(plan.dropped.length).toBe(12);
    expect(plan.dropped.every((name) => name.startsWith('decoder_blocks.1.'))).toBe(true);
    expect([now.position, now.log]).toEqual([
      old.position,
      { meanLoss: 0.5, bestLoss: Number.POSITIVE_INFINITY },
    ]);
  });

  it('with further channels keeps those that it had', async () => {
    const { old, now, get } = await migrate({}, { image: [16, 16, 4] });
    // [16, 3, 4, 4] in [16, 4, 4, 4]: channel 2 of output 5, pixel 7.
    const name = 'patch_embed.proj.weight';
    expect(get(now.parameters, name)?.[(5 * 4 + 2) * 16 + 7]).toBe(
      get(old.parameters, name)?.[(5 * 3 + 2) * 16 + 7],
    );
    // The prediction's rows are pixels, then channels: pixel 9, channel 2, input 6 of 8.
    const prediction = 'decoder_pred.weight';
    expect(get(now.parameters, prediction)?.[(9 * 4 + 2) * 8 + 6]).toBe(
      get(old.parameters, prediction)?.[(9 * 3 + 2) * 8 + 6],
    );
  });

  it('interpolates and extends running means as it does the parameters', async () => {
    const { old, now, plan, get } = await migrate(
      { positions: 'learned', registers: 2 },
      { positions: 'learned', registers: 3, image: [24, 16, 3] },
    );
    const fate = (name: string) => plan.planned.find(({ parameter }) => parameter.name === name)?.fate;
    expect(['pos_embed', 'reg_token'].map(fate)).toEqual(['interpolated', 'extended']);
    // The old means are four times the parameters, and interpolation is linear.
    const [positions, means] = [get(now.parameters, 'pos_embed'), get(now.averages, 'pos_embed')];
    expect(means?.length).toBeGreaterThan(get(old.averages, 'pos_embed')?.length ?? Number.NaN);
    means?.forEach((mean, i) => {
      expect(mean).toBeCloseTo(4 * (positions?.[i] ?? Number.NaN), 4);
    });
    const [tokens, tokenMeans] = [get(now.parameters, 'reg_token'), get(now.averages, 'reg_token')];
    expect(tokenMeans?.slice(0, 32)).toEqual(get(old.averages, 'reg_token'));
    expect(tokenMeans?.slice(32)).toEqual(tokens?.slice(32));
  });

  it('is refused where nothing fits, or where it is none', async () => {
    const path = join(folder, 'other.safetensors');
    await saveCheckpoint(path, contentsOf(compiledSpec({})));
    const found = await findCheckpoint(path);
    const strange: CompiledSpec = { ...compiledSpec({}), parameters: [] };
    expect(() => planFor(found, strange)).toThrow('nothing in');
    const weights = join(folder, 'weights.safetensors');
    await writeSafetensors(weights, [{ name: 'a', shape: [1], data: Float32Array.of(1) }], {});
    await expect(findCheckpoint(weights)).rejects.toThrow('does not say what model it is of');
  });
});

describe('a checkpoint of a classifier', () => {
  const options: SpecOptions = { finetune: { classes: 3 }, linearProbe: { classes: 3 } };

  it.each(['finetune', 'linear-probe'] as const)(
    'of %s goes over into one of other classes and depth',
    async (training) => {
      const from = compiledSpec(options);
      const found = await findCheckpoint(await savedClassifier(from, training));
      const to = compiledSpec({ finetune: { classes: 5 }, linearProbe: { classes: 5 }, encoder: [16, 3, 2] });
      const target = targetFor(found, to);
      const plan = planFor(found, target);
      const contents = await migrateCheckpoint(found, plan, target);
      const path = join(folder, `new-${training}.safetensors`);
      await saveCheckpoint(path, contents);

      const now = await loadCheckpoint(path, target);
      const head = training === 'finetune' ? 'head.weight' : 'head.1.weight';
      const fates = new Map(plan.planned.map(({ parameter, fate }) => [parameter.name, fate]));
      expect(fates.get(head)).toBe('extended');
      expect(fates.get('blocks.0.norm1.weight')).toBe('kept');
      expect(fates.get('blocks.2.norm1.weight')).toBe('drawn');
      expect(plan.dropped).toEqual([]);
      const get = (tensors: readonly NamedTensor[], name: string) =>
        tensors.find((tensor) => tensor.name === name)?.data;
      const before = await loadCheckpoint(found.path, {
        ...target,
        ...classifierParameters(from, training),
        model: from.model,
      });
      // [3, 16] in [5, 16]: the rows of the classes that there were.
      expect(get(now.parameters, head)?.slice(0, 48)).toEqual(get(before.parameters, head));
      expect(get(now.parameters, head)?.length).toBe(80);
      expect(get(now.optimizer.firstMoments, head)?.every((value) => value === 0)).toBe(true);
      expect(now.classNames).toEqual(['cat', 'dog', 'owl', 'class 3', 'class 4']);
      expect(now.recipe).toMatchObject({ classes: 5, epochs: from.recipes[training]?.epochs });
    },
  );

  it('is refused where the new model has no classifier of the sort', async () => {
    const found = await findCheckpoint(await savedClassifier(compiledSpec(options), 'finetune'));
    expect(() => targetFor(found, compiledSpec({ linearProbe: { classes: 3 } }))).toThrow(
      'has no finetune recipe',
    );
  });
});

const side = fc.record(
  {
    image: fc.constantFrom([16, 16, 3] as const, [16, 16, 4] as const, [32, 16, 3] as const),
    encoder: fc.constantFrom([16, 1, 2] as const, [16, 3, 2] as const, [32, 2, 2] as const),
    decoder: fc.constantFrom([8, 1, 2] as const, [8, 2, 1] as const, [16, 1, 2] as const),
    classTokens: fc.constantFrom(0, 1, 2),
    registers: fc.constantFrom(0, 2),
    qkvBias: fc.boolean(),
    layerScale: fc.constantFrom(0, 0.1),
    positions: fc.constantFrom('sincos-2d' as const, 'learned' as const, 'none' as const),
    mask: fc.record({ tokensInEncoder: fc.boolean() }),
  },
  { requiredKeys: [] },
);

/** What a migration may do with a tensor of which the diff says so. */
const allowed: Readonly<Record<TensorFate, readonly MigrationFate[]>> = {
  kept: ['kept'],
  renamed: [],
  interpolable: ['interpolated', 'computed'],
  sliced: ['sliced', 'interpolated', 'computed'],
  extended: ['extended', 'interpolated', 'computed'],
  replaced: ['drawn', 'computed'],
  new: ['drawn', 'computed'],
  dropped: [],
};

/** A model and its parameters, of which no graph is compiled. */
function architecture(options: SpecOptions): MigrationTarget {
  const spec = modelSpec(options);
  return {
    model: compiledSpecSchema.shape.model.parse(modelData(spec)),
    parameters: maskedAutoencoderGraph(spec).parameters.map(({ name, shape, initializer, trainable }) => ({
      name,
      shape: [...shape],
      permutation: [...shape.keys()],
      storedShape: [...shape],
      initializer,
      trainable,
      decay: false,
    })),
  };
}

it('does with each tensor what mae diff says of it', () => {
  fc.assert(
    fc.property(side, side, (from, to) => {
      const [old, now] = [architecture(from), architecture(to)];
      const shapes = new Map(old.parameters.map(({ name, shape }) => [name, shape]));
      const { planned, dropped } = planMigration({ model: old.model, shapes }, now);
      const fates = new Map(planned.map(({ parameter, fate }) => [parameter.name, fate]));
      const { weights } = diffSpecs(modelSpec(from), modelSpec(to));
      for (const row of weights) {
        const fate = row.new && fates.get(row.new.name);
        if (fate) expect(allowed[row.fate], `${row.new?.name}: ${row.fate}`).toContain(fate);
        else expect(dropped).toContain(row.old?.name);
      }
      expect(weights.flatMap((row) => row.new ?? []).length).toBe(planned.length);
    }),
    { numRuns: 40, seed: 3 },
  );
});

describe('carrying numbers over', () => {
  const count = (length: number) => Float32Array.from({ length }, (_, index) => index + 1);

  it('copies what two shapes share', () => {
    const wider = copyOverlap(count(6), [2, 3], new Float32Array(8), [2, 4]);
    expect([...wider]).toEqual([1, 2, 3, 0, 4, 5, 6, 0]);
    expect([...copyOverlap(count(8), [2, 2, 2], new Float32Array(4), [2, 1, 2])]).toEqual([1, 2, 5, 6]);
  });

  it('keeps the rows of a grid when tokens before it come and go', () => {
    const grid = { height: 1, width: 2 };
    const [one, two] = [count(6), count(8)];
    expect([...placePositions(two, { grid, prefix: 2 }, { grid, prefix: 1 })]).toEqual([1, 2, 5, 6, 7, 8]);
    expect([...placePositions(one, { grid, prefix: 1 }, { grid, prefix: 2 })]).toEqual([
      1, 2, 0, 0, 3, 4, 5, 6,
    ]);
  });
});

describe('mae migrate', () => {
  async function mae(...argv: string[]) {
    const { io, texts } = recordingIo();
    const exitCode = await main(argv, io);
    return {
      exitCode,
      out: texts.out.replaceAll(`${folder}/`, ''),
      error: texts.error.replaceAll(`${folder}/`, ''),
    };
  }

  it('writes a checkpoint whose weights mae diff finds to be those of the new model', async () => {
    const checkpoint = join(folder, 'run.safetensors');
    await saveCheckpoint(checkpoint, contentsOf(compiledSpec({})));
    const before = await readFile(checkpoint);
    const model = join(folder, 'spec.json');
    await writeFile(model, specJsonOf({ name: 'wider', decoder: [16, 2, 2], registers: 2 }));

    const dry = await mae('migrate', checkpoint, '--to', model, '--dry-run');
    expect(dry.error).toBe('');
    expect(dry.out).toMatch(/^kept {12}31 tensors: .*\n/);
    expect(dry.out).toContain('drawn anew');
    expect(dry.out).toMatch(/^running means {3}go along with the parameters \(EMA\)$/m);
    const { exitCode, out } = await mae('migrate', checkpoint, '--to', model);
    expect([exitCode, out]).toEqual([0, `${dry.out}wrote           run-wider.safetensors\n`]);
    expect(await readFile(checkpoint)).toEqual(before);

    const diff = await mae('diff', join(folder, 'run-wider.safetensors'), model, '--fail-on', 'cosmetic');
    expect(diff.out).toContain('the same: 1 model, nothing differs');
    expect(diff.exitCode).toBe(0);

    const classifier = await savedClassifier(compiledSpec({ finetune: { classes: 3 } }), 'finetune');
    const other = join(folder, 'classes.json');
    await writeFile(other, specJsonOf({ finetune: { classes: 2 } }));
    const report = await mae('diff', classifier, other);
    expect(report.out).toContain('fine-tuning: classes 3 → 2');
    // A row for head.weight and head.bias; the encoder and its norm stay, and the decoder is not spoken of.
    expect(report.out).toMatch(/weights {2}\d+ kept, 2 sliced\n/);
    expect(report.out).not.toContain('decoder_');
    const migrated = await mae(
      'migrate',
      classifier,
      '--to',
      other,
      '--out',
      join(folder, 'two.safetensors'),
    );
    expect([migrated.exitCode, migrated.error]).toEqual([0, '']);
    expect(migrated.out).toContain('sliced          2 tensors: head.weight, head.bias\n');
    expect(migrated.out).not.toContain('running means');
    const fits = await mae('diff', join(folder, 'two.safetensors'), other, '--fail-on', 'recipe');
    expect([fits.exitCode, fits.out]).toEqual([0, expect.stringContaining('nothing differs')]);
    const pretrained = await mae('diff', checkpoint, classifier);
    expect(pretrained.out).toContain(
      'checkpoint-training\n          checkpoint of pretraining → fine-tuning: ',
    );
    expect(pretrained.out).toMatch(/new {6}head\.weight/);
    expect(pretrained.out).toMatch(/dropped {2}decoder_blocks\.0/);

    const again = await mae('migrate', checkpoint, '--to', model);
    expect([again.exitCode, again.error]).toEqual([
      1,
      expect.stringContaining('run-wider.safetensors exists already'),
    ]);
  });
});
