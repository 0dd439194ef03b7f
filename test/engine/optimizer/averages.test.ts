import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OptimizerUpdate } from '../../../runtime/engine/engine.ts';
import { relativeDeviation } from '../../reference/reference-case.ts';
import { ADAMW, byName, copies, gradientsOf, PARAMETERS, randomTensors, trainable } from './stored-model.ts';
import { STORES, type TestedStore } from './stores.ts';

describe.each(Object.entries(STORES))('the parameters of the %s engine', (_, open) => {
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

  describe('averages', () => {
    it('begin as the parameters and then move towards them, frozen ones left out', async () => {
      const { store } = tested;
      expect(await store.readAverages()).toEqual([]);
      await store.updateAverages(0.9);
      expect(copies(await store.readAverages())).toEqual(randomTensors('value', trainable));
      const expected = new Map(randomTensors('value', trainable).map(({ name, data }) => [name, [...data]]));
      for (const [index, decay] of [0.5, 0.9, 0.25].entries()) {
        await stepWith(ADAMW, `step-${index}`);
        await store.updateAverages(decay);
        const values = byName(await store.readParameters());
        for (const [name, average] of expected) {
          const value = values.get(name) ?? [];
          expected.set(
            name,
            average.map((each, i) => decay * each + (1 - decay) * (value[i] ?? 0)),
          );
        }
      }
      const averages = await store.readAverages();
      expect(averages.map(({ name }) => name)).toEqual(['weight', 'bias']);
      for (const { name, data } of averages) {
        expect(relativeDeviation(data, expected.get(name) ?? []), name).toBeLessThan(2e-7);
      }
    });

    it('are used in the place of the parameters, which come back bit for bit', async () => {
      const { store } = tested;
      await store.loadAverages(randomTensors('average', trainable));
      await store.useAverages(true);
      await store.useAverages(true);
      expect(byName(await tested.seen())).toEqual(
        byName([...randomTensors('value').slice(0, 1), ...randomTensors('average', trainable)]),
      );
      expect(await store.readParameters()).toEqual(randomTensors('value'));
      expect(copies(await store.readAverages())).toEqual(randomTensors('average', trainable));
      await store.useAverages(false);
      await store.useAverages(false);
      expect(await tested.seen()).toEqual(randomTensors('value'));
      expect(copies(await store.readAverages())).toEqual(randomTensors('average', trainable));
    });

    it('do not change what training does', async () => {
      const run = async (withAverages: boolean) => {
        const { store, accumulate, close } = await open(PARAMETERS);
        await store.loadParameters(randomTensors('value'));
        for (const key of ['one', 'two']) {
          await accumulate(gradientsOf(key));
          await store.update(ADAMW);
          if (!withAverages) continue;
          await store.updateAverages(0.9);
          await store.useAverages(true);
          await store.useAverages(false);
        }
        const read = await store.readParameters();
        close();
        return read;
      };
      expect(await run(true)).toEqual(await run(false));
    });

    it('refuse what would mix them up with the parameters while they are in use', async () => {
      const { store, accumulate } = tested;
      await expect(store.useAverages(true)).rejects.toThrow('there are no averaged parameters');
      await store.useAverages(false);
      await accumulate(gradientsOf('gradient'));
      await store.updateAverages(0.9);
      await store.useAverages(true);
      const message = 'while the averaged parameters are in use';
      await expect(store.update(ADAMW)).rejects.toThrow(`no step can be taken ${message}`);
      await expect(store.updateAverages(0.9)).rejects.toThrow(`the averages cannot be updated ${message}`);
      await expect(store.loadAverages([])).rejects.toThrow(`no averages can be loaded ${message}`);
      await expect(store.loadParameters([])).rejects.toThrow(`no parameters can be loaded ${message}`);
      await expect(accumulate(gradientsOf('gradient'))).rejects.toThrow(
        `no gradients can be accumulated ${message}`,
      );
      await store.useAverages(false);
      await store.update(ADAMW);
    });

    it('are forgotten when other parameters are loaded, and refused when they are not the model’s', async () => {
      const { store } = tested;
      await store.updateAverages(0.9);
      await store.loadParameters(randomTensors('other'));
      expect(await store.readAverages()).toEqual([]);
      await expect(store.loadAverages(randomTensors('average', trainable).slice(1))).rejects.toThrow(
        /weight/,
      );
      expect(await store.readAverages()).toEqual([]);
      await expect(store.updateAverages(1.5)).rejects.toThrow('by 0 to 1, not by 1.5');
    });
  });
});
