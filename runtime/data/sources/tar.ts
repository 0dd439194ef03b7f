import { open } from 'node:fs/promises';
import { explainSystemError } from '../../files.ts';
import { UserError } from '../../user-error.ts';

/** A file in a tar archive: its bytes begin at `offset` of the archive. */
export interface TarMember {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

const BLOCK = 512;
/** Bytes that are read at once: the headers of small members come together. */
const READ_AHEAD = 16 * 1024;
/** More than any name takes. */
const LONGEST_NAME = 1 << 20;

/**
 * The files in a tar archive (POSIX.1-1988 "ustar" and older, with the long names of POSIX.1-2001 "pax" and of GNU tar), found by reading
 * the headers alone.
 *
 * @throws UserError when the archive is cut short, naming it and its last whole member; for what is no tar archive; and when it cannot
 *   be read.
 */
export async function readTarMembers(path: string): Promise<TarMember[]> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const reader = new ArchiveReader(path, size, async (bytes, position) => {
        let done = 0;
        while (done < bytes.length) {
          const { bytesRead } = await file.read(bytes, done, bytes.length - done, position + done);
          if (bytesRead === 0) break;
          done += bytesRead;
        }
      });
      return await listMembers(reader);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw explainSystemError('read', path, error);
  }
}

class ArchiveReader {
  readonly path: string;
  readonly size: number;
  readonly #read: (bytes: Uint8Array, position: number) => Promise<void>;
  #start = 0;
  #held = new Uint8Array(0);

  constructor(path: string, size: number, read: (bytes: Uint8Array, position: number) => Promise<void>) {
    this.path = path;
    this.size = size;
    this.#read = read;
  }

  /** Bytes of the archive, which the caller has checked to be there. */
  async bytes(position: number, length: number): Promise<Uint8Array> {
    const at = position - this.#start;
    if (at < 0 || at + length > this.#held.length) {
      this.#held = new Uint8Array(Math.min(Math.max(length, READ_AHEAD), this.size - position));
      this.#start = position;
      await this.#read(this.#held, position);
    }
    return this.#held.subarray(position - this.#start, position - this.#start + length);
  }
}

/** What headers say of the member after them. */
interface Announced {
  name?: string;
  size?: number;
}

async function listMembers(reader: ArchiveReader): Promise<TarMember[]> {
  const members: TarMember[] = [];
  const last = () => members.at(-1)?.name;
  let announced: Announced = {};
  for (let position = 0; ; ) {
    // Two empty blocks end an archive; one, or none after a whole member, is what some programs leave.
    if (position === reader.size && position > 0) return members;
    if (position + BLOCK > reader.size) throw cutShort(reader, last());
    const header = await reader.bytes(position, BLOCK);
    if (header.every((byte) => byte === 0)) return members;
    const { type, name, size: ownSize } = parseHeader(header, reader.path, last());
    const size = announced.size ?? ownSize;
    const offset = position + BLOCK;
    if (offset + size > reader.size) throw cutShort(reader, last(), announced.name ?? name);
    if (isAnnouncement(type)) {
      if (size > LONGEST_NAME) throw damaged(reader.path, last());
      announced = { ...announced, ...announcedBy(type, await reader.bytes(offset, size)) };
    } else {
      if (type === '0' || type === '\0' || type === '7') {
        members.push({ name: announced.name ?? name, offset, size });
      }
      announced = {};
    }
    position = offset + Math.ceil(size / BLOCK) * BLOCK;
    // The padding of the last member may be missing, if the member itself is whole.
    if (position > reader.size) return members;
  }
}

const ASCII = new TextDecoder('latin1');
const UTF8 = new TextDecoder();

function parseHeader(header: Uint8Array, path: string, last: string | undefined) {
  const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
  if (octal(header.subarray(148, 156)) !== sum) throw damaged(path, last);
  const isUstar = ASCII.decode(header.subarray(257, 262)) === 'ustar';
  // GNU tar keeps other things where POSIX has the first part of the name.
  const prefix = isUstar && header[262] === 0 ? text(header.subarray(345, 500)) : '';
  const name = text(header.subarray(0, 100));
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    type: String.fromCharCode(header[156] ?? 0),
    size: numberOf(header.subarray(124, 136)),
  };
}

function text(field: Uint8Array): string {
  const end = field.indexOf(0);
  return UTF8.decode(end < 0 ? field : field.subarray(0, end));
}

function octal(field: Uint8Array): number {
  return Number.parseInt(ASCII.decode(field).replaceAll('\0', ' ').trim() || '0', 8);
}

/** A size in octal digits, or, of 8 GiB and more, in base 256, as GNU tar has it. */
function numberOf(field: Uint8Array): number {
  if (((field[0] ?? 0) & 0x80) === 0) return octal(field);
  return field.subarray(1).reduce((value, byte) => value * 256 + byte, (field[0] ?? 0) & 0x7f);
}

/** Members that tell of the next one: pax records, a long name of GNU tar; and those that are passed over. */
const isAnnouncement = (type: string): boolean => type === 'x' || type === 'L';

function announcedBy(type: string, bytes: Uint8Array): Announced {
  if (type === 'L') return { name: text(bytes) };
  const announced: Announced = {};
  // Each record is "length key=value\n", its length in bytes, itself included.
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(ASCII.decode(bytes.subarray(at, space)));
    if (space < 0 || !(length > space - at)) break;
    const record = UTF8.decode(bytes.subarray(space + 1, at + length - 1));
    const [key, value] = [record.slice(0, record.indexOf('=')), record.slice(record.indexOf('=') + 1)];
    if (key === 'path') announced.name = value;
    if (key === 'size') announced.size = Number(value);
    at += length;
  }
  return announced;
}

function cutShort({ path, size }: ArchiveReader, last: string | undefined, within?: string): UserError {
  const where = within === undefined ? '' : ` within ${within}`;
  const whole = last === undefined ? 'it has no whole member' : `the last whole member is ${last}`;
  return new UserError(
    `${path} is cut short${where}, after ${size} bytes: ${whole}`,
    'copy or download this shard again; or take it out of the folder',
  );
}

function damaged(path: string, last: string | undefined): UserError {
  return last === undefined
    ? new UserError(`${path} is not a tar archive`, 'make one with tar, uncompressed')
    : new UserError(
        `${path} is damaged: what follows the member ${last} is not a tar header`,
        'copy or download this shard again; or take it out of the folder',
      );
}
