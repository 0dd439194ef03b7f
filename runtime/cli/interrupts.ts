/** What asks a command to stop. */
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Signals that come within so many milliseconds are one: `npm run` and the terminal both pass a ctrl-C on, and those that came
 * while a training step kept the thread busy are all heard at once.
 */
const SAME_PRESS = 1000;

export interface InterruptReactions {
  /** The first time: say that the work will stop at the next good moment. */
  readonly first: () => void;
  /** After that, at once. */
  readonly second: () => void;
}

export interface Interrupts {
  /** Aborted by the first interrupt. */
  readonly signal: AbortSignal;
  /** Stops listening; the signals do what they usually do again. */
  close(): void;
}

/** Where the signals come from: the process. */
export interface SignalSource {
  on(event: (typeof SIGNALS)[number], listener: () => void): unknown;
  off(event: (typeof SIGNALS)[number], listener: () => void): unknown;
}

/** Turns ctrl-C and SIGTERM into an `AbortSignal`, and a second one into `second`. */
export function watchInterrupts(
  reactions: InterruptReactions,
  source: SignalSource = process,
  now: () => number = () => performance.now(),
): Interrupts {
  const controller = new AbortController();
  let heard = Number.NaN;
  const hear = (): void => {
    if (!controller.signal.aborted) {
      heard = now();
      reactions.first();
      controller.abort();
    } else if (now() - heard > SAME_PRESS) reactions.second();
  };
  for (const name of SIGNALS) source.on(name, hear);
  return {
    signal: controller.signal,
    close() {
      for (const name of SIGNALS) source.off(name, hear);
    },
  };
}
