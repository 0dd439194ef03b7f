import { type MaskSpec, type ModelSpec, patchGrid, visiblePatches } from '../../language/model-spec.ts';
import type { ChangeClass } from '../../language/schema/change-class.ts';
import { percent } from '../../language/words.ts';
import { type Rule, showSize, valueRule, yesOrNo } from './rule.ts';

/** Whether a change of the mask keeps another number of patches, in the picture of either model. */
function changesVisible(old: ModelSpec, now: ModelSpec, change: (mask: MaskSpec, to: MaskSpec) => MaskSpec) {
  const differs = (spec: ModelSpec, other: ModelSpec) =>
    visiblePatches(patchGrid(spec), spec.mask) !==
    visiblePatches(patchGrid(spec), change(spec.mask, other.mask));
  return differs(old, now) || differs(now, old);
}

/** With another number of visible patches: of other shapes, unless the encoder runs on as many tokens all the same. */
function visibleClass({ mask: old }: ModelSpec, { mask: now }: ModelSpec): ChangeClass {
  return old.tokensInEncoder && now.tokensInEncoder ? 'numerics' : 'io';
}

function visibleNote(old: ModelSpec, now: ModelSpec): string {
  const visible = (spec: ModelSpec) => visiblePatches(patchGrid(spec), spec.mask);
  const all = (spec: ModelSpec) => patchGrid(spec).height * patchGrid(spec).width;
  const text = `the encoder sees ${visible(old)} of ${all(old)} → ${visible(now)} of ${all(now)} patches in pretraining`;
  return visible(old) === visible(now) && all(old) === all(now)
    ? `the encoder sees ${visible(old)} of ${all(old)} patches in pretraining as before`
    : text;
}

/** What a change that keeps another number of patches does, and what it does to the exported file. */
function visibleNotes(old: ModelSpec, now: ModelSpec): string[] {
  const tokens = ({ encoder }: ModelSpec) => encoder.classTokens + encoder.registers;
  const latent = (spec: ModelSpec) => tokens(spec) + visiblePatches(patchGrid(spec), spec.mask);
  const changes = visibleClass(old, now) === 'io' && latent(old) !== latent(now);
  return [
    visibleNote(old, now),
    ...(changes ? [`latent of masked-autoencoder.onnx has ${latent(old)} → ${latent(now)} tokens`] : []),
  ];
}

const withRatio = (mask: MaskSpec, { ratio }: MaskSpec): MaskSpec => ({ ...mask, ratio });
const withKind = (mask: MaskSpec, { kind }: MaskSpec): MaskSpec => ({ ...mask, kind });
const withUnit = (mask: MaskSpec, { unit }: MaskSpec): MaskSpec => ({ ...mask, unit });

const lossNote =
  'masked-autoencoder.onnx yields another loss; predictions and features of the same weights stay';

/** Changes of what pretraining asks for: the mask and the loss. */
export const objectiveRules: readonly Rule[] = [
  valueRule({
    id: 'mask-kind',
    title: 'patches to remove are chosen in another way',
    gravest: 'io',
    keys: ['model.mask'],
    path: 'mask',
    subject: 'mask',
    read: ({ mask }) => mask.kind,
    show: String,
    classify: (old, now) => {
      const differs =
        visiblePatches(patchGrid(old), old.mask) !== visiblePatches(patchGrid(now), now.mask) ||
        changesVisible(old, now, withKind);
      return differs ? visibleClass(old, now) : 'recipe';
    },
    notes: visibleNotes,
    alone: (old, now) => ({ ...old, mask: withKind(old.mask, now.mask) }),
  }),
  valueRule({
    id: 'mask-ratio',
    title: 'another share of the patches is removed',
    gravest: 'io',
    keys: ['model.mask'],
    path: 'mask',
    subject: 'mask ratio',
    read: ({ mask }) => mask.ratio,
    show: percent,
    classify: (old, now) => (changesVisible(old, now, withRatio) ? visibleClass(old, now) : 'cosmetic'),
    notes: visibleNotes,
    alone: (old, now) => ({ ...old, mask: withRatio(old.mask, now.mask) }),
  }),
  valueRule({
    id: 'mask-unit',
    title: 'a grid mask removes units of another size',
    gravest: 'io',
    keys: ['mask.unit'],
    path: 'mask.unit',
    subject: 'mask unit',
    read: ({ mask }) => mask.unit,
    show: showSize,
    classify: (old, now) => {
      if (old.mask.kind !== 'grid' && now.mask.kind !== 'grid') return 'cosmetic';
      return changesVisible(old, now, withUnit) ? visibleClass(old, now) : 'recipe';
    },
    notes: (old, now) =>
      old.mask.kind === 'grid' || now.mask.kind === 'grid'
        ? visibleNotes(old, now)
        : ['only a grid mask has units'],
    alone: (old, now) => ({ ...old, mask: withUnit(old.mask, now.mask) }),
  }),
  valueRule({
    id: 'mask-tokens-in-encoder',
    title: 'the encoder runs on mask tokens, or no longer does',
    gravest: 'weights',
    keys: ['mask.tokens-in-encoder'],
    path: 'mask.tokens-in-encoder',
    subject: 'mask tokens in the encoder',
    read: ({ mask }) => mask.tokensInEncoder,
    show: yesOrNo,
    notes: (_, { mask }) => [
      `mask_token is one of the ${mask.tokensInEncoder ? 'encoder' : 'decoder'} instead of the ${mask.tokensInEncoder ? 'decoder' : 'encoder'}`,
    ],
    alone: (old, now) => ({ ...old, mask: { ...old.mask, tokensInEncoder: now.mask.tokensInEncoder } }),
  }),
  valueRule({
    id: 'loss-kind',
    title: 'predictions are measured in another way',
    gravest: 'numerics',
    keys: ['model.loss'],
    path: 'loss',
    subject: 'loss',
    read: ({ loss }) => loss.kind,
    show: String,
    notes: () => [lossNote],
  }),
  valueRule({
    id: 'loss-on',
    title: 'the predictions of other patches count',
    gravest: 'numerics',
    keys: ['loss.on'],
    path: 'loss.on',
    subject: 'loss on',
    read: ({ loss }) => loss.on,
    show: String,
    notes: () => [lossNote],
    alone: (old, now) => ({ ...old, loss: { ...old.loss, on: now.loss.on } }),
  }),
  valueRule({
    id: 'loss-target',
    title: 'something else is predicted',
    gravest: 'io',
    keys: ['loss.target'],
    path: 'loss.target',
    subject: 'loss target',
    read: ({ loss }) => loss.target,
    show: String,
    notes: () => [
      'predictions of masked-autoencoder.onnx mean something else and must be drawn in another way',
    ],
  }),
];
