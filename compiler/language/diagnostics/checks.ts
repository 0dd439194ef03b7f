import { diagnosticRule as rule } from '../diagnostic.ts';
import { counted, listOf, percent, quote } from '../words.ts';

/** Keys and values that do not mean anything, or nothing that can be trained. */
export const checkDiagnostics = {
  unknownKey: rule<{ key: string; place: string }>(
    'MAE201',
    'error',
    'a key that the language does not have',
    ({ key, place }) => `${place} has no key ${quote(key)}`,
  ),
  duplicateKey: rule<{ key: string }>(
    'MAE202',
    'error',
    'a key given twice in a block',
    ({ key }) => `${key} is given twice`,
    () => 'keep one of the two',
  ),
  missingKeys: rule<{ owner: string; keys: readonly string[]; examples: readonly string[] }>(
    'MAE203',
    'error',
    'a block without the keys it needs',
    ({ owner, keys }) => `${owner} lacks ${listOf(keys)}`,
    ({ examples }) =>
      `add, for example: ${examples.slice(0, 3).join(', ')}${examples.length > 3 ? ', …' : ''}`,
  ),
  headsDoNotDivideWidth: rule<{ width: number; heads: number; nearest: readonly number[] }>(
    'MAE204',
    'error',
    'a width that its attention heads cannot share equally',
    ({ width, heads }) => `width ${width} is not a multiple of heads ${heads}`,
    ({ nearest }) => nearestHelp('width', nearest.map(String)),
  ),
  wrongValue: rule<{ key: string; wanted: string; found: string; example: string }>(
    'MAE205',
    'error',
    'a value of the wrong kind',
    ({ key, wanted, found }) => `${key} takes ${wanted}, not ${found}`,
    ({ example }) => `for example: ${example}`,
  ),
  missingValue: rule<{ key: string; wanted: string; example: string }>(
    'MAE206',
    'error',
    'a key without a value it needs',
    ({ key, wanted }) => `${key} lacks ${wanted}`,
    ({ example }) => `for example: ${example}`,
  ),
  surplusValue: rule<{ key: string; found: string; example: string }>(
    'MAE207',
    'error',
    'more values than a key takes',
    ({ key, found }) => `${key} takes no further value, but here is ${found}`,
    ({ example }) => `for example: ${example}`,
  ),
  outOfBounds: rule<{ key: string; found: string; bounds: string }>(
    'MAE208',
    'error',
    'a value outside its bounds',
    ({ key, found, bounds }) => `${key} ${found} is out of bounds: it must be ${bounds}`,
  ),
  unknownOption: rule<{ key: string; found: string; options: readonly string[] }>(
    'MAE209',
    'error',
    'a name that is none of those a key takes',
    ({ key, found }) => `${key} has no option ${quote(found)}`,
    ({ options }) => `${options.length > 1 ? 'the options are' : 'the only option is'} ${listOf(options)}`,
  ),
  unexpectedBlock: rule<{ key: string }>(
    'MAE210',
    'error',
    'a block behind a key that takes none',
    ({ key }) => `${key} takes no block`,
  ),
  misplacedKey: rule<{ key: string; place: string; places: readonly string[] }>(
    'MAE211',
    'error',
    'a key where it may not stand',
    ({ key, place }) => `${key} may not stand in ${place}`,
    ({ key, places }) => `${key} stands in ${listOf(places, 'or')}`,
  ),
  imageNotInPatches: rule<{ image: string; patch: string; nearest: readonly string[] }>(
    'MAE212',
    'error',
    'an image that its patches do not fill exactly',
    ({ image, patch }) => `image ${image} is not a multiple of patch ${patch}`,
    ({ nearest }) => nearestHelp('size', nearest),
  ),
  positionsNeedFours: rule<{ width: number; nearest: readonly number[] }>(
    'MAE213',
    'error',
    'a width that sine-cosine positions cannot fill',
    ({ width }) => `sincos-2d positions need a width that is a multiple of 4, and ${width} is none`,
    ({ nearest }) => nearestHelp('width', nearest.map(String)),
  ),
  maskLeavesNothing: rule<{ ratio: number; patches: number; visible: number; most: number }>(
    'MAE214',
    'error',
    'a mask that removes all patches or none',
    ({ ratio, patches, visible }) =>
      `the mask of ${percent(ratio)} leaves ${visible} of the ${counted(patches, 'patch', 'patches')} ` +
      `visible and removes ${patches - visible}`,
    ({ patches, visible, most }) => {
      if (patches === 1)
        return 'there must be at least two patches: make the patch smaller or the image larger';
      return visible === 0
        ? `at most ${percent(most)} leaves one visible`
        : 'choose a larger ratio, such as 75%';
    },
  ),
  warmupTooLong: rule<{ warmup: number; epochs: number }>(
    'MAE215',
    'error',
    'a warm-up as long as the training',
    ({ warmup, epochs }) => `warmup ${warmup} is not less than epochs ${epochs}`,
    () => 'the recipes of the paper warm up for 5% to 10% of the epochs',
  ),
  batchNotDivisible: rule<{ batch: number; accumulate: number; nearest: readonly number[] }>(
    'MAE216',
    'error',
    'a batch that its micro-batches do not fill exactly',
    ({ batch, accumulate }) => `batch ${batch} is not a multiple of accumulate ${accumulate}`,
    ({ nearest }) => nearestHelp('batch size', nearest.map(String)),
  ),
  rangeReversed: rule<{ key: string; found: string; swapped: string }>(
    'MAE217',
    'error',
    'a range whose ends are in the wrong order',
    ({ key, found }) => `${key} ${found} ends before it starts`,
    ({ swapped }) => `write ${swapped}`,
  ),
  channelCount: rule<{ key: string; found: number; channels: number }>(
    'MAE218',
    'error',
    'channel statistics for another number of channels',
    ({ key, found, channels }) =>
      `${key} has ${counted(found, 'number', 'numbers')} for ${counted(channels, 'channel', 'channels')}`,
    ({ key, channels }) => `give ${key} one number for each channel: ${channels} of them`,
  ),
  hiddenWidthNotWhole: rule<{ factor: number; width: number; nearest: readonly string[] }>(
    'MAE219',
    'error',
    'an MLP whose hidden width is not a whole number',
    ({ factor, width }) =>
      `mlp ${factor}x of width ${width} is ${Number((factor * width).toPrecision(12))} channels, not a whole number`,
    ({ nearest }) => `write ${listOf(nearest, 'or')}`,
  ),
  tooManyPatches: rule<{ patches: number; limit: number }>(
    'MAE220',
    'error',
    'an image cut into more patches than attention can handle',
    ({ patches, limit }) => `the image has ${patches} patches; at most ${limit} are possible`,
    () => 'make the patch larger or the image smaller',
  ),
  minimumAbovePeak: rule<{ minimum: number; peak: number }>(
    'MAE221',
    'error',
    'a schedule that ends above its peak',
    ({ minimum, peak }) => `minimum-lr ${minimum} is above the peak learning rate ${peak}`,
    () => 'the peak is lr × batch / the batch that lr is given for',
  ),
  maskUnitMisfit: rule<{ unit: string; grid: string }>(
    'MAE222',
    'error',
    'units of a grid mask that do not fill the grid of patches',
    ({ unit, grid }) => `units of ${unit} patches do not fill a grid of ${grid}`,
    () => 'choose a unit whose height and width divide those of the grid',
  ),
  irregularRatio: rule<{ ratio: number; grid: string; ratios: readonly number[] }>(
    'MAE223',
    'error',
    'a ratio at which no regular pattern fits the grid of patches',
    ({ ratio, grid }) => `a regular mask of ${percent(ratio)} does not fit a grid of ${grid} patches`,
    ({ ratios }) =>
      ratios.length === 0
        ? 'no regular pattern fits this grid: choose mask random'
        : `these fit: ${listOf(ratios.map(percent), 'or')}`,
  ),
  wideDecoder: rule<{ decoder: number; encoder: number }>(
    'MAE224',
    'warning',
    'a decoder that is wider than its encoder',
    ({ decoder, encoder }) => `the decoder is ${decoder} wide, wider than the encoder with ${encoder}`,
    () => 'a light decoder suffices and trains faster: 512 for every size of encoder in the paper',
  ),
  lowMaskRatio: rule<{ ratio: number }>(
    'MAE225',
    'warning',
    'a mask that removes few patches',
    ({ ratio }) => `a mask of ${percent(ratio)} leaves a task that is solved by copying neighbours`,
    () => 'the paper finds 40% to 80% good and 75% best (figure 5)',
  ),
  uselessKey: rule<{ key: string; where: string; others: readonly string[] }>(
    'MAE226',
    'error',
    'a key that has no meaning where it is used',
    ({ key, where }) => `${key} has no meaning in ${where}`,
    ({ key, others }) => `leave it out: ${key} is for ${listOf(others)}`,
  ),
  lowLayerDecay: rule<{ factor: number }>(
    'MAE227',
    'warning',
    'a layer decay that hardly trains the first layers',
    ({ factor }) => `layer-decay ${factor} leaves the first layers almost as they were`,
    () => 'the recipes of the paper have 0.65 to 0.75',
  ),
  noClassToken: rule<{ training: string }>(
    'MAE228',
    'error',
    'a classifier on class tokens that the encoder does not have',
    ({ training }) => `${training} pools the class token, and the encoder has none`,
    () => 'write pooling mean, or give the encoder a class-token',
  ),
};

function nearestHelp(what: string, nearest: readonly string[]): string {
  return nearest.length === 1
    ? `the nearest ${what} is ${nearest[0]}`
    : `the nearest ${what}s are ${listOf(nearest)}`;
}
