import { alignColumns } from '../../compiler/emit/report/align-columns.ts';
import { formatBytes } from '../../runtime/train/format.ts';
import { median } from '../median.ts';
import type { Contest, ProductsResult } from './contest.ts';
import { type Contestant, CPU } from './contestant.ts';
import { ratioOf } from './heat.ts';

/** What a table's figures are reckoned with. */
interface Measure {
  readonly batch: number;
  /** Of one picture, forward and backward. */
  readonly flops: number;
  /** FLOP/s of large float32 products on the CPU. */
  readonly cpuRate: number;
}

/** The contest as lines: a table in Markdown, and how near the first is to what the processor can. */
export function reportOf(contest: Contest, batch: number, flops: number): readonly string[] {
  const { large, floor } = contest;
  const cpuRate = large.flops / Math.min(...large.heat.other);
  const peak = `peak: ${(cpuRate / 1e9).toFixed(0)} GFLOP/s, the best of large float32 products by ONNX Runtime`;
  return [stepTable(contest, { batch, flops, cpuRate }), peak, floorLine(floor)];
}

const COLUMNS = [
  { heading: 'engine', side: 'left' },
  { heading: 'on', side: 'left' },
  { heading: 'precision', side: 'left' },
  { heading: 'images/s', side: 'right' },
  { heading: '(slowest–fastest)', side: 'right' },
  { heading: 'GFLOP/s', side: 'right' },
  { heading: 'of the peak', side: 'right' },
  { heading: 'peak memory', side: 'right' },
  { heading: 'the first beside it', side: 'right' },
  { heading: 'is', side: 'right' },
] as const;

/** The first, then the others, the fastest of them first. */
function stepTable({ own, ownPeakBytes, large, floor, ...contest }: Contest, measure: Measure): string {
  const results = [...contest.results].sort((a, b) => median(a.heat.other) - median(b.heat.other));
  const ownSeconds = [large, floor, ...results].flatMap(({ heat }) => heat.own);
  const lines = [
    COLUMNS.map(({ heading }) => heading),
    COLUMNS.map(({ heading }) => '-'.repeat(heading.length)),
    [...rowOf(measure, own, ownSeconds, ownPeakBytes), '', ''],
    ...results.map(({ contestant, heat }) => [
      ...rowOf(measure, contestant, heat.other, heat.peakBytes),
      rateOf(measure, median(heat.own)),
      `${ratioOf(heat).toFixed(2)}x this`,
    ]),
  ];
  return alignColumns(
    lines.map((cells) => ['|', ...cells.flatMap((cell) => [cell, '|'])]),
    ['left', ...COLUMNS.flatMap(({ side }) => [side, 'left' as const])],
  );
}

const rateOf = ({ batch }: Measure, seconds: number): string => (batch / seconds).toPrecision(3);

function rowOf(
  measure: Measure,
  { name, on, precision }: Contestant,
  seconds: readonly number[],
  peakBytes: number | undefined,
): string[] {
  const { batch, flops, cpuRate } = measure;
  const achieved = (batch * flops) / median(seconds);
  return [
    name,
    on,
    precision,
    rateOf(measure, median(seconds)),
    `(${rateOf(measure, Math.max(...seconds))}–${rateOf(measure, Math.min(...seconds))})`,
    (achieved / 1e9).toFixed(0),
    on === CPU ? `${((100 * achieved) / cpuRate).toFixed(0)} %` : '',
    peakBytes === undefined ? '' : formatBytes(peakBytes),
  ];
}

/** How long a step is beside its matrix products alone. */
function floorLine({ heat, flops }: ProductsResult): string {
  const [step, floor] = [median(heat.own), median(heat.other)];
  const rate = (flops / floor / 1e9).toFixed(0);
  const times = (1 / ratioOf(heat)).toFixed(2);
  return `its matrix products alone: ${floor.toFixed(3)} s (${rate} GFLOP/s) of a step of ${step.toFixed(3)} s, which is ${times}x that; aim 1.10x`;
}
