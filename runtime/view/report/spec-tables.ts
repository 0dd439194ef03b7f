import type { CompiledClassifierRecipe, CompiledRecipe, CompiledSpec } from '../../model/compiled-spec.ts';
import { formatBytes, formatCount, formatMillions } from '../../train/format.ts';
import type { Fact, FactGroup } from './contents.ts';

/** What of a compiled model the tables show. */
export type TabledSpec = Pick<CompiledSpec, 'model' | 'tokens' | 'cost'>;

/**
 * A spec and the recipe that it is trained with as tables: every value, defaults too. Values of the recipe whose keys are
 * `overridden` are marked as the command line's.
 */
export function specTables(
  { model, tokens, cost }: TabledSpec,
  recipe: CompiledRecipe | CompiledClassifierRecipe,
  overridden: readonly string[] = [],
): FactGroup[] {
  const { image, patch, encoder, decoder, mask, loss } = model;
  return [
    { name: 'Pictures and patches', facts: facts({ image, patch, tokens }) },
    { name: 'Encoder', facts: facts(encoder) },
    { name: 'Decoder', facts: facts(decoder) },
    { name: 'Mask and loss', facts: facts({ mask, loss }) },
    { name: 'Size', facts: sizeFacts(cost) },
    { name: `Recipe ${recipe.name}`, facts: recipeFacts(recipe, overridden) },
  ];
}

function recipeFacts({ name: _, ...recipe }: CompiledRecipe, overridden: readonly string[]): Fact[] {
  return leaves(recipe).map(([keys, value]) => ({
    name: label(keys),
    value: valueText(keys, value),
    ...(overridden.includes(keys.at(-1) ?? '') ? { note: 'command line' } : {}),
  }));
}

function sizeFacts({
  parameters,
  forwardFlops,
  trainingFlops,
  trainingActivationBytes,
}: CompiledSpec['cost']): Fact[] {
  const flops = (count: number) => `${formatCount(count / 1e9)} GFLOPs`;
  return [
    { name: 'parameters', value: formatMillions(parameters.total) },
    { name: 'of the encoder', value: formatMillions(parameters.encoder) },
    { name: 'of the decoder', value: formatMillions(parameters.decoder) },
    { name: 'trainable', value: formatMillions(parameters.trainable) },
    { name: 'forward pass, a picture', value: flops(forwardFlops.total) },
    { name: 'training step, a picture', value: flops(trainingFlops) },
    { name: 'activations, a picture', value: formatBytes(trainingActivationBytes) },
  ];
}

type Keys = readonly string[];

function facts(values: object): Fact[] {
  return leaves(values).map(([keys, value]) => ({ name: label(keys), value: valueText(keys, value) }));
}

/** Every value with the keys that lead to it. Lists, and a height with a width, are one value. */
function leaves(values: object, before: Keys = []): (readonly [Keys, unknown])[] {
  return Object.entries(values).flatMap(([key, value]: [string, unknown]) => {
    const keys = [...before, key];
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[keys, value] as const];
    const { height, width, ...others } = { height: undefined, width: undefined, ...value };
    return typeof height === 'number' && typeof width === 'number'
      ? [[keys, `${height} × ${width}`] as const, ...leaves(others, keys)]
      : leaves(value, keys);
  });
}

/** Words for keys that are not words, or not enough of them. */
const WORDS: Readonly<Record<string, string>> = {
  warmup: 'warm-up epochs',
  mlpWidth: 'MLP width',
  qkvBias: 'bias of Q, K, V',
  qkNorm: 'norm of Q, K',
  normEpsilon: 'norm ε',
  epsilon: 'ε',
  betas: 'β₁, β₂',
  clip: 'largest gradient norm',
  ema: 'decay of the mean of weights',
  augment: '',
  optimizer: '',
};

/** Labels for values whose keys in a row say something else, or the same twice. */
const LABELS: Readonly<Record<string, string>> = {
  'tokens.patches': 'patches',
  'tokens.visible': 'patches that the encoder sees',
  'tokens.prefix': 'tokens before them',
  'mask.tokensInEncoder': 'mask tokens in the encoder',
  'optimizer.baseLearningRate': 'base learning rate',
  'optimizer.learningRatePer': 'for a batch of',
  'augment.crop': 'crop, share of the area',
  'augment.aspect': 'crop, width over height',
};

/** A kind is told as what it is the kind of; groups that only hold values together are not told. */
function label(keys: Keys): string {
  const known = LABELS[keys.join('.')];
  if (known !== undefined) return known;
  const last = keys.at(-1) ?? '';
  if (last === 'kind') return words(keys.at(-2) ?? '', {});
  return keys
    .map((key) => words(key, WORDS))
    .filter((word) => word !== '')
    .join(' ');
}

/** "layerScale" → "layer scale". */
function words(key: string, known: Readonly<Record<string, string>>): string {
  return known[key] ?? key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

const share = (value: number): string => `${Number((100 * value).toPrecision(4))} %`;

/** Values that say more in their own way, by their dotted keys. */
const FORMATS: Readonly<Record<string, (value: number) => string>> = {
  'mask.ratio': share,
  layerScale: (value) => (value === 0 ? 'none' : String(value)),
  clip: (value) => (value === 0 ? 'any' : String(value)),
  ema: (value) => (value === 0 ? 'none' : String(value)),
};

function valueText(keys: Keys, value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.map((each) => valueText([], each)).join(', ');
  if (typeof value !== 'number') return String(value);
  return FORMATS[keys.join('.')]?.(value) ?? numberText(value);
}

/** 0.000001 is more easily read as 1e-6. */
function numberText(value: number): string {
  const short = Number(value.toPrecision(4));
  return value !== 0 && Math.abs(value) < 1e-3
    ? short.toExponential()
    : String(Number.isInteger(value) ? value : short);
}

/** Groups of facts as Markdown tables. */
export function factsMarkdown(groups: readonly FactGroup[]): string {
  const cell = (text: string) =>
    text.replace(/[\\|<>*_`]/g, (character) => `\\${character}`).replace(/\s+/g, ' ');
  return groups
    .map(({ name, facts: rows }) =>
      [
        `### ${cell(name)}`,
        '',
        '| | |',
        '| --- | --- |',
        ...rows.map(
          (fact) => `| ${cell(fact.name)} | ${cell(fact.value)}${fact.note ? ` (${cell(fact.note)})` : ''} |`,
        ),
      ].join('\n'),
    )
    .join('\n\n');
}
