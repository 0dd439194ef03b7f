import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { AppendedFile } from '../../appended-file.ts';
import { explainSystemError } from '../../files.ts';
import { maskedCrc32c } from './crc32c.ts';
import { encodeEvent, type SummaryValue, type TensorBoardEvent, tensorFlowRecord } from './event.ts';

export interface EventFileOptions {
  /** Folder that TensorBoard is pointed at; made if need be. */
  readonly folder: string;
  /** Steps that were taken before. What earlier files hold of later steps no longer counts. */
  readonly step: number;
  /** Told, as a `UserError`, whenever events could not be written. They are tried again with the next ones. */
  readonly failed: (error: unknown) => void;
}

const FILE = /^events\.out\.tfevents\.(\d{10,})\./;

/**
 * What a run leaves for TensorBoard. Each session writes a file of its own: TensorBoard takes the files of a folder as one run, in the
 * order of their names, which begin with the time.
 */
export class EventFile {
  readonly #file: AppendedFile;

  private constructor(file: AppendedFile) {
    this.#file = file;
  }

  /** Makes the file. @throws UserError when it cannot be made. */
  static async open({ folder, step, failed }: EventFileOptions): Promise<EventFile> {
    const path = await makeFile(folder);
    const events = new EventFile(new AppendedFile(path, failed));
    events.#add(0, { kind: 'version' });
    if (step > 0) events.#add(step + 1, { kind: 'session-start' });
    return events;
  }

  get path(): string {
    return this.#file.path;
  }

  /** Numbers by their tags; what stands before a slash in a tag groups the curves. */
  scalars(step: number, values: Readonly<Record<string, number>>): void {
    this.#summary(
      step,
      Object.entries(values).map(([tag, value]) => ({ tag, kind: 'scalar', value })),
    );
  }

  image(step: number, tag: string, png: Uint8Array): void {
    this.#summary(step, [{ tag, kind: 'image', png }]);
  }

  text(step: number, tag: string, markdown: string): void {
    this.#summary(step, [{ tag, kind: 'text', text: markdown }]);
  }

  /** Writes out what waits in memory; nothing waits longer than about a second while events come. */
  flush(): void {
    this.#file.flush();
  }

  #summary(step: number, values: readonly SummaryValue[]): void {
    this.#add(step, { kind: 'summary', values });
  }

  #add(step: number, what: TensorBoardEvent['what']): void {
    const event = encodeEvent({ wallTime: Date.now() / 1000, step, what });
    this.#file.add(tensorFlowRecord(event, maskedCrc32c));
  }
}

/** Removes the event files of a run that is replaced. */
export async function removeEventFiles(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((each) => FILE.test(each))) await rm(join(folder, name), { force: true });
}

/** A new file whose name comes after those that are there, whatever the clock says. */
async function makeFile(folder: string): Promise<string> {
  try {
    await mkdir(folder, { recursive: true });
    const times = (await readdir(folder)).map((name) => Number(FILE.exec(name)?.[1] ?? 0));
    const seconds = Math.max(Math.floor(Date.now() / 1000), ...times.map((time) => time + 1));
    const host = hostname().replace(/[^\w.-]/g, '-') || 'localhost';
    const name = `events.out.tfevents.${String(seconds).padStart(10, '0')}.${host}.${process.pid}.0`;
    await writeFile(join(folder, name), '', { flag: 'wx' });
    return join(folder, name);
  } catch (error) {
    throw explainSystemError('write TensorBoard events into', folder, error);
  }
}
