import type { StepRecord } from './loop.ts';

/** How often to do something: after so many epochs, or so many minutes. 0 is never. */
export type Interval = { readonly epochs: number } | { readonly minutes: number };

/** Says after which steps something is due. The time starts when it is made. */
export function recurrence(
  interval: Interval,
  now: () => number = () => performance.now(),
): (record: StepRecord) => boolean {
  if ('epochs' in interval) {
    return ({ epoch, endsEpoch }) => endsEpoch && interval.epochs > 0 && (epoch + 1) % interval.epochs === 0;
  }
  let last = now();
  return () => {
    if (interval.minutes <= 0 || now() - last < interval.minutes * 60_000) return false;
    last = now();
    return true;
  };
}
