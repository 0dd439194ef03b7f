import { formatBytes, formatCount } from '../../emit/report/quantities.ts';
import { percent } from '../../language/words.ts';
import type { ModuleCost } from '../cost/count-modules.ts';
import type { ModelFacts } from '../report.ts';
import { alignColumns } from './columns.ts';
import { costFootnote, depthOf, quantities } from './cost-rows.ts';

type Style = (text: string) => string;

const columns = ['module', 'each yields', 'parameters', 'forward FLOPs', 'training FLOPs', 'activations'];

/** One model as a tree of its modules with what each costs, in 100 columns. */
export function renderInspection(facts: ModelFacts, heading: Style, faint: Style): string {
  const { cost } = facts;
  const table = alignColumns(
    [columns, ...cost.modules.filter(({ path }) => path !== '').map(treeRow)],
    ['left', 'left', 'right', 'right', 'right', 'right'],
  );
  const [head = '', ...rows] = table;
  const totals = alignColumns(
    quantities.map(({ name, read, show }) => [name, show(read(cost))]),
    ['left', 'right'],
  );
  return [
    [
      heading(facts.name),
      ...describeArchitecture(facts).map(([name, value]) => `${name.padEnd(9)}${value}`),
    ].join('\n'),
    [heading(head), ...rows, faint('Modules in lists are counted together.')].join('\n'),
    [...totals, faint(costFootnote)].join('\n'),
  ].join('\n\n');
}

function treeRow(module: ModuleCost): string[] {
  const { path, count, output, parameters, forwardFlops, trainingFlops, savedBytes } = module;
  const name = path.replace(/\.\*$/, '').split('.').at(-1) ?? path;
  const times = path.endsWith('.*') ? ` ×${count}` : '';
  return [
    `${'  '.repeat(depthOf(path) - 1)}${name}${times}`,
    output ?? '',
    formatCount(parameters),
    flops(forwardFlops),
    flops(trainingFlops),
    savedBytes === 0 ? '' : formatBytes(savedBytes),
  ];
}

function flops(count: number): string {
  return count === 0 ? '' : formatCount(count);
}

/** What a spec says of a model, in a few lines: name and value. */
export function describeArchitecture({ architecture, tokens }: ModelFacts): [string, string][] {
  const { image, patch, encoder, decoder, mask, loss } = architecture;
  const size = ({ height, width }: { readonly height: number; readonly width: number }) =>
    `${height}x${width}`;
  const stack = ({ depth, width, heads, mlpWidth }: typeof decoder) =>
    `${depth} blocks of width ${width}, ${heads} heads, MLP ${mlpWidth}`;
  const prefix = [
    ...(encoder.classTokens > 0 ? [`${encoder.classTokens} class`] : []),
    ...(encoder.registers > 0 ? [`${encoder.registers} registers`] : []),
  ];
  return [
    ['image', `${size(image)}x${image.channels}`],
    ['patches', `${tokens.patches} of ${size(patch)}, ${tokens.visible} visible`],
    ['tokens', [...prefix, `${tokens.patches} patches`].join(' + ')],
    ['encoder', stack(encoder)],
    ['decoder', stack(decoder)],
    ['mask', `${mask.kind} ${percent(mask.ratio)}`],
    ['loss', `${loss.kind} of ${loss.target} on ${loss.on}`],
  ];
}
