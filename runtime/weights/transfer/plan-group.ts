import type { CompiledParameter } from '../../model/compiled-spec.ts';
import { tensorDifferences } from '../model-differences.ts';
import type { SourceTensor, SourceTensors } from '../weight-source.ts';
import { adaptChannels, type ChannelRule } from './channels.ts';
import { groupOf, type ParameterGroup } from './groups.ts';
import type { Grid } from './interpolate-positions.ts';
import { type PositionRule, planPositions } from './plan-positions.ts';

/** Where the value of a parameter comes from. */
export type PlannedTensor = { readonly parameter: CompiledParameter } & (
  | { readonly action: 'taken'; readonly source: SourceTensor }
  | {
      readonly action: 'interpolated';
      readonly read: () => Promise<Float32Array>;
      readonly from: Grid;
      readonly to: Grid;
    }
  | {
      readonly action: 'adapted';
      readonly read: () => Promise<Float32Array>;
      readonly from: number;
      readonly to: number;
      readonly rule: ChannelRule;
    }
  | { readonly action: 'computed'; readonly grid: Grid }
  | { readonly action: 'initialised'; readonly reason: string }
);

/** What is known of the file and the model, and what was asked for. */
export interface GroupContext {
  readonly tensors: SourceTensors;
  readonly grid: Grid;
  readonly sourceGrid: Grid | undefined;
  readonly positions: PositionRule;
  readonly channels: ChannelRule;
}

/** The plan for the parameters of a group; or, as texts, why the file cannot give them. */
export type GroupPlan =
  | { readonly planned: readonly PlannedTensor[] }
  | { readonly problems: readonly string[] };

/** Takes tensors as they are: all of them are there, of the model's shapes, and there are no others in the group. */
export function takeGroup(
  group: ParameterGroup,
  parameters: readonly CompiledParameter[],
  { tensors }: GroupContext,
): GroupPlan {
  const found = [...tensors.values()].filter(({ name }) => groupOf(name) === group);
  const problems = tensorDifferences(found, parameters);
  const planned = parameters.flatMap((parameter): PlannedTensor[] => {
    const source = tensors.get(parameter.name);
    return source === undefined ? [] : [{ parameter, action: 'taken', source }];
  });
  return problems.length === 0 ? { planned } : { problems };
}

/** Takes, resizes or computes tables of positions. */
export function placeGroup(parameters: readonly CompiledParameter[], context: GroupContext): GroupPlan {
  const planned: PlannedTensor[] = [];
  const problems: string[] = [];
  for (const parameter of parameters) {
    const source = context.tensors.get(parameter.name);
    const { grid, sourceGrid, positions: rule } = context;
    const plan = planPositions({ parameter, source, grid, sourceGrid, rule });
    if (typeof plan === 'string') problems.push(plan);
    else if (plan.action !== 'taken') planned.push({ parameter, ...plan });
    else if (source !== undefined) planned.push({ parameter, action: 'taken', source });
  }
  return problems.length === 0 ? { planned } : { problems };
}

const PATCH_WEIGHT = 'patch_embed.proj.weight';

/** Takes the patch embedding, its input channels adapted if that was asked for. */
export function embedGroup(
  group: ParameterGroup,
  parameters: readonly CompiledParameter[],
  context: GroupContext,
): GroupPlan {
  const parameter = parameters.find(({ name }) => name === PATCH_WEIGHT);
  const source = context.tensors.get(PATCH_WEIGHT);
  if (parameter === undefined || source === undefined || !differsInChannels(source.shape, parameter.shape)) {
    return takeGroup(group, parameters, context);
  }
  const [from, to] = [source.shape[1] ?? 0, parameter.shape[1] ?? 0];
  const rule = context.channels;
  if (rule === 'refuse')
    return { problems: [`it is for ${channelsOf(from)}, the model for ${channelsOf(to)}`] };
  if (rule === 'sum' && to !== 1) {
    return { problems: [`the sum over its ${channelsOf(from)} is one, the model has ${to}`] };
  }
  const others = parameters.filter((other) => other !== parameter);
  const rest = new Map([...context.tensors].filter(([name]) => name !== PATCH_WEIGHT));
  const plan = takeGroup(group, others, { ...context, tensors: rest });
  if ('problems' in plan) return plan;
  const read = async () => adaptChannels(await source.read(), source.shape, to, rule);
  return { planned: [{ parameter, action: 'adapted', read, from, to, rule }, ...plan.planned] };
}

function channelsOf(count: number): string {
  return `${count} ${count === 1 ? 'channel' : 'channels'}`;
}

/** Whether two shapes [width, channels, height, width] differ in the channels alone. */
function differsInChannels(a: readonly number[], b: readonly number[]): boolean {
  return (
    a.length === 4 &&
    b.length === 4 &&
    a[1] !== b[1] &&
    a.every((side, axis) => axis === 1 || side === b[axis])
  );
}
