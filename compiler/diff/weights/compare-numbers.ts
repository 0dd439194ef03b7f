import { counted, listOf } from '../../language/words.ts';
import type { Change, NumberDifference, TensorChange } from '../report.ts';
import { numbersRule } from '../rules/set-rules.ts';
import type { SideModel } from '../side.ts';
import { decodeNumbers, describeLargest, differenceOf, joinDifferences, type Numbers } from './numbers.ts';

/** The rows with how the numbers differ, where both sides hold those of a tensor of one shape. */
export function compareNumbers(
  rows: readonly TensorChange[],
  { numbers: old }: SideModel,
  { numbers: now }: SideModel,
): TensorChange[] {
  return rows.map((row) => {
    const isWhole = row.fate === 'kept' || row.fate === 'renamed';
    if (!isWhole || !row.old || !row.new || !old || !now) return row;
    const difference = differenceOfTensors(old(row.old.name), now(row.new.name));
    return difference === undefined ? row : { ...row, numbers: difference };
  });
}

function differenceOfTensors(old: Numbers, now: Numbers): NumberDifference | undefined {
  const [before, after] = [decodeNumbers(old), decodeNumbers(now)];
  return before?.length === after?.length && before && after ? differenceOf(before, after) : undefined;
}

/** What has other numbers, as a change; none where all have the same. */
export function otherNumbers(rows: readonly TensorChange[]): Change[] {
  const compared = rows.filter(({ numbers }) => numbers !== undefined);
  const other = compared.filter(({ numbers }) => numbers !== undefined && numbers.differing > 0);
  if (other.length === 0) return [];
  const all = joinDifferences(other.flatMap(({ numbers }) => numbers ?? []));
  const kinds = [...new Set(other.map(({ old }) => (old?.name ?? '').replace(/\.\d+\./, '.*.')))];
  const listed =
    kinds.length > MOST_NAMES
      ? [...kinds.slice(0, MOST_NAMES), `${kinds.length - MOST_NAMES} more kinds`]
      : kinds;
  const of = counted(compared.length, 'tensor', 'tensors');
  const subject = `${other.length} of ${of} ${other.length === 1 ? 'has' : 'have'} other numbers`;
  return [
    {
      rule: numbersRule.id,
      class: numbersRule.gravest,
      path: '',
      old: null,
      new: null,
      message: `${subject}, ${describeLargest(all)}: ${listOf(listed)}`,
      effect: null,
      at: { old: null, new: null },
    },
  ];
}

const MOST_NAMES = 4;

/** "all 150 have the same bits", "12 of 150 have the same bits"; undefined where no numbers were compared. */
export function sameBits(rows: readonly TensorChange[]): string | undefined {
  const compared = rows.flatMap(({ numbers }) => numbers ?? []);
  if (compared.length === 0) return undefined;
  const same = compared.filter(({ differing }) => differing === 0).length;
  const which = same === compared.length ? `all ${same}` : `${same} of ${compared.length}`;
  return `${which} ${same === 1 ? 'has' : 'have'} the same bits`;
}
