import type { NamedTensor } from '../engine/engine.ts';
import type { CompiledModel, CompiledParameter } from '../model/compiled-spec.ts';
import { UserError } from '../user-error.ts';
import { requireFinite } from './finite.ts';
import { initialTensor } from './initialize.ts';
import type { OpenedWeights } from './open-weights.ts';
import type { ChannelRule } from './transfer/channels.ts';
import { type GroupName, groupOf, PARAMETER_GROUPS, type ParameterGroup } from './transfer/groups.ts';
import type { Grid } from './transfer/interpolate-positions.ts';
import {
  embedGroup,
  type GroupContext,
  type GroupPlan,
  type PlannedTensor,
  placeGroup,
  takeGroup,
} from './transfer/plan-group.ts';
import { type PositionRule, patchGrid } from './transfer/plan-positions.ts';
import type { SourceTensor } from './weight-source.ts';

/** What weights are carried into: a model to pretrain, or a classifier on its encoder. */
export interface TransferTarget {
  /** For messages. */
  readonly name: string;
  readonly parameters: readonly CompiledParameter[];
  readonly model: CompiledModel;
}

export interface TransferOptions {
  /** What becomes of positions of another grid; `interpolate` if left out. */
  readonly positions?: PositionRule;
  /** What becomes of a patch embedding of other input channels; `refuse` if left out. */
  readonly channels?: ChannelRule;
  /** Rows and columns of the file's patches, where they are not square and the file does not say. */
  readonly sourceGrid?: Grid;
  /** Groups that are drawn anew whatever the file has: `['head']`. */
  readonly reinitialize?: readonly GroupName[];
  /** Groups that are drawn anew if the file lacks them or has them in other shapes; the head and its norm always are. */
  readonly allowMissing?: readonly GroupName[];
}

export interface TransferPlan {
  readonly path: string;
  /** One for each parameter of the target, in its order. */
  readonly planned: readonly PlannedTensor[];
  /** What the file has and the target has no use for. */
  readonly left: readonly SourceTensor[];
}

/** What is read of a file to plan by. */
export type TransferSource = Pick<OpenedWeights, 'path' | 'naming' | 'tensors' | 'model'>;

/**
 * Plans which of a file's tensors become which of a target's parameters, and what becomes of the rest. Reads no
 * tensors. Throws a `UserError` that names what is missing, of another shape or of no use, group by group; a plan is
 * whole.
 */
export function planTransfer(
  target: TransferTarget,
  source: TransferSource,
  options: TransferOptions = {},
): TransferPlan {
  const { positions = 'interpolate', channels = 'refuse' } = options;
  const { tensors, model } = source;
  const sourceGrid = options.sourceGrid ?? (model && patchGrid(model));
  const context = { tensors, grid: patchGrid(target.model), sourceGrid, positions, channels };
  const problems = modelProblems(target, source);
  const plans = new Map<string, PlannedTensor>();
  for (const group of PARAMETER_GROUPS) {
    const parameters = target.parameters.filter(({ name }) => groupOf(name) === group);
    const outcome = planGroup(group, parameters, context, { ...options, adapted: isAdapted(plans) });
    if ('problems' in outcome) problems.push(`${group.title}: ${outcome.problems.join(', ')}`);
    else for (const planned of outcome.planned) plans.set(planned.parameter.name, planned);
  }
  if (problems.length > 0) throw refusal(target, source, problems);
  return {
    path: source.path,
    planned: target.parameters.flatMap(({ name }) => plans.get(name) ?? []),
    left: [...tensors.values()].filter(({ name }) => !isUsed(plans.get(name))),
  };
}

/**
 * Carries out a plan: the target's parameters, in its order and in the official layout. What is drawn anew depends on
 * the seed and the parameter's name alone. Throws a `UserError` when a tensor cannot be read, or holds numbers that
 * are not finite.
 */
export async function transferWeights({ path, planned }: TransferPlan, seed: number): Promise<NamedTensor[]> {
  const tensors: NamedTensor[] = [];
  for (const plan of planned) {
    const { parameter } = plan;
    const { name, shape } = parameter;
    if (plan.action === 'computed' || plan.action === 'initialised') {
      tensors.push(initialTensor(parameter, seed));
      continue;
    }
    const data = await (plan.action === 'taken' ? plan.source.read() : plan.read());
    requireFinite(path, name, data);
    tensors.push({ name, shape, data });
  }
  return tensors;
}

/** What of a model says what its weights do, and shows in no shape. */
const INVISIBLE = ['heads', 'normEpsilon'] as const;

/** What a checkpoint's own model has otherwise than the target's, in the parts that are carried over. */
function modelProblems({ parameters, model: wanted }: TransferTarget, { model }: TransferSource): string[] {
  if (model === undefined) return [];
  const hasDecoder = parameters.some(({ name }) => groupOf(name).name === 'decoder');
  return (hasDecoder ? (['encoder', 'decoder'] as const) : (['encoder'] as const)).flatMap((part) =>
    INVISIBLE.flatMap((key) =>
      model[part][key] === wanted[part][key]
        ? []
        : [`its ${part}.${key} is ${model[part][key]}, the model's ${wanted[part][key]}`],
    ),
  );
}

interface GroupOptions extends TransferOptions {
  /** Whether the pictures have other channels than the file's. */
  readonly adapted: boolean;
}

function planGroup(
  group: ParameterGroup,
  parameters: readonly CompiledParameter[],
  context: GroupContext,
  options: GroupOptions,
): GroupPlan {
  const { reinitialize = [], allowMissing = [], adapted } = options;
  const anew = (reason: string): GroupPlan => ({
    planned: parameters.map((parameter) => ({ parameter, action: 'initialised', reason })),
  });
  if (parameters.length === 0) return leaveGroup(group, context);
  if (reinitialize.includes(group.name)) return anew('as asked for');
  const outcome = carryGroup(group, parameters, context);
  if (!('problems' in outcome)) return outcome;
  const mayDiffer = group.fresh || allowMissing.includes(group.name);
  // The decoder predicts pixels: those of other channels are others.
  if (mayDiffer || (adapted && group.name === 'prediction')) {
    return anew(describeDifference(group, parameters, context));
  }
  return outcome;
}

function carryGroup(
  group: ParameterGroup,
  parameters: readonly CompiledParameter[],
  context: GroupContext,
): GroupPlan {
  if (group.name === 'positions' || group.name === 'decoder positions')
    return placeGroup(parameters, context);
  if (group.name === 'patch embedding') return embedGroup(group, parameters, context);
  return takeGroup(group, parameters, context);
}

/** Of a group that the target has nothing of. */
function leaveGroup(group: ParameterGroup, { tensors }: GroupContext): GroupPlan {
  const there = [...tensors.keys()].filter((name) => groupOf(name) === group);
  if (group.leavable || there.length === 0) return { planned: [] };
  return { problems: [`the file has ${there[0]}, the model has none`] };
}

/** Why a group is drawn anew: "1000 classes → 10". */
function describeDifference(
  group: ParameterGroup,
  parameters: readonly CompiledParameter[],
  { tensors }: GroupContext,
): string {
  const there = [...tensors.values()].filter((tensor) => groupOf(tensor.name) === group);
  if (there.length === 0) return 'the file has none';
  if (group.name !== 'head') return 'the file has others';
  const classes = (items: readonly { readonly name: string; readonly shape: readonly number[] }[]) =>
    items.find((item) => item.name.endsWith('.weight') && item.shape.length === 2)?.shape[0];
  const [from, to] = [classes(there), classes(parameters)];
  return from === undefined || to === undefined || from === to
    ? 'the file has another'
    : `${from} classes → ${to}`;
}

function isAdapted(plans: ReadonlyMap<string, PlannedTensor>): boolean {
  return [...plans.values()].some(({ action }) => action === 'adapted');
}

function isUsed(planned: PlannedTensor | undefined): boolean {
  return planned !== undefined && planned.action !== 'initialised' && planned.action !== 'computed';
}

/** Whether only the decoder is missing or other: what is released for fine-tuning has none. */
function isDecoderOnly(problems: readonly string[]): boolean {
  return problems.every((problem) => problem.startsWith('the decoder'));
}

/** How many names a message lists. */
const LISTED = 3;

function refusal(
  target: TransferTarget,
  { path, naming, tensors }: TransferSource,
  problems: readonly string[],
): UserError {
  const names = [...tensors.keys()].slice(0, LISTED).join(', ');
  const unknown = naming === undefined ? `; its names are of no known scheme (${names}, …)` : '';
  return new UserError(
    `the weights in ${path} do not fit ${target.name}: ${problems.join('; ')}${unknown}`,
    `use weights of the same architecture${isDecoderOnly(problems) ? ', or draw the decoder anew: --reinitialize decoder' : ''}`,
  );
}
