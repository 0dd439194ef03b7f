import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OptimizerState, OptimizerUpdate } from '../../../runtime/engine/engine.ts';
import { relativeDeviation } from '../../reference/reference-case.ts';
import {
  ADAMW,
  byName,
  copies,
  gradientsOf,
  PARAMETERS,
  randomTensors,
  SGD,
  trainable,
  UPDATES,
} from './stored-model.ts';
import { STORES, type TestedStore } from './stores.ts';

describe.each(Object.entries(STORES))('the parameters of the %s engine', (engine, open) => {
  let tested: TestedStore;

  beforeEach(async () => {
    tested = await open(PARAMETERS);
    await tested.store.loadParameters(randomTensors('value'));
  });
  afterEach(() => tested.close());

  const stepWith = async (update: OptimizerUpdate, key = 'gradient') => {
    await tested.accumulate(gradientsOf(key));
    return tested.store.update(update);
  };

  describe('optimizer state', () => {
    it.each(UPDATES.map((update) => [update.kind, update] as const))(
      'of %s goes on as if it had not stopped',
      async (kind, update) => {
        const { store } = tested;
        await stepWith(update, 'one');
        await stepWith(update, 'two');
        const [parameters, state] = [await store.readParameters(), await store.readOptimizerState()];
        const saved: OptimizerState = {
          ...state,
          firstMoments: copies(state.firstMoments),
          secondMoments: copies(state.secondMoments),
        };
        await stepWith(update, 'three');
        const expected = await store.readParameters();
        const second = await open(PARAMETERS);
        await second.store.loadParameters(parameters);
        await second.store.loadOptimizerState(saved);
        await second.accumulate(gradientsOf('three'));
        await second.store.update(update);
        expect(await second.store.readParameters()).toEqual(expected);
        second.close();
        expect([saved.kind, saved.step]).toEqual([kind, 2]);
        expect(saved.firstMoments.map(({ name }) => name)).toEqual(['weight', 'bias']);
        expect(saved.secondMoments.map(({ name }) => name)).toEqual(
          kind === 'adamw' ? ['weight', 'bias'] : [],
        );
      },
    );

    it('is not one that another optimizer goes on from', async () => {
      const { store } = tested;
      await stepWith(SGD);
      const before = await store.readParameters();
      await expect(stepWith(ADAMW)).rejects.toThrow(
        'the optimizer state is of 1 step with SGD; AdamW cannot go on from it',
      );
      expect(await store.readParameters()).toEqual(before);
      await store.update(SGD);
      expect((await store.readOptimizerState()).step).toBe(2);
    });

    it('has the moments that its optimizer has', async () => {
      const { store } = tested;
      await stepWith(ADAMW);
      const { firstMoments, secondMoments } = await store.readOptimizerState();
      await expect(
        store.loadOptimizerState({ kind: 'lars', step: 3, firstMoments, secondMoments }),
      ).rejects.toThrow('LARS has no second moments; the state has 2');
      await expect(
        store.loadOptimizerState({ kind: 'adamw', step: 3, firstMoments, secondMoments: [] }),
      ).rejects.toThrow(/second moment/);
      expect((await store.readOptimizerState()).step).toBe(1);
    });

    it('of no steps is one that any optimizer begins from, with moments of zero', async () => {
      const { store } = tested;
      const moments = randomTensors('moment', trainable);
      await store.loadOptimizerState({
        kind: 'adamw',
        step: 0,
        firstMoments: moments,
        secondMoments: moments,
      });
      await stepWith(SGD);
      const fresh = await open(PARAMETERS);
      await fresh.store.loadParameters(randomTensors('value'));
      await fresh.accumulate(gradientsOf('gradient'));
      await fresh.store.update(SGD);
      expect(await store.readParameters()).toEqual(await fresh.store.readParameters());
      fresh.close();
    });
  });

  describe('clipping', () => {
    it('scales the gradients of all together', async () => {
      const [large, small] = [
        new Map([
          ['weight', new Array(15).fill(2)],
          ['bias', new Array(7).fill(-2)],
        ]),
        new Map([
          ['weight', new Array(15).fill(2e-3)],
          ['bias', new Array(7).fill(-2e-3)],
        ]),
      ];
      const plain: OptimizerUpdate = {
        kind: 'sgd',
        learningRate: 1,
        momentum: 0,
        nesterov: false,
        weightDecay: 0,
        clip: 0.5,
      };
      const before = byName(await tested.store.readParameters());
      await tested.accumulate(large);
      const { gradientNorm = Number.NaN } = await tested.store.update(plain);
      expect(gradientNorm).toBeCloseTo(2 * Math.sqrt(22), 5);
      const after = byName(await tested.store.readParameters());
      const moved = ['weight', 'bias'].flatMap((name) =>
        Array.from(after.get(name) ?? [], (value, i) => value - (before.get(name)?.[i] ?? 0)),
      );
      expect(Math.hypot(...moved)).toBeCloseTo(0.5, 5);
      await tested.accumulate(small);
      expect((await tested.store.update(plain)).gradientNorm).toBeCloseTo(2e-3 * Math.sqrt(22), 8);
      const last = byName(await tested.store.readParameters());
      expect((last.get('bias')?.[0] ?? 0) - (after.get('bias')?.[0] ?? 0)).toBeCloseTo(2e-3, 6);
      await tested.accumulate(small);
      expect(await tested.store.update(SGD)).toEqual({});
    });

    it('takes no step from gradients that are not finite', async () => {
      const { store, accumulate } = tested;
      await stepWith(ADAMW);
      const before = [await store.readParameters(), copies((await store.readOptimizerState()).firstMoments)];
      await accumulate(
        new Map([
          ['weight', new Array(15).fill(1)],
          ['bias', [0, 0, 0, Number.NaN, 0, 0, 0]],
        ]),
      );
      await expect(store.update({ ...ADAMW, clip: 1 })).rejects.toThrow(
        'the gradients are not finite: no step was taken',
      );
      expect([await store.readParameters(), copies((await store.readOptimizerState()).firstMoments)]).toEqual(
        before,
      );
      await expect(store.update({ ...ADAMW, clip: 0 })).rejects.toThrow('a norm above 0, not to 0');
    });
  });

  if (engine === 'tfjs') {
    it('leave as many tensors as there were', async () => {
      const all = async () => {
        const { store, accumulate, close } = await open(PARAMETERS);
        for (const update of UPDATES) {
          await store.loadOptimizerState({
            kind: update.kind,
            step: 0,
            firstMoments: randomTensors('m', trainable),
            secondMoments: update.kind === 'adamw' ? randomTensors('m', trainable) : [],
          });
          for (const key of ['one', 'two']) {
            await accumulate(gradientsOf(key));
            await store.update({ ...update, clip: 0.1 });
            await store.updateAverages(0.5);
            await store.useAverages(true);
            if (key === 'one') await store.useAverages(false);
            else await store.readAverages();
          }
          await store.useAverages(false);
        }
        await store.useAverages(true);
        close();
      };
      const before = tf.memory().numTensors;
      await all();
      expect(tf.memory().numTensors).toBe(before);
    });
  }
});

describe('the parameters of both engines agree', () => {
  it.each(UPDATES.map((update) => [update.kind, update] as const))(
    'after three clipped steps with %s',
    async (_, update) => {
      const rateScales = new Map([['weight', 0.5]]);
      const run = async (open: (typeof STORES)[string]) => {
        const { store, accumulate, close } = await open(PARAMETERS);
        await store.loadParameters(randomTensors('value'));
        const norms: number[] = [];
        for (const key of ['one', 'two', 'three']) {
          await accumulate(gradientsOf(key));
          await accumulate(gradientsOf(`more of ${key}`));
          const { gradientNorm = Number.NaN } = await store.update({ ...update, clip: 2, rateScales });
          norms.push(gradientNorm);
          await store.updateAverages(0.5);
        }
        const { step, firstMoments, secondMoments } = await store.readOptimizerState();
        const tensors = [
          ...(await store.readParameters()),
          ...(await store.readAverages()),
          ...firstMoments,
          ...secondMoments,
        ];
        const read = [...copies(tensors), { name: 'norms', shape: [3], data: Float32Array.from(norms) }];
        close();
        return { step, read };
      };
      const [first, ...others] = await Promise.all(Object.values(STORES).map(run));
      expect(others.length).toBe(Object.keys(STORES).length - 1);
      for (const { step, read } of others) {
        expect(step).toBe(3);
        expect(read.map(({ name }) => name)).toEqual(first?.read.map(({ name }) => name));
        for (const [index, { name, data }] of read.entries()) {
          expect(relativeDeviation(data, first?.read[index]?.data ?? []), name).toBeLessThan(1e-6);
        }
      }
    },
  );
});
