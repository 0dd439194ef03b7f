import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { onTestFinished } from 'vitest';
import { type CompiledSpec, compiledSpecSchema } from '../../runtime/model/compiled-spec.ts';
import { Random } from '../../runtime/random.ts';
import type { RunView } from '../../runtime/train/run-view.ts';

/** 8x8 pictures in four patches, two of them removed, for `LinearEngine`; 3 epochs in batches of 4, two micro-batches each. */
export function tinySpec(): CompiledSpec {
  const transformer = {
    width: 48,
    depth: 1,
    heads: 1,
    mlpWidth: 48,
    qkvBias: true,
    qkNorm: false,
    layerScale: 0,
    dropPath: 0,
    dropout: 0,
    normEpsilon: 1e-6,
    positions: 'sincos-2d',
  };
  const graph = { file: 'onnx/none.onnx', inputs: [], outputs: [] };
  const graphs = ['encoder', 'masked-autoencoder', 'pretrain-gradients', 'pretrain-step'];
  const parameter = { permutation: [0], trainable: true };
  return compiledSpecSchema.parse({
    format: 1,
    compiler: 'test',
    hash: 'f'.repeat(64),
    model: {
      name: 'tiny',
      description: '',
      image: { height: 8, width: 8, channels: 3, mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25] },
      patch: { height: 4, width: 4, pad: false, norm: false },
      accept: 'exact',
      encoder: { ...transformer, classTokens: 0, registers: 0 },
      decoder: transformer,
      mask: { kind: 'random', ratio: 0.5, unit: { height: 1, width: 1 }, tokensInEncoder: false },
      loss: { kind: 'mse', on: 'masked', target: 'pixels' },
    },
    tokens: { patches: 4, visible: 2, prefix: 0 },
    recipes: {
      pretrain: {
        name: 'tiny-recipe',
        epochs: 3,
        warmup: 1,
        batch: 4,
        accumulation: 2,
        recompute: 'none',
        precision: 'float32',
        optimizer: {
          kind: 'adamw',
          baseLearningRate: 0.01,
          learningRatePer: 4,
          betas: [0.9, 0.95],
          epsilon: 1e-8,
          weightDecay: 0.05,
        },
        schedule: 'cosine',
        minimumLearningRate: 0,
        clip: 0,
        ema: 0,
        augment: { crop: [0.2, 1], aspect: [0.75, 4 / 3], flip: true, colorJitter: 0 },
        seed: 7,
      },
    },
    parameters: [
      {
        ...parameter,
        name: 'weight',
        shape: [48, 48],
        permutation: [0, 1],
        storedShape: [48, 48],
        initializer: { kind: 'xavier-uniform', fanIn: 48, fanOut: 48 },
        decay: true,
      },
      {
        ...parameter,
        name: 'bias',
        shape: [48],
        storedShape: [48],
        initializer: { kind: 'zeros' },
        decay: false,
      },
    ],
    graphs: Object.fromEntries(graphs.map((name) => [name, graph])),
    classifiers: {},
    cost: {
      parameters: { total: 2352, encoder: 2304, decoder: 48, trainable: 2352 },
      forwardFlops: { total: 1, encoder: 1, decoder: 0 },
      trainingFlops: 3,
      trainingActivationBytes: 1000,
    },
  });
}

/** A folder that is gone after the test. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mae-train-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Draws small pictures of smooth random colours into a folder: two classes, PNG. */
export async function drawPictures(folder: string, count: number): Promise<string> {
  const size = { width: 12, height: 10 };
  for (let picture = 0; picture < count; picture++) {
    const random = Random.from('test picture', picture);
    const corners = Array.from({ length: 12 }, () => random.uniform(0, 255));
    const pixels = Buffer.alloc(size.width * size.height * 3);
    for (let i = 0; i < pixels.length; i++) {
      const x = (Math.floor(i / 3) % size.width) / (size.width - 1);
      const y = Math.floor(i / 3 / size.width) / (size.height - 1);
      const at = (corner: number): number => corners[corner * 3 + (i % 3)] ?? 0;
      pixels[i] = (at(0) * (1 - x) + at(1) * x) * (1 - y) + (at(2) * (1 - x) + at(3) * x) * y;
    }
    const directory = join(folder, picture % 2 === 0 ? 'even' : 'odd');
    await mkdir(directory, { recursive: true });
    await sharp(pixels, { raw: { ...size, channels: 3 } })
      .png()
      .toFile(join(directory, `${String(picture).padStart(3, '0')}.png`));
  }
  return folder;
}

/** A view that keeps what it was told. */
export function keepingView(): RunView & { readonly lines: string[]; readonly warnings: string[] } {
  const lines: string[] = [];
  const warnings: string[] = [];
  return {
    lines,
    warnings,
    line: (text) => void lines.push(text),
    warn: (text) => void warnings.push(text),
    progress: () => undefined,
    close: () => undefined,
  };
}
