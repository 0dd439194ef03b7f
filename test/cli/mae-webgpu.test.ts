import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../runtime/weights/safetensors.ts';
import { relativeDeviation } from '../reference/reference-case.ts';
import { type CompiledModelFolder, compileToFolder } from '../support/compiled-model.ts';
import { hasTestAdapter } from '../support/graphics-adapter.ts';
import { drawColours, toySpec } from '../train/tiny-classifier.ts';
import { mae, readFeatures, strongWeights, succeed } from './use-support.ts';

/** Shaders are compiled at the first run of each graph, which takes a while in software. */
const TIMEOUT = 300_000;
const TOLERANCE = 1e-4;

const hasAdapter = await hasTestAdapter();

describe.runIf(hasAdapter)('what a trained model says on WebGPU is what it says on the CPU:', () => {
  let folder = '';
  let pictures = '';
  let model: CompiledModelFolder;
  const at = (...names: string[]): string => join(folder, ...names);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mae-webgpu-'));
    pictures = await drawColours(at('pictures'), { blue: 2, green: 2, red: 2 });
    model = await compileToFolder(
      toySpec({ accept: 'multiples', positions: 'learned', finetune: { pooling: 'mean' } }),
    );
    await writeSafetensors(at('weights.safetensors'), strongWeights(model.spec));
  });
  afterAll(async () => {
    await model.remove();
    await rm(folder, { recursive: true, force: true });
  });

  const command = (name: string, ...more: string[]): string[] => [
    ...[name, model.directory, '--checkpoint', at('weights.safetensors'), '--data', pictures],
    ...['--threads', '1', ...more],
  ];

  it.each([
    ['features', []],
    ['features of a block of pictures of another size', ['--layer', '1', '--image', '12x20']],
  ])('%s', { timeout: TIMEOUT }, async (_, options) => {
    const [onCpu, onGpu] = await Promise.all(
      ['cpu', 'webgpu'].map(async (device) => {
        const file = at(`${device}.safetensors`);
        const argv = command('features', '--out', file, '--pooling', 'tokens', '--device', device);
        return { out: await succeed(...argv, ...options), ...(await readFeatures(file)) };
      }),
    );
    expect(onGpu?.out).toMatch(/^engine {4}ONNX Runtime [\d.]+ on WebGPU, .+, float32/m);
    expect(onGpu?.out).toMatch(/^why {7}--device webgpu asks for it/m);
    expect(onGpu?.shape).toEqual(onCpu?.shape);
    expect(relativeDeviation(onGpu?.values ?? [], onCpu?.values ?? [])).toBeLessThan(TOLERANCE);
  });

  it.each([
    ['classifications', ['--training', 'finetune', '--split', 'all']],
    ['nearest neighbours', ['--knn', '--neighbours', '3', '--validation', '0.5']],
  ])('%s', { timeout: TIMEOUT }, async (_, options) => {
    const measured = async (device: string): Promise<{ loss: number | null }> => {
      const argv = command('evaluate', '--json', '--device', device, ...options);
      const { exitCode, out, error } = await mae(...argv);
      expect({ exitCode, error }).toEqual({
        exitCode: 0,
        error: expect.stringContaining(`--device ${device}`),
      });
      return JSON.parse(out);
    };
    const { loss: expectedLoss, ...expected } = await measured('cpu');
    const { loss, ...actual } = await measured('webgpu');
    expect(actual).toEqual(expected);
    const deviation = Math.abs((loss ?? 0) - (expectedLoss ?? 0)) / Math.abs(expectedLoss ?? 1);
    expect(deviation).toBeLessThan(TOLERANCE);
  });
});
