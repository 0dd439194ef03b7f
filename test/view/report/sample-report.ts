import type { LossPoint } from '../../../runtime/view/loss-series.ts';
import type { ReportContents } from '../../../runtime/view/report/contents.ts';
import { lossCharts, measureChart } from '../../../runtime/view/report/loss-charts.ts';

/** A picture of one white pixel. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mP4DwABAQEAG7buVgAAAABJRU5ErkJggg==',
  'base64',
);

/** 120 steps in 12 epochs: the loss is 1 / step, the learning rate 0.001 times the step. */
export const POINTS: readonly LossPoint[] = Array.from({ length: 120 }, (_, i) => ({
  step: i + 1,
  epoch: (i + 1) / 10,
  loss: 1 / (i + 1),
  learningRate: 0.001 * (i + 1),
}));

/** A report that has every section. */
export const SAMPLE: ReportContents = {
  title: 'vit-sample',
  task: 'Fine-tuning',
  description: 'First paragraph.\n\nSecond one.',
  status: { state: 'finished', text: 'epoch 12 of 12' },
  about: [
    { name: 'recipe', value: 'sample-recipe' },
    { name: 'engine', value: 'an engine' },
  ],
  results: [{ name: 'loss', value: '0.0083', note: 'mean of epoch 12' }],
  curves: {
    stepsPerEpoch: 10,
    charts: [
      ...lossCharts(POINTS),
      measureChart('Validation accuracy', ' %', [
        {
          name: 'top-1',
          points: [
            [10, 25],
            [120, 75],
          ],
        },
      ]),
    ],
  },
  pictures: [{ title: 'Reconstructions', alternative: 'A white pixel', png: PNG }],
  classification: {
    top1: 0.75,
    top5: 1,
    classes: [
      { name: 'cat', pictures: 30, top1: 0.9, top5: 1 },
      { name: 'dog', pictures: 10, top1: 0.3, top5: 1 },
    ],
    confusion: [
      [27, 3],
      [7, 3],
    ],
  },
  tables: [{ title: 'Epochs', columns: ['epoch', 'loss'], rows: [['1', '0.3']] }],
  spec: [{ name: 'Encoder', facts: [{ name: 'width', value: '192', note: 'command line' }] }],
  madeBy: 'mae-compiler test',
};
