import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openEngine } from '../../runtime/engine/open-engine.ts';
import { classify } from '../../runtime/train/classify.ts';
import { pretrain } from '../../runtime/train/pretrain.ts';
import { readLog } from '../../runtime/train/run-log.ts';
import { loadWeights } from '../../runtime/weights/checkpoint.ts';
import { refusal } from '../weights/refusal.ts';
import { drawColours } from './tiny-classifier.ts';
import { keepingView, scratchFolder } from './tiny-run.ts';
import { byName, epochsOf, exists, toyRuns } from './toy-runs.ts';

const toy = toyRuns();
const { checkpointOf, initialOf, setting } = toy;

describe('fine-tuning', () => {
  test('needs no pictures for validation', async () => {
    const { out, view, options } = await setting({
      more: { validation: 0, overrides: { epochs: 1, batch: 12 } },
    });
    const result = await classify(options);
    // All 24 pictures.
    expect(result).toMatchObject({ status: 'finished', steps: 2 });
    expect(result.accuracy).toBeUndefined();
    expect(view.lines.join('\n')).toContain('3; no pictures for validation');
    expect((await epochsOf(out))[0]).not.toHaveProperty('test_acc1');
    expect(await exists(join(out, 'predictions.png'))).toBe(true);
    for (const none of ['best.safetensors', 'confusion.png'])
      expect(await exists(join(out, none))).toBe(false);
    expect(await readFile(join(out, 'report.html'), 'utf8')).not.toContain('was not trained on');
  });

  test('takes other pictures for validation, of the same classes', async () => {
    const folder = await scratchFolder();
    const validationData = await drawColours(join(folder, 'others'), { blue: 1, green: 1, red: 3 }, 100);
    const { view, options } = await setting({ more: { validationData, overrides: { epochs: 1 } } });
    expect(await classify(options)).toMatchObject({ steps: 4 });
    expect(view.lines.join('\n')).toContain(`3; 5 pictures for validation, in ${validationData}`);
    const two = await drawColours(join(folder, 'two'), { blue: 1, red: 1 });
    const other = await setting({ more: { validationData: two } });
    const { message } = await refusal(classify(other.options));
    expect(message).toContain('have different classes: only the former has green');
  });

  test('passes over a picture that does not decode, and says so', async () => {
    const folder = await drawColours(join(await scratchFolder(), 'torn'), { blue: 6, green: 6, red: 6 });
    await writeFile(join(folder, 'blue', '000.png'), 'not a picture');
    const { out, view, options } = await setting({
      more: { data: folder, validation: 0, overrides: { epochs: 1 } },
    });
    await classify(options);
    expect(view.warnings.join()).toContain(`skipped ${join(folder, 'blue', '000.png')}`);
    const log = await readLog(join(out, 'log.jsonl'));
    expect(log.filter(({ event }) => event === 'skipped')).toHaveLength(1);
    expect(log[0]?.event).toBe('start');
  });

  test('starts from the encoder of a pretrained model', async () => {
    const { spec, directory } = toy.model;
    const pretrained = join(await scratchFolder(), 'pretrained');
    await pretrain({
      spec,
      data: toy.data,
      out: pretrained,
      maxSteps: 2,
      overrides: { baseLearningRate: 1 },
      view: keepingView(),
      drawEvery: { epochs: 0 },
      openEngine: () => openEngine('onnx', { spec, directory, threads: 1 }),
    });
    const from = join(pretrained, 'checkpoint.safetensors');
    const { out, view, options } = await setting({
      more: { from, maxSteps: 1, validation: 0, overrides: { baseLearningRate: 1e-60 } },
    });
    await classify(options);
    const encoder = byName(await loadWeights(from, spec));
    const [parameters, fresh] = [byName((await checkpointOf(out)).parameters), initialOf('finetune')];
    for (const [name, numbers] of parameters) {
      const isNew = /^(head|fc_norm)\./.test(name);
      expect(numbers, name).toEqual(isNew ? fresh.get(name) : encoder.get(name));
    }
    expect(encoder.get('cls_token')).not.toEqual(fresh.get('cls_token'));
    const notes = view.lines.filter((line) => line.startsWith('note')).join('\n');
    expect(notes).toContain(`starts from the parameters in ${from}`);
    expect(notes).toMatch(/initialised .*head/);
  });
});
