import { type ModelSpec, patchGrid } from '../../language/model-spec.ts';
import { counted } from '../../language/words.ts';
import { addsOrDrops, type Rule, same, showNumber, showSize, valueRule, yesOrNo } from './rule.ts';

const stacks = ['encoder', 'decoder'] as const;

/** Names of the position tables that both models have. */
function sharedTables(old: ModelSpec, now: ModelSpec): string[] {
  return stacks
    .filter((stack) => old[stack].positions !== 'none' && now[stack].positions !== 'none')
    .map((stack) => (stack === 'encoder' ? 'pos_embed' : 'decoder_pos_embed'));
}

function gridNote(old: ModelSpec, now: ModelSpec): string {
  const show = (spec: ModelSpec) => {
    const { height, width } = patchGrid(spec);
    return `${height} x ${width}`;
  };
  return same(patchGrid(old), patchGrid(now))
    ? `${show(old)} patches as before`
    : `${show(old)} → ${show(now)} patches`;
}

function withImage(old: ModelSpec, { height, width }: ModelSpec['image']): ModelSpec {
  return { ...old, image: { ...old.image, height, width } };
}

const sameChannels = (old: ModelSpec, now: ModelSpec) => old.image.channels === now.image.channels;

/** Whether the patches do not fill the image exactly, so that it is padded. */
function isPadded(spec: ModelSpec): boolean {
  const { height, width } = patchGrid(spec);
  return height * spec.patch.height !== spec.image.height || width * spec.patch.width !== spec.image.width;
}

/** Changes of what the model sees: the picture and its patches. */
export const pictureRules: readonly Rule[] = [
  valueRule({
    id: 'image-size',
    title: 'pictures of another height or width',
    gravest: 'weights',
    keys: ['model.image'],
    path: 'image',
    subject: 'image size',
    read: ({ image: { height, width } }) => ({ height, width }),
    show: ({ height, width }) => `${height}x${width}`,
    classify: (old, now) =>
      !same(patchGrid(old), patchGrid(now)) && sharedTables(old, now).length > 0 ? 'weights' : 'io',
    notes(old, now) {
      const tables = sharedTables(old, now);
      const interpolate = !same(patchGrid(old), patchGrid(now)) && tables.length > 0;
      return [
        gridNote(old, now),
        ...(interpolate ? [`${tables.join(' and ')} must be interpolated or computed anew`] : []),
      ];
    },
    alone: (old, now) => withImage(old, now.image),
  }),
  valueRule({
    id: 'image-channels',
    title: 'pictures of another number of channels',
    gravest: 'weights',
    keys: ['model.image'],
    path: 'image',
    subject: 'image channels',
    read: ({ image }) => image.channels,
    show: String,
    notes: () => [
      'patch_embed.proj and decoder_pred change shape',
      'each channel has a mean and a deviation of its own',
    ],
    alone: (old, now) => ({ ...old, image: { ...old.image, channels: now.image.channels } }),
  }),
  ...(['mean', 'deviation'] as const).map((statistic) =>
    valueRule({
      id: `image-${statistic}`,
      title: `pictures are normalised with another ${statistic}`,
      gravest: 'io',
      keys: [`image.${statistic}`],
      path: `image.${statistic}`,
      subject: `image ${statistic}`,
      read: ({ image }) => image[statistic],
      show: (values) => values.map(showNumber).join(' '),
      notes: () => ['pictures must be normalised so before they are fed to exported files, too'],
      leaves: (old, now) => !sameChannels(old, now),
    }),
  ),
  valueRule({
    id: 'patch-size',
    title: 'patches of another size',
    gravest: 'weights',
    keys: ['model.patch'],
    path: 'patch',
    subject: 'patch',
    read: ({ patch: { height, width } }) => ({ height, width }),
    show: showSize,
    notes: (old, now) => [gridNote(old, now), 'patch_embed.proj and decoder_pred change shape'],
    alone: (old, { patch: { height, width } }) => ({ ...old, patch: { ...old.patch, height, width } }),
  }),
  valueRule({
    id: 'patch-pad',
    title: 'images that patches do not fill are padded, or no longer allowed',
    gravest: 'numerics',
    keys: ['patch.pad'],
    path: 'patch.pad',
    subject: 'padding',
    read: ({ patch }) => patch.pad,
    show: yesOrNo,
    classify: (old, now) => (isPadded(old) || isPadded(now) ? 'numerics' : 'cosmetic'),
    notes: (old, now) =>
      isPadded(old) || isPadded(now)
        ? ['the last row or column of patches is partly zeros where it is on']
        : ['the patches fill the image exactly, so nothing is padded'],
  }),
  valueRule({
    id: 'accepted-sizes',
    title: 'the encoder and the classifiers take pictures of other sizes',
    gravest: 'io',
    keys: ['model.accept'],
    path: 'accept',
    subject: 'accept',
    read: ({ accept }) => accept,
    show: String,
    notes: (_, now) => [
      now.accept === 'exact'
        ? 'the encoder and the classifiers take pictures of one size only'
        : `the encoder and the classifiers take ${now.accept === 'any' ? 'pictures of any size' : 'multiples of the patch'}`,
    ],
  }),
  valueRule({
    id: 'patch-norm',
    title: 'a layer norm after the patch embedding comes or goes',
    gravest: 'weights',
    keys: ['patch.norm'],
    path: 'patch.norm',
    subject: 'patch norm',
    read: ({ patch }) => patch.norm,
    show: yesOrNo,
    notes: (_, now) => [`${addsOrDrops(now.patch.norm)} patch_embed.norm`],
    alone: (old, now) => ({ ...old, patch: { ...old.patch, norm: now.patch.norm } }),
  }),
  ...(
    [
      ['class-tokens', 'class-token', 'classTokens', 'cls_token', 'class tokens'],
      ['registers', 'registers', 'registers', 'reg_token', 'registers'],
    ] as const
  ).map(([id, key, field, tensor, name]) =>
    valueRule({
      id,
      title: `the encoder has another number of ${name}`,
      gravest: 'weights',
      keys: [`encoder.${key}`],
      path: `encoder.${key}`,
      subject: name,
      read: ({ encoder }) => encoder[field],
      show: String,
      notes: (old, now) => [
        tokenNote(tensor, old.encoder[field], now.encoder[field]),
        featuresNote(old, now),
      ],
      alone: (old, now) => ({ ...old, encoder: { ...old.encoder, [field]: now.encoder[field] } }),
    }),
  ),
];

function tokenNote(tensor: string, old: number, now: number): string {
  if (old === 0 || now === 0) return `${addsOrDrops(now > 0)} ${tensor}`;
  const rows = counted(Math.abs(now - old), 'row', 'rows');
  return `${tensor} and the tables of positions have ${rows} ${now > old ? 'more' : 'fewer'}`;
}

function featuresNote(old: ModelSpec, now: ModelSpec): string {
  const tokens = (spec: ModelSpec) => {
    const { height, width } = patchGrid(spec);
    return spec.encoder.classTokens + spec.encoder.registers + height * width;
  };
  return `encoder.onnx yields ${tokens(old)} → ${tokens(now)} tokens`;
}
