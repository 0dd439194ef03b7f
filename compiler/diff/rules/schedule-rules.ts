import { percent } from '../../language/words.ts';
import { roughPercent } from '../numbers.ts';
import { peakNote, recipeValue } from './recipe-value.ts';
import { type Rule, showNumber } from './rule.ts';

function passes(old: number, now: number): string {
  return `${roughPercent((now - old) / old)} ${now > old ? 'more' : 'fewer'} passes through the pictures`;
}

/** Changes of how long, in what steps and from which start a training goes. */
export const scheduleRules: readonly Rule[] = [
  recipeValue({
    id: 'recipe-name',
    key: 'file.recipe',
    path: '',
    title: 'another recipe is used, or the recipe has another name',
    gravest: 'cosmetic',
    read: ({ name }) => name,
    show: String,
    notes: () => ['what differs in it is listed by itself'],
  }),
  recipeValue({
    id: 'recipe-epochs',
    key: 'recipe.epochs',
    path: 'epochs',
    title: 'the training goes through the pictures more or fewer times',
    read: ({ epochs }) => epochs,
    show: String,
    notes: (old, now) => [passes(old.epochs, now.epochs)],
  }),
  recipeValue({
    id: 'recipe-warmup',
    key: 'recipe.warmup',
    path: 'warmup',
    title: 'the learning rate rises over another number of epochs',
    read: ({ warmup }) => warmup,
    show: showNumber,
    notes: (old, now) => [
      `${percent(Number((old.warmup / old.epochs).toPrecision(3)))} → ${percent(Number((now.warmup / now.epochs).toPrecision(3)))} of the epochs`,
    ],
  }),
  recipeValue({
    id: 'recipe-batch',
    key: 'recipe.batch',
    path: 'batch',
    title: 'a step of the optimizer sees another number of pictures',
    read: ({ batch }) => batch,
    show: String,
    notes: (old, now) => [peakNote(old, now)],
  }),
  recipeValue({
    id: 'recipe-accumulate',
    key: 'recipe.accumulate',
    path: 'accumulate',
    title: 'a batch is cut into another number of micro-batches',
    read: ({ accumulation }) => accumulation,
    show: String,
    notes: (old, now) => [
      `${showNumber(old.batch / old.accumulation)} → ${showNumber(now.batch / now.accumulation)} pictures in memory at once`,
    ],
  }),
  recipeValue({
    id: 'recipe-recompute',
    key: 'recipe.recompute',
    path: 'recompute',
    title: 'a step computes another part of its forward pass twice',
    read: ({ recompute }) => recompute,
    show: String,
    notes: (_, { recompute }) => [
      recompute === 'blocks'
        ? 'the same gradients with fewer activations in memory, for about a fifth more time'
        : 'the same gradients in less time, with all activations in memory',
    ],
  }),
  recipeValue({
    id: 'recipe-precision',
    key: 'recipe.precision',
    path: 'precision',
    title: 'a step computes its matrix products in another type',
    read: ({ precision }) => precision,
    show: String,
    notes: (_, { precision }) => [
      precision === 'float16'
        ? 'matrix products in float16 with a scaled loss, on WebGPU with shader-f16; parameters and checkpoints stay float32'
        : 'all in float32',
    ],
  }),
  recipeValue({
    id: 'recipe-minimum-lr',
    key: 'schedule.minimum-lr',
    path: 'schedule.minimum-lr',
    title: 'the learning rate ends elsewhere',
    read: ({ minimumLearningRate }) => minimumLearningRate,
    show: showNumber,
  }),
  recipeValue({
    id: 'recipe-clip',
    key: 'recipe.clip',
    path: 'clip',
    title: 'gradients are clipped at another norm',
    read: ({ clip }) => clip,
    show: showNumber,
    notes: (_, { clip }) => [
      clip === 0
        ? 'gradients are no longer clipped'
        : `gradients are scaled down to a norm of ${showNumber(clip)}`,
    ],
  }),
  recipeValue({
    id: 'recipe-ema',
    key: 'recipe.ema',
    path: 'ema',
    title: 'the running mean of the parameters decays otherwise, comes or goes',
    read: ({ ema }) => ema,
    show: showNumber,
    notes: (old, now) =>
      now.ema === 0
        ? ['no running mean is kept']
        : [
            old.ema === 0
              ? 'a running mean of the parameters is kept and evaluated'
              : 'the running mean looks back otherwise',
          ],
  }),
  recipeValue({
    id: 'recipe-seed',
    key: 'recipe.seed',
    path: 'seed',
    title: 'the training draws other random numbers',
    read: ({ seed }) => seed,
    show: String,
    notes: () => ['all that the training draws at random is drawn otherwise'],
  }),
];
