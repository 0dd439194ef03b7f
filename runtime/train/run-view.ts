import { colorsFor } from '../colors.ts';

/** Where a run says what it does. */
export interface RunView {
  /** A line that stays. */
  line(text: string): void;
  /** A line that stays and should be noticed. */
  warn(text: string): void;
  /** What is going on right now. Only the latest matters: a view shows as many of these as suits it. */
  progress(text: string): void;
  /** Ends the progress; the last one stays readable. */
  close(): void;
}

/** The part of a stream that a view needs. */
export interface TextStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** The view for a stream: one line that changes on a terminal, now and then a plain line elsewhere. */
export function runView(stream: TextStream, now: () => number = () => performance.now()): RunView {
  return stream.isTTY ? terminalView(stream, now) : plainView(stream, now);
}

/** Only warnings. */
export function quietView(stream: TextStream): RunView {
  const nothing = (): void => undefined;
  return {
    line: nothing,
    warn: (text) => stream.write(warning(stream, text)),
    progress: nothing,
    close: nothing,
  };
}

const warning = (stream: TextStream, text: string): string =>
  `${colorsFor(stream).yellow('warning')}  ${text}\n`;

/** Milliseconds between two drawings of the changing line. */
const TERMINAL_INTERVAL = 100;

/** To the start of the line, and clear what is right of it. */
const CLEAR = '\r\x1b[K';

function terminalView(stream: TextStream, now: () => number): RunView {
  let drawn = Number.NEGATIVE_INFINITY;
  let latest: string | undefined;
  const draw = (): void => {
    // A line that wraps could not be taken back.
    if (latest !== undefined) stream.write(CLEAR + latest.slice(0, (stream.columns ?? 80) - 1));
  };
  const permanent = (text: string): void => {
    stream.write(latest === undefined ? text : CLEAR + text);
    draw();
  };
  return {
    line: (text) => permanent(`${text}\n`),
    warn: (text) => permanent(warning(stream, text)),
    progress(text) {
      latest = text;
      if (now() - drawn < TERMINAL_INTERVAL) return;
      drawn = now();
      draw();
    },
    close() {
      draw();
      if (latest !== undefined) stream.write('\n');
      latest = undefined;
    },
  };
}

/** Milliseconds between two progress lines: at first, at most; in between a twentieth of the time that has passed. */
const PLAIN_INTERVAL = { least: 5_000, most: 600_000, share: 1 / 20 };

function plainView(stream: TextStream, now: () => number): RunView {
  const start = now();
  let written = Number.NEGATIVE_INFINITY;
  let waiting: string | undefined;
  const flush = (): void => {
    if (waiting !== undefined) stream.write(`${waiting}\n`);
    waiting = undefined;
  };
  return {
    line: (text) => void stream.write(`${text}\n`),
    warn: (text) => void stream.write(warning(stream, text)),
    progress(text) {
      waiting = text;
      const elapsed = now() - start;
      const interval = Math.min(
        PLAIN_INTERVAL.most,
        Math.max(PLAIN_INTERVAL.least, elapsed * PLAIN_INTERVAL.share),
      );
      if (now() - written < interval) return;
      written = now();
      flush();
    },
    close: flush,
  };
}
