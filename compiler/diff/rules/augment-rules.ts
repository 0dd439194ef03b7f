import { percent } from '../../language/words.ts';
import { type AnyRecipe, recipeValue, showRange } from './recipe-value.ts';
import { type Rule, showNumber, yesOrNo } from './rule.ts';

const randAugments = ({ augment }: AnyRecipe) => (augment.randAugment?.magnitude ?? 0) > 0;
const erases = ({ augment }: AnyRecipe) => (augment.erasing?.probability ?? 0) > 0;
const mixes = ({ augment: { mixing } }: AnyRecipe) => (mixing?.mixup ?? 0) > 0 || (mixing?.cutmix ?? 0) > 0;
const mixesBoth = ({ augment: { mixing } }: AnyRecipe) =>
  (mixing?.mixup ?? 0) > 0 && (mixing?.cutmix ?? 0) > 0;

/** Changes of how pictures are varied in training. */
export const augmentRules: readonly Rule[] = [
  recipeValue({
    id: 'augment-crop',
    key: 'augment.crop',
    path: 'augment.crop',
    title: 'other shares of the pictures are cut out',
    read: ({ augment }) => augment.crop,
    show: showRange(true),
  }),
  recipeValue({
    id: 'augment-aspect',
    key: 'augment.aspect',
    path: 'augment.aspect',
    title: 'what is cut out has other shapes',
    read: ({ augment }) => augment.aspect,
    show: showRange(false),
  }),
  recipeValue({
    id: 'augment-flip',
    key: 'augment.flip',
    path: 'augment.flip',
    title: 'pictures are mirrored, or no longer are',
    read: ({ augment }) => augment.flip,
    show: yesOrNo,
  }),
  recipeValue({
    id: 'augment-color-jitter',
    key: 'augment.color-jitter',
    path: 'augment.color-jitter',
    title: 'colours are changed more or less',
    read: ({ augment }) => augment.colorJitter,
    show: percent,
  }),
  recipeValue({
    id: 'rand-augment',
    key: 'augment.rand-augment',
    path: 'augment.rand-augment',
    title: 'RandAugment distorts pictures more or less',
    read: ({ augment }) => augment.randAugment?.magnitude,
    show: showNumber,
  }),
  recipeValue({
    id: 'rand-augment-deviation',
    key: 'rand-augment.deviation',
    path: 'augment.rand-augment.deviation',
    title: 'the magnitude of RandAugment varies more or less',
    read: ({ augment }) => augment.randAugment?.deviation,
    show: showNumber,
    active: randAugments,
  }),
  recipeValue({
    id: 'rand-augment-increasing',
    key: 'rand-augment.increasing',
    path: 'augment.rand-augment.increasing',
    title: 'the operations of RandAugment all grow with the magnitude, or no longer do',
    read: ({ augment }) => augment.randAugment?.increasing,
    show: yesOrNo,
    active: randAugments,
  }),
  recipeValue({
    id: 'rand-augment-operations',
    key: 'rand-augment.operations',
    path: 'augment.rand-augment.operations',
    title: 'RandAugment draws another number of operations',
    read: ({ augment }) => augment.randAugment?.operations,
    show: String,
    active: randAugments,
  }),
  recipeValue({
    id: 'rand-augment-probability',
    key: 'rand-augment.probability',
    path: 'augment.rand-augment.probability',
    title: 'the operations of RandAugment are carried out more or less often',
    read: ({ augment }) => augment.randAugment?.probability,
    show: percent,
    active: randAugments,
  }),
  recipeValue({
    id: 'erase',
    key: 'augment.erase',
    path: 'augment.erase',
    title: 'rectangles are erased in more or fewer pictures',
    read: ({ augment }) => augment.erasing?.probability,
    show: percent,
  }),
  recipeValue({
    id: 'erase-area',
    key: 'erase.area',
    path: 'augment.erase.area',
    title: 'erased rectangles are of other sizes',
    read: ({ augment }) => augment.erasing?.area,
    show: showRange(true),
    active: erases,
  }),
  recipeValue({
    id: 'erase-aspect',
    key: 'erase.aspect',
    path: 'augment.erase.aspect',
    title: 'erased rectangles have other shapes',
    read: ({ augment }) => augment.erasing?.aspect,
    show: showRange(false),
    active: erases,
  }),
  recipeValue({
    id: 'mixup',
    key: 'augment.mixup',
    path: 'augment.mixup',
    title: 'pictures are blended otherwise',
    read: ({ augment }) => augment.mixing?.mixup,
    show: showNumber,
  }),
  recipeValue({
    id: 'cutmix',
    key: 'augment.cutmix',
    path: 'augment.cutmix',
    title: 'rectangles are exchanged between pictures otherwise',
    read: ({ augment }) => augment.mixing?.cutmix,
    show: showNumber,
  }),
  recipeValue({
    id: 'mix-probability',
    key: 'augment.mix-probability',
    path: 'augment.mix-probability',
    title: 'more or fewer batches are mixed',
    read: ({ augment }) => augment.mixing?.probability,
    show: percent,
    active: mixes,
  }),
  recipeValue({
    id: 'mix-switch',
    key: 'augment.mix-switch',
    path: 'augment.mix-switch',
    title: 'cutmix takes another share of the mixed batches',
    read: ({ augment }) => augment.mixing?.switching,
    show: percent,
    active: mixesBoth,
  }),
];
