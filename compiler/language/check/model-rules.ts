import type { Report } from '../diagnostic.ts';
import { diagnostics } from '../diagnostics.ts';
import { type MaskSpec, regularCell, type Size, visiblePatches } from '../model-spec.ts';
import { trainingNames } from '../schema/key-entry.ts';
import { maskKinds } from '../schema/model-keys.ts';
import { counted } from '../words.ts';
import type { Configuration } from './configuration.ts';
import { leastCommonMultiple, nearestMultiples } from './nearest.ts';
import { relatedTo } from './related.ts';

/** A condition between values of a model. It says nothing where a value is missing or wrong in itself. */
type ModelRule = (model: Configuration, report: Report) => void;

export function checkModel(model: Configuration, report: Report): void {
  for (const rule of modelRules) rule(model, report);
}

const modelRules: readonly ModelRule[] = [
  imageInPatches,
  patchCount,
  channelStatistics,
  maskFitsGrid,
  maskLeavesBothKinds,
  (model, report) => widthInHeads(model.within('encoder'), report),
  (model, report) => widthInHeads(model.within('decoder'), report),
  (model, report) => positionsFit(model.within('encoder'), report),
  (model, report) => positionsFit(model.within('decoder'), report),
  (model, report) => wholeHiddenWidth(model.within('encoder'), report),
  (model, report) => wholeHiddenWidth(model.within('decoder'), report),
  (model, report) => classTokenToPool(model, 'finetune', report),
  (model, report) => classTokenToPool(model, 'linear-probe', report),
  decoderIsLight,
  maskIsHard,
];

function imageInPatches(model: Configuration, report: Report): void {
  const [height, width] = model.numbers('image') ?? [];
  const [patchHeight, patchWidth] = model.numbers('patch') ?? [];
  const span = model.span('image');
  if (height === undefined || width === undefined || patchHeight === undefined || patchWidth === undefined)
    return;
  if (span === undefined || (height % patchHeight === 0 && width % patchWidth === 0)) return;
  if (model.flag('patch.pad') !== false) return;
  const smaller = [roundTo(height, patchHeight, Math.floor), roundTo(width, patchWidth, Math.floor)].join(
    'x',
  );
  const larger = [roundTo(height, patchHeight, Math.ceil), roundTo(width, patchWidth, Math.ceil)].join('x');
  const patch = patchHeight === patchWidth ? String(patchHeight) : `${patchHeight}x${patchWidth}`;
  report(
    diagnostics.imageNotInPatches.at(
      span,
      { image: `${height}x${width}`, patch, nearest: [...new Set([smaller, larger])] },
      { related: relatedTo(model.span('patch'), `patches of ${patchHeight}x${patchWidth}`) },
    ),
  );
}

function roundTo(value: number, step: number, round: (value: number) => number): number {
  return Math.max(round(value / step), 1) * step;
}

/** Patches of the image; undefined where that is unknown or no whole number. */
function patchesOf(model: Configuration): number | undefined {
  const grid = gridOf(model);
  return grid && grid.height * grid.width;
}

function gridOf(model: Configuration): Size | undefined {
  const [height = Number.NaN, width = Number.NaN] = model.numbers('image') ?? [];
  const [patchHeight = Number.NaN, patchWidth = Number.NaN] = model.numbers('patch') ?? [];
  const grid = { height: height / patchHeight, width: width / patchWidth };
  if (model.flag('patch.pad') === true)
    return { height: Math.ceil(grid.height), width: Math.ceil(grid.width) };
  return Number.isInteger(grid.height) && Number.isInteger(grid.width) ? grid : undefined;
}

/** Attention over more tokens needs over 16 GiB for the weights of one head of one picture. */
const mostPatches = 65_536;

function patchCount(model: Configuration, report: Report): void {
  const patches = patchesOf(model);
  const span = model.span('image');
  if (patches === undefined || span === undefined || patches <= mostPatches) return;
  const related = relatedTo(model.span('patch'), 'the patch');
  report(diagnostics.tooManyPatches.at(span, { patches, limit: mostPatches }, { related }));
}

function channelStatistics(model: Configuration, report: Report): void {
  const channels = model.numbers('image')?.[2];
  if (channels === undefined) return;
  for (const key of ['mean', 'deviation']) {
    const values = model.numbers(`image.${key}`);
    const span = model.span(`image.${key}`);
    if (values === undefined || span === undefined || values.length === channels) continue;
    const related = relatedTo(model.span('image'), counted(channels, 'channel', 'channels'));
    report(diagnostics.channelCount.at(span, { key, found: values.length, channels }, { related }));
  }
}

type MaskLayout = Pick<MaskSpec, 'kind' | 'ratio' | 'unit'>;

function maskOf(model: Configuration): MaskLayout | undefined {
  const kind = model.choice('mask', maskKinds);
  const ratio = model.number('mask', 'ratio');
  const [height, width] = model.numbers('mask.unit') ?? [];
  if (kind === undefined || ratio === undefined || height === undefined || width === undefined)
    return undefined;
  return { kind, ratio, unit: { height, width } };
}

/** What does not go into the patch grid a whole number of times: the units of a grid mask, the cells of a regular one. */
function misfitOf(grid: Size, { kind, ratio, unit }: MaskLayout): 'unit' | 'cell' | undefined {
  const side = regularCell(ratio);
  const fits = ({ height, width }: Size) => grid.height % height === 0 && grid.width % width === 0;
  if (kind === 'grid' && !fits(unit)) return 'unit';
  if (kind === 'regular' && !(Number.isInteger(side) && side > 1 && fits({ height: side, width: side })))
    return 'cell';
  return undefined;
}

function maskFitsGrid(model: Configuration, report: Report): void {
  const grid = gridOf(model);
  const mask = maskOf(model);
  const span = model.span('mask');
  if (grid === undefined || mask === undefined || span === undefined) return;
  const misfit = misfitOf(grid, mask);
  const size = `${grid.height}x${grid.width}`;
  const related = relatedTo(model.span('patch'), `a grid of ${size} patches`);
  if (misfit === 'unit') {
    const unit = `${mask.unit.height}x${mask.unit.width}`;
    report(diagnostics.maskUnitMisfit.at(model.span('mask.unit') ?? span, { unit, grid: size }, { related }));
  } else if (misfit === 'cell') {
    const ratios = [2, 3, 4, 5, 6, 7, 8]
      .filter((side) => grid.height % side === 0 && grid.width % side === 0)
      .map((side) => 1 - 1 / side ** 2);
    report(diagnostics.irregularRatio.at(span, { ratio: mask.ratio, grid: size, ratios }, { related }));
  }
}

function maskLeavesBothKinds(model: Configuration, report: Report): void {
  const grid = gridOf(model);
  const mask = maskOf(model);
  const span = model.span('mask');
  if (grid === undefined || mask === undefined || span === undefined || misfitOf(grid, mask)) return;
  const patches = grid.height * grid.width;
  const { ratio } = mask;
  const visible = visiblePatches(grid, mask);
  if (visible >= 1 && visible < patches) return;
  const related = relatedTo(model.span('patch'), counted(patches, 'patch', 'patches'));
  const most = largestRatio(grid, mask);
  report(diagnostics.maskLeavesNothing.at(span, { ratio, patches, visible, most }, { related }));
}

/**
 * The largest ratio, in hundredths of a percent, that leaves a patch; 5 patches at 80% leave none in double
 * arithmetic.
 */
function largestRatio(grid: Size, mask: MaskLayout): number {
  let hundredths = Math.floor(10_000 * (1 - 1 / (grid.height * grid.width)));
  while (hundredths > 0 && visiblePatches(grid, { ...mask, ratio: hundredths / 10_000 }) < 1) hundredths--;
  return hundredths / 10_000;
}

function widthInHeads(transformer: Configuration, report: Report): void {
  const width = transformer.number('width');
  const heads = transformer.number('heads');
  const span = transformer.span('width');
  if (width === undefined || heads === undefined || span === undefined || width % heads === 0) return;
  const nearest = nearestMultiples(width, widthStep(transformer, heads));
  const related = relatedTo(transformer.span('heads'), `${heads} heads`);
  report(diagnostics.headsDoNotDivideWidth.at(span, { width, heads, nearest }, { related }));
}

function positionsFit(transformer: Configuration, report: Report): void {
  const width = transformer.number('width');
  const heads = transformer.number('heads');
  const span = transformer.span('width');
  if (transformer.name('positions') !== 'sincos-2d' || width === undefined || span === undefined) return;
  // The widths suggested for the heads suit the positions too.
  if (width % 4 === 0 || (heads !== undefined && width % heads !== 0)) return;
  const nearest = nearestMultiples(width, widthStep(transformer, heads ?? 1));
  const related = relatedTo(transformer.span('positions'), 'sincos-2d');
  report(diagnostics.positionsNeedFours.at(span, { width, nearest }, { related }));
}

/** What the width must be a multiple of: the heads; and half of the sines and half of the cosines go to each axis. */
function widthStep(transformer: Configuration, heads: number): number {
  return transformer.name('positions') === 'sincos-2d' ? leastCommonMultiple(heads, 4) : heads;
}

function classTokenToPool(model: Configuration, training: 'finetune' | 'linear-probe', report: Report): void {
  if (model.name(`${training}.pooling`) !== 'class-token' || model.number('encoder.class-token') !== 0)
    return;
  const span = model.span(`${training}.pooling`);
  if (span === undefined) return;
  const related = relatedTo(model.span('encoder.class-token'), 'no class token');
  report(diagnostics.noClassToken.at(span, { training: trainingNames[training] }, { related }));
}

/** Legal, but hardly meant: the decoder is thrown away after pretraining. */
function decoderIsLight(model: Configuration, report: Report): void {
  const encoder = model.number('encoder.width');
  const decoder = model.number('decoder.width');
  const span = model.span('decoder.width');
  if (encoder === undefined || decoder === undefined || span === undefined || decoder <= encoder) return;
  const related = relatedTo(model.span('encoder.width'), 'the encoder');
  report(diagnostics.wideDecoder.at(span, { decoder, encoder }, { related }));
}

const LOW_RATIO = 0.4;

function maskIsHard(model: Configuration, report: Report): void {
  const grid = gridOf(model);
  const mask = maskOf(model);
  const span = model.span('mask');
  if (mask === undefined || span === undefined || mask.ratio >= LOW_RATIO) return;
  // A mask that removes nothing at all has been reported.
  if (grid !== undefined && visiblePatches(grid, mask) >= grid.height * grid.width) return;
  report(diagnostics.lowMaskRatio.at(span, { ratio: mask.ratio }));
}

function wholeHiddenWidth(transformer: Configuration, report: Report): void {
  const width = transformer.number('width');
  const hidden = transformer.numberOrMultiple('mlp');
  const span = transformer.span('mlp');
  if (typeof hidden !== 'object' || width === undefined || span === undefined) return;
  const { factor } = hidden;
  if (hiddenWidth(width, factor) !== undefined) return;
  const nearest = [Math.floor(factor * width), Math.ceil(factor * width)];
  const words = nearest.filter((channels) => channels > 0).map((channels) => `mlp ${channels}`);
  const related = relatedTo(transformer.span('width'), 'the width');
  report(diagnostics.hiddenWidthNotWhole.at(span, { factor, width, nearest: words }, { related }));
}

/**
 * Width times factor as a whole number, or undefined. 2.3 * 100 counts as 230, though in doubles it is a little less.
 */
export function hiddenWidth(width: number, factor: number): number | undefined {
  const channels = Math.round(width * factor);
  return channels >= 1 && Math.abs(width * factor - channels) < 1e-9 * channels ? channels : undefined;
}
