import type { TextStream } from '../train/run-view.ts';

/** What a command talks through. */
export interface CommandIo {
  readonly stdout: TextStream;
  readonly stderr: TextStream;
}

/** The streams of the process. A reader that goes away (`mae … | head`) ends the output, not the work. */
export function processIo(): CommandIo {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedStream);
  return { stdout: process.stdout, stderr: process.stderr };
}

/** A closed pipe, a terminal that is gone, and what is written after either. */
const CLOSED: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED']);

function ignoreClosedStream(error: NodeJS.ErrnoException): void {
  if (!CLOSED.has(error.code)) throw error;
}
