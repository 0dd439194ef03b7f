import { expect, it } from 'vitest';
import { compileModel } from '../../compiler/compile-model.ts';
import { memoryTable } from '../../compiler/emit/report/memory-table.ts';
import { totalBytes } from '../../compiler/emit/training-memory.ts';
import { modelSpec } from '../support/specs.ts';

const parts = {
  parameters: 2 ** 20,
  gradients: 2 ** 20,
  moments: 2 ** 21,
  averages: 0,
  activations: 3 * 2 ** 30,
  workspace: 2 ** 22,
};

it('the memory of each training is a line: every part, the sum, and the sum with blocks recomputed', () => {
  const model = {
    name: 'vit-test',
    memory: [
      { training: 'pretrain', pictures: 64, memory: parts, recomputing: 2 ** 29 },
      { training: 'linear-probe', pictures: 1024, memory: { ...parts, averages: 2 ** 20 } },
    ],
  } as const;
  expect(memoryTable([{ model }]).split('\n')).toEqual([
    'training step                  images  parameters  gradients  moments  averages  activations  workspace   in all  recompute blocks',
    'vit-test       pretraining         64     1.0 MiB    1.0 MiB  2.0 MiB         -      3.0 GiB    4.0 MiB  3.0 GiB         512.0 MiB',
    'vit-test       linear probing    1024     1.0 MiB    1.0 MiB  2.0 MiB   1.0 MiB      3.0 GiB    4.0 MiB  3.0 GiB                 -',
  ]);
});

it('is told of each training of a model, at its micro-batch', () => {
  const spec = modelSpec({ finetune: { recompute: 'blocks', accumulation: 2, ema: 0.9 }, linearProbe: {} });
  const { memory, cost } = compileModel(spec);
  const [pretraining, finetuning, probing] = memory;
  expect(memory.map(({ training, pictures }) => [training, pictures])).toEqual([
    ['pretrain', 4],
    ['finetune', 2],
    ['linear-probe', 4],
  ]);
  expect(pretraining?.memory.activations).toBe(4 * cost.trainingActivationBytes);
  expect(totalBytes(parts) - parts.activations).toBe(2 ** 23);
  const saved = cost.trainingActivationBytes - cost.recomputingActivationBytes;
  expect(saved).toBeGreaterThan(0);
  expect(pretraining && totalBytes(pretraining.memory) - (pretraining.recomputing ?? 0)).toBe(4 * saved);
  // A recipe that recomputes already has nothing more to gain, and a frozen encoder keeps nothing.
  expect(finetuning?.recomputing).toBeUndefined();
  expect(finetuning?.memory.averages).toBeGreaterThan(0);
  expect(probing?.recomputing).toBeUndefined();
});
