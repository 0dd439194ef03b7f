/** The part of a stream that a command writes to. */
export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** What a command talks through. */
export interface CommandIo {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Only asked for where a command line says so (`mae fmt -`). */
  readonly stdin?: AsyncIterable<Uint8Array>;
}

/** The streams of the process. A reader that goes away (`mae-compile … | head`) ends the output, not the work. */
export function processIo(): CommandIo {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedPipe);
  return process;
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
