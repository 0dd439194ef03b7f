import { open } from 'node:fs/promises';
import { UserError } from '../user-error.ts';

/** Files that are open at a time, however many pictures are asked for. */
const MOST_OPEN = 16;

let running = 0;
const waiting: (() => void)[] = [];

/** Runs `work` when fewer than `MOST_OPEN` others are running. */
async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  if (running >= MOST_OPEN) await new Promise<void>((resolve) => waiting.push(resolve));
  else running++;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  }
}

/**
 * Bytes `offset` to `offset + length` of a file, which is open only meanwhile.
 *
 * @throws UserError when the file ends before.
 */
export function readRange(path: string, offset: number, length: number): Promise<Uint8Array> {
  return inTurn(async () => {
    const file = await open(path, 'r');
    try {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0) throw new UserError(`${path} ends before byte ${offset + length}`);
        done += bytesRead;
      }
      return bytes;
    } finally {
      await file.close();
    }
  });
}
