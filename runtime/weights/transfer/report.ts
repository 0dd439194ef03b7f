import type { TransferPlan } from '../transfer.ts';
import type { Grid } from './interpolate-positions.ts';
import type { PlannedTensor } from './plan-group.ts';

/** How many names are listed one by one; more are put together by their modules. */
const LISTED = 3;

type Action = PlannedTensor['action'];
type Of<Kind extends Action> = Extract<PlannedTensor, { action: Kind }>;

/** A plan in lines for people: what is taken, changed, drawn anew and left, in this order. */
export function describeTransfer({ planned, left }: TransferPlan): string[] {
  const of = <Kind extends Action>(action: Kind) =>
    planned.filter((plan): plan is Of<Kind> => plan.action === action);
  const taken = of('taken').map(({ parameter }) => parameter.name);
  // What is drawn or computed anew is named there already.
  const mentioned = new Set(planned.map(({ parameter }) => parameter.name));
  const unused = left.filter(({ name }) => !mentioned.has(name)).map(({ name }) => name);
  return [
    ...(taken.length > 0 ? [`taken ${summarise(taken)}`] : []),
    ...of('interpolated').map(
      ({ parameter, from, to }) => `interpolated ${parameter.name} ${grid(from)} → ${grid(to)} (bicubic)`,
    ),
    ...of('adapted').map(
      ({ parameter, from, to, rule }) => `adapted ${parameter.name} from ${from} channels to ${to} (${rule})`,
    ),
    ...of('computed').map((plan) => `computed ${plan.parameter.name} ${grid(plan.grid)} (sine-cosine)`),
    ...describeInitialised(of('initialised')),
    ...(unused.length > 0 ? [`left ${summarise(unused)}`] : []),
  ];
}

function describeInitialised(plans: readonly Of<'initialised'>[]): string[] {
  const byReason = new Map<string, string[]>();
  for (const { parameter, reason } of plans) {
    byReason.set(reason, [...(byReason.get(reason) ?? []), parameter.name]);
  }
  return [...byReason].map(([reason, names]) => `re-initialised ${summarise(names)} (${reason})`);
}

function grid({ height, width }: Grid): string {
  return `${height}x${width}`;
}

/** "148 tensors: cls_token, patch_embed, blocks.0–11"; a few by their whole names. */
function summarise(names: readonly string[]): string {
  if (names.length <= LISTED) return names.join(', ');
  const modules = new Map<string, number[]>();
  for (const name of names) {
    const [, module = name, block] = /^([^.]+)(?:\.(\d+)\.)?/.exec(name) ?? [];
    const blocks = modules.get(module) ?? [];
    if (block !== undefined) blocks.push(Number(block));
    modules.set(module, blocks);
  }
  const listed = [...modules].map(([module, blocks]) => module + ranges(blocks));
  return `${names.length} tensors: ${listed.join(', ')}`;
}

/** [0, 0, 1, 2, 5] → ".0–2,5", to follow a module's name. */
function ranges(numbers: readonly number[]): string {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  const runs: [number, number][] = [];
  for (const number of sorted) {
    const run = runs.at(-1);
    if (run !== undefined && run[1] === number - 1) run[1] = number;
    else runs.push([number, number]);
  }
  if (runs.length === 0) return '';
  return `.${runs.map(([first, last]) => (first === last ? String(first) : `${first}–${last}`)).join(',')}`;
}
