import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { main } from '../../cli/main.ts';
import { runPretraining } from '../../runtime/cli/generated-trainer.ts';
import type { PretrainingEngine } from '../../runtime/engine/engine.ts';
import { openEngine } from '../../runtime/engine/open-engine.ts';
import { Random } from '../../runtime/random.ts';
import { maskingFromNoise } from '../../runtime/train/masking.ts';
import { readLog } from '../../runtime/train/run-log.ts';
import { loadCheckpoint, loadWeights } from '../../runtime/weights/checkpoint.ts';
import { type CompiledModelFolder, compileToFolder } from '../support/compiled-model.ts';
import { modelSpec } from '../support/specs.ts';
import { drawPictures } from '../train/tiny-run.ts';

let folder = '';
let pictures = '';
let model: CompiledModelFolder;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mae-compiled-'));
  pictures = await drawPictures(join(folder, 'pictures'), 18);
  model = await compileToFolder(modelSpec({ name: 'small', target: 'normalized-pixels' }));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await model.remove();
});

/** Runs `mae` in this process; what it wrote, and its exit code. */
async function mae(...argv: string[]) {
  const written: string[] = [];
  const stream = { isTTY: false, columns: 100, write: (text: string) => written.push(text) };
  return { exitCode: await main(argv, { stdout: stream, stderr: stream }), text: written.join('') };
}

const pretrain = (out: string, ...more: string[]) =>
  mae('pretrain', model.directory, '--data', pictures, '--out', join(folder, out), '--threads', '1', ...more);

describe('a compiled model', () => {
  test('gives the same bits stopped and resumed as in one go', async () => {
    expect((await pretrain('whole')).exitCode).toBe(0);
    for (const more of [['--steps', '3'], ['--resume', '--steps', '2'], ['--resume']]) {
      expect((await pretrain('parts', ...more)).exitCode).toBe(0);
    }
    const [whole, parts] = await Promise.all(
      ['whole', 'parts'].map((out) =>
        loadCheckpoint(join(folder, out, 'checkpoint.safetensors'), model.spec),
      ),
    );
    // Two epochs of four batches of four; two pictures are left over.
    expect(whole?.position).toEqual({ step: 8, epoch: 2, batch: 0 });
    expect(parts?.parameters).toEqual(whole?.parameters);
    expect(parts?.optimizer).toEqual(whole?.optimizer);
  });

  test('draws its reconstructions', async () => {
    const checkpoint = join(folder, 'whole', 'checkpoint.safetensors');
    const out = join(folder, 'drawn.png');
    const { exitCode, text } = await mae(
      ...['reconstruct', model.directory, '--checkpoint', checkpoint, '--data', pictures],
      ...['--count', '3', '--out', out, '--device', 'cpu'],
    );
    expect({ exitCode, text }).toEqual({
      exitCode: 0,
      text: expect.stringMatching(
        /^engine .*\nwhy .*\nweights {3}checkpoint.safetensors: parameters\nlook at {3}(.*)\n$/,
      ),
    });
    expect(text).toContain(`look at   ${out}\n`);
    const { format, width, height } = await sharp(out).metadata();
    expect(format).toBe('png');
    // Three pictures of three cells, each twelve times as large as its 16 pixels.
    expect(Math.min(width, height)).toBeGreaterThan(3 * 16 * 12);
    const again = await mae(
      ...['reconstruct', model.directory, '--checkpoint', checkpoint, join(pictures, 'none.png')],
      ...['--out', out],
    );
    expect(again.exitCode).toBe(1);
    expect(again.text).toContain('none.png: the file is missing');
  });
});

describe('an exported model', () => {
  let engine: PretrainingEngine;
  beforeAll(async () => {
    engine = await openEngine('onnx', { spec: model.spec, directory: model.directory, threads: 1 });
    const checkpoint = join(folder, 'whole', 'checkpoint.safetensors');
    await engine.loadParameters(await loadWeights(checkpoint, model.spec));
  });
  afterAll(() => engine.dispose());

  const size = 3;
  const images = Random.from('export').fillNormal(new Float32Array(size * 3 * 16 * 16));

  async function exported(graph: string, inputs: readonly string[]): Promise<InferenceSession> {
    const out = join(folder, `${graph}.onnx`);
    const checkpoint = join(folder, 'whole', 'checkpoint.safetensors');
    const argv = ['export', model.directory, '--checkpoint', checkpoint, '--graph', graph, '--out', out];
    expect((await mae(...argv)).exitCode).toBe(0);
    const session = await InferenceSession.create(out);
    expect(session.inputNames).toEqual(inputs);
    return session;
  }

  function expectClose(
    actual: ArrayLike<number | bigint> | string[] | undefined,
    wanted: Float32Array,
  ): void {
    expect(actual?.length).toBe(wanted.length);
    const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    wanted.forEach((value, i) => {
      expect(Math.abs(Number(actual?.[i]) - value)).toBeLessThan(2e-6 * largest);
    });
  }

  test('gives the features of the trained encoder', async () => {
    const session = await exported('encoder', ['images']);
    const { features } = await session.run({ images: new Tensor('float32', images, [size, 3, 16, 16]) });
    expect(features?.dims).toEqual([size, 17, 16]);
    expectClose(features?.data, await engine.features(images, size));
    await session.release();
  });

  test('masks by noise and reconstructs as the trained one', async () => {
    const session = await exported('masked-autoencoder', ['images', 'noise']);
    const noise = Random.from('noise').fillUniform(new Float32Array(size * 16));
    const outputs = await session.run({
      images: new Tensor('float32', images, [size, 3, 16, 16]),
      noise: new Tensor('float32', noise, [size, 16]),
    });
    const masking = maskingFromNoise(noise, { size, patches: 16, visible: 4 });
    const expected = await engine.reconstruct({ size, images, masking });
    expect([...(outputs.mask?.data ?? [])]).toEqual([...masking.mask]);
    expectClose(outputs.prediction?.data, expected.prediction);
    expectClose(outputs.loss?.data, Float32Array.of(expected.loss));
    await session.release();
  });
});

describe('a generated trainer', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  });

  /** Runs it as the generated file does, in this process. */
  async function trainer(recipe: typeof model.spec.recipes.pretrain | undefined, ...argv: string[]) {
    const written: string[] = [];
    const keep = (text: string | Uint8Array): boolean => written.push(String(text)) > 0;
    vi.spyOn(process.stdout, 'write').mockImplementation(keep);
    vi.spyOn(process.stderr, 'write').mockImplementation(keep);
    const directory = pathToFileURL(`${model.directory}/`);
    await runPretraining({ directory, ...(recipe ? { recipe } : {}), argv });
    return { exitCode: process.exitCode, text: written.join('') };
  }

  test('says how it is used', async () => {
    const { exitCode, text } = await trainer(undefined, '--help');
    expect(exitCode).toBe(0);
    expect(text).toMatch(/ {2}node \S*small-\w+\/pretrain\.js --data pictures\n/);
  });

  test('trains with its own recipe', async () => {
    const recipe = { ...model.spec.recipes.pretrain, epochs: 1, warmup: 0, batch: 6 };
    const out = join(folder, 'generated');
    const { exitCode, text } = await trainer(recipe, '--data', pictures, '--out', out, '--threads', '1');
    expect(exitCode).toBe(0);
    expect(text).toContain('3 in 1 epoch of 3');
    expect(text).toContain(`look at   ${join(out, 'reconstruction.png')}`);
    const saved = await loadCheckpoint(join(out, 'checkpoint.safetensors'), model.spec);
    expect(saved.recipe).toEqual(recipe);
  });

  test('says what is wrong with a recipe that was edited', async () => {
    const recipe = { ...model.spec.recipes.pretrain, epochs: Number.NaN, batch: 2.5 };
    const { exitCode, text } = await trainer(recipe, '--data', pictures);
    expect(exitCode).toBe(1);
    expect(text).toMatch(/the recipe of the trainer is wrong in epochs: .*; batch: /);
  });
});

describe('ctrl-C', () => {
  const project = fileURLToPath(new URL('../../', import.meta.url));
  let built = '';

  /** Compiled JavaScript, inside the project so that its dependencies are found. */
  beforeAll(async () => {
    built = await mkdtemp(join(project, 'node_modules', '.cache', 'mae-built-'));
    const compiler = join(project, 'node_modules', 'typescript', 'bin', 'tsc');
    await writeFile(join(built, 'package.json'), '{ "type": "module" }');
    await writeFile(
      join(built, 'tsconfig.json'),
      JSON.stringify({
        extends: join(project, 'tsconfig.json'),
        compilerOptions: {
          rootDir: project,
          outDir: built,
          noCheck: true,
          declaration: false,
          sourceMap: false,
        },
        include: [join(project, 'cli')],
      }),
    );
    await promisify(execFile)(process.execPath, [compiler, '-p', join(built, 'tsconfig.json')]);
  });
  afterAll(() => rm(built, { recursive: true, force: true }));

  test('saves, says how to go on, and ends with 130; the command that it says goes on', async () => {
    const out = join(folder, 'interrupted');
    const argv = ['pretrain', model.directory, '--data', pictures, '--out', out, '--epochs', '100000'];
    const child = spawn(process.execPath, [join(built, 'cli', 'mae.js'), ...argv]);
    const written: string[] = [];
    const training = new Promise<void>((resolve) => {
      child.stdout.on('data', () => written.join('').includes('epoch 1/') && resolve());
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => written.push(String(text)));
    const ended = new Promise<number | null>((resolve) => {
      child.on('close', resolve);
    });
    await training;
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    const text = written.join('');
    expect(text).toContain('stopping after this step');
    const goOn = text.match(/^go on {5}mae (.*)$/m)?.[1] ?? '';
    expect(goOn).toBe([...argv, '--resume'].join(' '));

    const { position } = await loadCheckpoint(join(out, 'checkpoint.safetensors'), model.spec);
    expect(position.step).toBeGreaterThan(0);
    expect((await mae(...goOn.split(' '), '--steps', '2')).exitCode).toBe(0);
    const steps = (await readLog(join(out, 'log.jsonl'))).flatMap((line) =>
      line.event === 'step' ? [line.step] : [],
    );
    expect(steps).toEqual(Array.from({ length: position.step + 2 }, (_, i) => i + 1));
    expect(await readFile(join(out, 'log.jsonl'), 'utf8')).toContain('"status":"interrupted"');
  });
});
