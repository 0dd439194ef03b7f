import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { maskingTensors, ParameterStore } from 'mae-compiler/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imagesTensor, predictAtAnyRatio } from '../../examples/browser/model/predict.ts';
import { formatWeights, readWeights } from '../../examples/browser/model/weights.ts';
import { MaskedAutoencoder, TOKENS } from '../../generated/vit-pico/model.js';
import { createTfjsEngine } from '../../runtime/engine/tfjs/tfjs-engine.ts';
import type { CompiledSpec } from '../../runtime/model/compiled-spec.ts';
import { loadSpec } from '../../runtime/model/load-spec.ts';
import { Random } from '../../runtime/random.ts';
import { maskingFromNoise } from '../../runtime/train/masking.ts';
import { initialParameters } from '../../runtime/weights/initialize.ts';
import { SafetensorsFile } from '../../runtime/weights/safetensors.ts';
import { scratchFolder } from '../data/scratch-folder.ts';
import { type CompiledModelFolder, compileToFolder } from '../support/compiled-model.ts';
import { compileShipped } from '../support/shipped-specs.ts';

const generated = fileURLToPath(new URL('../../generated/vit-pico/', import.meta.url));
const spec: CompiledSpec = await loadSpec(generated);
const parameters = [...initialParameters(spec, 3)];
const images = Random.from('images').fillNormal(new Float32Array(2 * 3 * 64 * 64));
const noise = Random.from('noise').fillUniform(new Float32Array(2 * 64));
const maskingOf = (visible: number) => maskingFromNoise(noise, { size: 2, patches: 64, visible });

describe('the prediction of the browser example', () => {
  let store: ParameterStore;
  let model: MaskedAutoencoder;
  let halved: CompiledModelFolder;

  beforeAll(async () => {
    // Without this tfjs prints advertisements of its other packages.
    tf.enableProdMode();
    await tf.setBackend('cpu');
    store = new ParameterStore(spec.parameters);
    await store.loadParameters(parameters);
    model = new MaskedAutoencoder(store);
    const compiled = compileShipped(['vit-pico.mask=50%']).models.find(({ name }) => name === 'vit-pico');
    if (compiled === undefined) throw new Error('vit-pico is not among the shipped specs');
    halved = await compileToFolder(compiled);
  });
  afterAll(async () => {
    store.dispose();
    await halved.remove();
  });

  const predict = (visible: number) =>
    tf.tidy(() => predictAtAnyRatio(model, imagesTensor(images, 2), maskingOf(visible)).dataSync());

  it('is that of the compiled class at the ratio of the spec', () => {
    const expected = tf.tidy(() => {
      const masking = maskingTensors(maskingOf(16), TOKENS);
      return model.forward(imagesTensor(images, 2), masking).prediction.dataSync();
    });
    expect(predict(16)).toEqual(expected);
  });

  it('is that of a model compiled for another ratio there', async () => {
    const engine = await createTfjsEngine({ ...halved, backend: 'cpu' });
    await engine.loadParameters(parameters);
    const { prediction } = await engine.reconstruct({ size: 2, images, masking: maskingOf(32) });
    await engine.dispose();
    expect(halved.spec.tokens.visible).toBe(32);
    expect(predict(32)).toEqual(prediction);
  });

  it('leaves no tensors behind', () => {
    const before = tf.memory().numTensors;
    for (const visible of [1, 63]) expect(predict(visible).every(Number.isFinite)).toBe(true);
    expect(tf.memory().numTensors).toBe(before);
  });
});

/** Bit by bit: the test library compares a million numbers slowly. */
function isSame(a: Float32Array, b: Float32Array): boolean {
  const bytes = ({ buffer, byteOffset, byteLength }: Float32Array) =>
    Buffer.from(buffer, byteOffset, byteLength);
  return bytes(a).equals(bytes(b));
}

describe('the weights of the browser example', () => {
  it('are safetensors files that the rest of the project reads', async () => {
    const path = join(await scratchFolder({}), 'weights.safetensors');
    const bytes = formatWeights(parameters, spec);
    await writeFile(path, new Uint8Array(bytes));
    const file = await SafetensorsFile.open(path);
    for (const { name, shape, data } of parameters) {
      expect(file.tensors.get(name)?.shape).toEqual(shape);
      expect(isSame(await file.read(name), data)).toBe(true);
    }
    expect(file.metadata.get('spec_hash')).toBe(spec.hash);
    await file.close();

    const back = readWeights(path, Uint8Array.from(await readFile(path)).buffer, spec);
    expect(back.parameters).toHaveLength(parameters.length);
    for (const { name, data } of back.parameters) {
      const written = parameters.find((parameter) => parameter.name === name);
      expect(isSame(data, written?.data ?? new Float32Array())).toBe(true);
    }
    expect(back.origin).toEqual({ kind: 'checkpoint', file: path });
  });

  it('are refused where they are none', () => {
    const read = (bytes: Uint8Array<ArrayBuffer>) => () => readWeights('other.bin', bytes.buffer, spec);
    expect(read(new Uint8Array(4))).toThrow('other.bin cannot be used: it has only 4 bytes');
    expect(read(new Uint8Array(64).fill(255))).toThrow(
      'it is no safetensors file, or is cut off in its header',
    );
    const whole = new Uint8Array(formatWeights(parameters, spec));
    expect(read(whole.slice(0, -4))).toThrow(
      `it has ${whole.length - 4} bytes, and its header says ${whole.length}`,
    );
    const others = parameters.map((parameter) => ({ ...parameter, name: `other.${parameter.name}` }));
    expect(read(new Uint8Array(formatWeights(others, spec)))).toThrow(
      `it has none of the ${spec.parameters.length} parameters of vit-pico`,
    );
  });
});
