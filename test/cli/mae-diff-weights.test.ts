import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { main } from '../../cli/main.ts';
import type { DiffReport } from '../../compiler/diff/report.ts';
import { embedWeights } from '../../runtime/cli/embed-weights.ts';
import { loadWeights } from '../../runtime/weights/checkpoint.ts';
import { edited, type Graph, type ModelProto } from '../diff/onnx/support.ts';
import { type CompiledModelFolder, compileToFolder } from '../support/compiled-model.ts';
import { drawColours, toySpec } from '../train/tiny-classifier.ts';

let folder = '';
let model: CompiledModelFolder;
const at = (...names: string[]): string => join(folder, ...names);

/** Runs `mae` in this process; names in `folder` without it. */
async function mae(...argv: string[]) {
  const written = { out: '', error: '' };
  const stream = (name: 'out' | 'error') => ({
    isTTY: false,
    columns: 100,
    write(text: string) {
      written[name] += stripVTControlCharacters(text).replaceAll(`${folder}/`, '');
    },
  });
  const exitCode = await main(argv, { stdout: stream('out'), stderr: stream('error') });
  return { exitCode, ...written };
}

async function done(...argv: string[]): Promise<void> {
  expect(await mae(...argv)).toMatchObject({ exitCode: 0, error: '' });
}

const diff = (old: string, now: string, ...options: string[]) => mae('diff', at(old), at(now), ...options);

async function report(old: string, now: string): Promise<DiffReport> {
  const { out, error } = await diff(old, now, '--format', 'json');
  expect(error).toBe('');
  return JSON.parse(out);
}

async function rowsOf(old: string, now: string) {
  const { onnx } = await report(old, now);
  return new Map(onnx?.weights.map((row) => [row.name, row]));
}

/** Writes a changed copy of an ONNX file. */
async function change(file: string, copy: string, edit: (graph: Graph, model: ModelProto) => void) {
  await writeFile(
    at(copy),
    edited(await readFile(at(file)), (whole, graph) => edit(graph, whole)),
  );
}

const initializer = (graph: Graph, name: string) => {
  const found = graph.initializer?.find((tensor) => tensor.name === name);
  if (!found?.rawData) throw new Error(`no initializer ${name}`);
  return { tensor: found, bytes: found.rawData };
};

const CHECKPOINT = 'pretrain/checkpoint.safetensors';
const OTHER = 'other/checkpoint.safetensors';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mae-diff-weights-'));
  const pictures = await drawColours(at('pictures'), { blue: 8, green: 8, red: 8 });
  model = await compileToFolder(toySpec({ finetune: { ema: 0.9 } }));
  const train = (command: string, out: string, ...more: string[]) =>
    done(
      ...[
        command,
        model.directory,
        '--data',
        pictures,
        '--out',
        at(out),
        '--device',
        'cpu',
        '--threads',
        '1',
      ],
      ...more,
    );
  await train('pretrain', 'pretrain', '--batch', '6', '--steps', '2');
  await train('pretrain', 'other', '--batch', '6', '--steps', '2', '--seed', '9');
  await train('finetune', 'finetune', '--from', at(CHECKPOINT), '--steps', '3');
  await train('linear-probe', 'probe', '--from', at(CHECKPOINT), '--steps', '3');
  const exported = (checkpoint: string, graph: string, out: string) =>
    done('export', model.directory, '--checkpoint', at(checkpoint), '--graph', graph, '--out', at(out));
  await exported(CHECKPOINT, 'encoder', 'encoder.onnx');
  await exported(CHECKPOINT, 'masked-autoencoder', 'whole.onnx');
  await exported('finetune/checkpoint.safetensors', 'classifier', 'classifier.onnx');
  await exported('probe/checkpoint.safetensors', 'classifier', 'probe.onnx');
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await model.remove();
});

describe('an exported file and its checkpoint', () => {
  test.each([
    { file: 'encoder.onnx', checkpoint: CHECKPOINT, graph: 'encoder', without: / without \d+ tensors/ },
    { file: 'whole.onnx', checkpoint: CHECKPOINT, graph: 'masked-autoencoder', without: / bit by bit/ },
    // The running means of the parameters, which the checkpoint keeps beside these.
    { file: 'classifier.onnx', checkpoint: 'finetune/checkpoint.safetensors', graph: 'finetune-classifier' },
    { file: 'probe.onnx', checkpoint: 'probe/checkpoint.safetensors', graph: 'linear-probe-classifier' },
  ])('$file was exported from it, in either order', async ({ file, checkpoint, graph, without }) => {
    for (const sides of [[file, checkpoint] as const, [checkpoint, file] as const]) {
      const { gravest, onnx } = await report(...sides);
      expect(gravest).toBeNull();
      expect(onnx?.compiledFrom?.yes).toBe(true);
      expect(onnx?.exportedFrom?.yes).toBe(true);
      expect(onnx?.exportedFrom?.answer).toContain(`yes: ${graph} of toy was exported from this checkpoint`);
      if (without) expect(onnx?.exportedFrom?.answer).toMatch(without);
      expect([...new Set(onnx?.weights.map(({ fate }) => fate))].filter((fate) => fate !== 'unused')).toEqual(
        ['kept'],
      );
      expect((await diff(...sides, '--fail-on', 'cosmetic')).exitCode).toBe(0);
    }
  });

  test('each tensor of both is in one row; what the graph does without is unused', async () => {
    const rows = await rowsOf('encoder.onnx', CHECKPOINT);
    const parameters = model.spec.parameters.map(({ name }) => name);
    expect([...rows.keys()].sort()).toEqual([...parameters].sort());
    const unused = [...rows.values()].filter(({ fate }) => fate === 'unused').map(({ name }) => name);
    expect(unused).toEqual(parameters.filter((name) => /^decoder_|^mask_token/.test(name)).sort());
  });

  test('a flipped bit is found in the right tensor, stored transposed or not', async () => {
    await change('encoder.onnx', 'flipped.onnx', (graph) => {
      // The lowest bit of one fraction, and the sign of another number.
      const weight = initializer(graph, 'blocks.0.attn.qkv.weight').bytes;
      weight[4 * 7] = (weight[4 * 7] ?? 0) ^ 1;
      const bias = initializer(graph, 'norm.bias').bytes;
      new DataView(bias.buffer, bias.byteOffset).setFloat32(8, 0.25, true);
    });
    const rows = await rowsOf('flipped.onnx', CHECKPOINT);
    const changed = [...rows.values()].filter(({ fate }) => fate === 'changed');
    expect(changed.map(({ name }) => name)).toEqual(['blocks.0.attn.qkv.weight', 'norm.bias']);
    const [weights, bias] = changed.map(({ numbers }) => numbers);
    expect(weights).toMatchObject({ differing: 1 });
    expect(weights?.largest).toBeGreaterThan(0);
    expect(weights?.largest).toBeLessThan(1e-7);
    const official = (await loadWeights(at(CHECKPOINT), model.spec)).find(({ name }) => name === 'norm.bias');
    expect(bias).toEqual({
      differing: 1,
      of: official?.data.length,
      largest: Math.abs(0.25 - (official?.data[2] ?? Number.NaN)),
    });
    const { exitCode, out } = await diff('flipped.onnx', CHECKPOINT, '--fail-on', 'numerics');
    expect(exitCode).toBe(1);
    expect(out).toMatch(/^no: of the \d+ weights of the graph \d+ are the checkpoint’s, bit by bit; 2 have/m);
  });

  test('a number that is none differs by nothing that can be measured', async () => {
    await change('encoder.onnx', 'nan.onnx', (graph) => {
      const { bytes } = initializer(graph, 'norm.bias');
      new DataView(bytes.buffer, bytes.byteOffset).setFloat32(0, Number.NaN, true);
    });
    const row = (await rowsOf('nan.onnx', CHECKPOINT)).get('norm.bias');
    expect(row?.numbers).toMatchObject({ differing: 1, largest: null });
    expect((await diff('nan.onnx', CHECKPOINT)).out).toContain('some of them not finite');
  });

  test('another checkpoint of the same model is told from it', async () => {
    const { onnx, gravest } = await report('encoder.onnx', OTHER);
    expect([onnx?.exportedFrom?.yes, onnx?.compiledFrom?.yes, gravest]).toEqual([false, true, 'numerics']);
    const rows = new Map(onnx?.weights.map((row) => [row.name, row]));
    expect(rows.get('pos_embed')?.fate).toBe('kept');
    // By hand: the largest distance between the two files of weights.
    const [a, b] = await Promise.all(
      [CHECKPOINT, OTHER].map(async (file) => {
        const all = await loadWeights(at(file), model.spec);
        return all.find(({ name }) => name === 'blocks.0.mlp.fc1.weight')?.data ?? new Float32Array();
      }),
    );
    const distances = [...(a ?? [])].map((value, index) => Math.abs(value - (b?.[index] ?? Number.NaN)));
    expect(rows.get('blocks.0.mlp.fc1.weight')?.numbers).toEqual({
      differing: distances.filter((distance) => distance > 0).length,
      of: distances.length,
      largest: Math.max(...distances),
    });
  });

  test('a checkpoint of another training lacks the head, and has no such graph', async () => {
    const { onnx, gravest } = await report('classifier.onnx', CHECKPOINT);
    expect([gravest, onnx?.compiledFrom, onnx?.exportedFrom?.yes]).toEqual(['weights', null, false]);
    expect(onnx?.exportedFrom?.answer).toMatch(/\d+ are not in the checkpoint$/);
    const rows = await rowsOf('classifier.onnx', CHECKPOINT);
    expect(rows.get('head.weight')?.fate).toBe('dropped');
    expect((await rowsOf(CHECKPOINT, 'classifier.onnx')).get('head.weight')?.fate).toBe('new');
  });

  test('a compiled graph holds no weights', async () => {
    const graph = join(model.directory, 'onnx/encoder.onnx');
    const { exitCode, out } = await mae('diff', graph, at(CHECKPOINT), '--fail-on', 'io');
    expect(exitCode).toBe(1);
    expect(out).toMatch(/^no: it holds no weights: \d+ parameters are inputs, into which mae export/m);
  });

  test('the same numbers under another name, transposed, and of a file that says nothing of itself', async () => {
    await change('encoder.onnx', 'renamed.onnx', (graph, whole) => {
      whole.metadataProps = [];
      const rename = (name: string) => (name === 'blocks.0.mlp.fc2.weight' ? 'onnx::MatMul_7' : name);
      const { tensor } = initializer(graph, 'blocks.0.mlp.fc2.weight');
      tensor.name = rename(tensor.name ?? '');
      for (const node of graph.node ?? []) node.input = (node.input ?? []).map(rename);
    });
    const { onnx, gravest } = await report('renamed.onnx', CHECKPOINT);
    const row = onnx?.weights.find(({ fate }) => fate === 'renamed');
    expect([row?.name, row?.renamed]).toEqual(['onnx::MatMul_7', 'blocks.0.mlp.fc2.weight']);
    expect([gravest, onnx?.compiledFrom]).toEqual(['cosmetic', null]);
    expect(onnx?.exportedFrom?.answer).toMatch(
      /^no: all \d+ weights in it are the checkpoint’s, bit by bit, but/,
    );
    const back = (await report(CHECKPOINT, 'renamed.onnx')).onnx?.weights.find(
      ({ fate }) => fate === 'renamed',
    );
    expect([back?.name, back?.renamed]).toEqual(['blocks.0.mlp.fc2.weight', 'onnx::MatMul_7']);
  });

  test('a graph that was changed afterwards is found out, weights and all', async () => {
    await change('encoder.onnx', 'graph.onnx', (graph) => {
      const node = graph.node?.find(({ opType }) => opType === 'Erf');
      if (node) node.opType = 'Tanh';
    });
    const { onnx } = await report('graph.onnx', CHECKPOINT);
    expect([onnx?.exportedFrom?.yes, onnx?.compiledFrom?.yes]).toEqual([false, false]);
    expect(onnx?.exportedFrom?.answer).toContain('but its graph is not that of the checkpoint’s model');
    expect((await diff('graph.onnx', CHECKPOINT, '--fail-on', 'numerics')).exitCode).toBe(1);
  });
});

describe('weights in a file of their own', () => {
  beforeAll(async () => {
    await embedWeights({
      graph: join(model.directory, 'onnx/encoder.onnx'),
      parameters: model.spec.parameters,
      weights: await loadWeights(at(CHECKPOINT), model.spec),
      metadata: {},
      out: at('large.onnx'),
      largestEmbedded: 0,
    });
  });

  test('are compared as those in the file', async () => {
    expect((await report('large.onnx', CHECKPOINT)).onnx?.exportedFrom?.yes).toBe(true);
    const { onnx } = await report('large.onnx', OTHER);
    expect(onnx?.weights.find(({ name }) => name === 'norm.bias')?.numbers?.differing).toBeGreaterThan(0);
  });

  test.each([
    ['is missing', async () => rm(at('alone.onnx.data'), { force: true }), 'there is no such file'],
    [
      'ends too early',
      async () => writeFile(at('alone.onnx.data'), (await readFile(at('large.onnx.data'))).subarray(0, 5000)),
      'ends too early',
    ],
  ])('that %s are an error, not a difference', async (_, prepare, because) => {
    await change('large.onnx', 'alone.onnx', (graph) => {
      for (const { externalData } of graph.initializer ?? []) {
        const location = externalData?.find(({ key }) => key === 'location');
        if (location) location.value = 'alone.onnx.data';
      }
    });
    await prepare();
    const { exitCode, out, error } = await diff('alone.onnx', CHECKPOINT);
    expect([exitCode, out]).toEqual([2, '']);
    expect(error).toMatch(/^error {2}cannot read alone\.onnx: /);
    expect(error).toContain(because);
    expect(error).toContain('help   keep the files of an exported model together');
  });
});

describe('two checkpoints', () => {
  test('of the same bits are the same, and it says so', async () => {
    await copyFile(at(CHECKPOINT), at('copy.safetensors'));
    const { exitCode, out } = await diff(CHECKPOINT, 'copy.safetensors', '--fail-on', 'cosmetic');
    const count = model.spec.parameters.length;
    expect(exitCode).toBe(0);
    expect(out).toMatch(
      new RegExp(`^the same: 1 model, nothing differs; of its tensors all ${count} have the same bits$`, 'm'),
    );
  });

  test('of one architecture with other numbers differ in numerics', async () => {
    await writeFile(at('nudged.safetensors'), await readFile(at(CHECKPOINT)));
    const bytes = await readFile(at('nudged.safetensors'));
    const length = Number(bytes.readBigUInt64LE());
    const header = JSON.parse(bytes.toString('utf8', 8, 8 + length));
    bytes.writeFloatLE(5, 8 + length + header['norm.weight'].data_offsets[0]);
    const before = (await loadWeights(at(CHECKPOINT), model.spec)).find(({ name }) => name === 'norm.weight');
    await writeFile(at('nudged.safetensors'), bytes);
    const { models, gravest, counts } = await report(CHECKPOINT, 'nudged.safetensors');
    expect([gravest, counts.numerics, models[0]?.status]).toEqual(['numerics', 1, 'changed']);
    expect(models[0]?.weights.filter(({ numbers }) => numbers?.differing !== 0)).toMatchObject([
      {
        fate: 'kept',
        old: { name: 'norm.weight' },
        numbers: { differing: 1, largest: 5 - (before?.data[0] ?? Number.NaN) },
      },
    ]);
    expect((await diff(CHECKPOINT, 'nudged.safetensors', '--fail-on', 'numerics')).exitCode).toBe(1);
    expect((await diff(CHECKPOINT, 'nudged.safetensors', '--fail-on', 'io')).exitCode).toBe(0);
  });

  test('that end too early are an error', async () => {
    await writeFile(at('short.safetensors'), (await readFile(at(CHECKPOINT))).subarray(0, -100));
    const { exitCode, error } = await diff(CHECKPOINT, 'short.safetensors');
    expect(exitCode).toBe(2);
    expect(error).toMatch(/^error {2}cannot read short\.safetensors: it ends within tensor /);
  });
});

describe('every format shows it', () => {
  const answer =
    /no: of the \d+ weights of the graph \d+ (is|are) the checkpoint’s, bit by bit; \d+ have other numbers, by at most [\d.]+/;
  test.each(['text', 'markdown', 'html', 'github', 'sarif', 'json'])(
    '%s, of an ONNX file',
    async (format) => {
      const { out } = await diff('encoder.onnx', OTHER, '--format', format);
      expect(out.replaceAll('\n', ' ')).toMatch(answer);
      expect(out).toContain('onnx-weight-values');
    },
  );

  test.each(['text', 'markdown', 'html', 'github', 'sarif', 'json'])(
    '%s, of two checkpoints',
    async (format) => {
      const { out } = await diff(CHECKPOINT, OTHER, '--format', format);
      expect(out).toContain('weight-values');
      expect(out.replaceAll(/\s+/g, ' ')).toMatch(/\d+ of \d+ tensors have other numbers, by at most/);
      const same = await diff(CHECKPOINT, CHECKPOINT, '--format', format);
      const bits = format === 'json' ? '"differing": 0' : 'have the same bits';
      expect(same.out).toContain(bits);
    },
  );
});
