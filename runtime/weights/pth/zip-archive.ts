import type { RandomAccessFile } from './random-access-file.ts';

/**
 * The part of the zip format (PKWARE's APPNOTE.TXT) that PyTorch's archives use: entries that are stored as they
 * are, in one file, sizes beyond 4 GiB included (zip64).
 */

export interface ZipEntry {
  readonly name: string;
  /** Of its first byte in the archive. */
  readonly begin: number;
  readonly bytes: number;
}

/** Why an archive cannot be read; whoever opened the file adds its name. */
export class ZipError extends Error {}

const LOCAL = { signature: 0x04034b50, bytes: 30 };
const CENTRAL = { signature: 0x02014b50, bytes: 46 };
const END = { signature: 0x06054b50, bytes: 22 };
const LOCATOR64 = { signature: 0x07064b50, bytes: 20 };
const END64 = { signature: 0x06064b50, bytes: 56 };

/** The end record is followed by a comment of at most this length. */
const LONGEST_COMMENT = 0xffff;
/** Of the list of entries: a model has thousands of tensors, not millions. */
const LONGEST_DIRECTORY = 64 * 1024 * 1024;

const ENCRYPTED = 1;
const STORED = 0;
/** Stands for a number that is in the zip64 fields. */
const IN_ZIP64 = 0xffffffff;
const ZIP64_FIELD = 1;

/**
 * The entries of an archive by their names, all of which lie inside the file, apart from each other. Throws a
 * `ZipError` when it is cut off, damaged, compressed or encrypted.
 */
export async function readZipEntries(file: RandomAccessFile): Promise<ReadonlyMap<string, ZipEntry>> {
  const directory = await findDirectory(file);
  const bytes = await file.read(directory.begin, directory.bytes);
  const listed = parseDirectory(bytes, directory.entries);
  const entries = new Map<string, ZipEntry>();
  for (const { name, header, size } of listed) {
    if (entries.has(name)) throw new ZipError(`it has two entries ${name}`);
    entries.set(name, await locate(file, { name, header, size, limit: directory.begin }));
  }
  let end = 0;
  for (const entry of [...entries.values()].sort((a, b) => a.begin - b.begin)) {
    if (entry.begin < end)
      throw new ZipError(`the bytes of its entry ${entry.name} overlap those of another`);
    end = entry.begin + entry.bytes;
  }
  return entries;
}

interface Directory {
  readonly begin: number;
  readonly bytes: number;
  readonly entries: number;
}

async function findDirectory(file: RandomAccessFile): Promise<Directory> {
  const tailBytes = Math.min(file.size, END.bytes + LONGEST_COMMENT);
  const tailStart = file.size - tailBytes;
  const tail = await file.read(tailStart, tailBytes);
  for (let at = tailBytes - END.bytes; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== END.signature) continue;
    if (at + END.bytes + tail.readUInt16LE(at + 20) !== tailBytes) continue;
    const wide = await readEnd64(file, tailStart + at);
    const directory = wide ?? {
      entries: tail.readUInt16LE(at + 10),
      bytes: tail.readUInt32LE(at + 12),
      begin: tail.readUInt32LE(at + 16),
    };
    if (directory.bytes > LONGEST_DIRECTORY || directory.begin + directory.bytes > tailStart + at) {
      throw new ZipError('its list of entries does not lie inside it');
    }
    return directory;
  }
  throw new ZipError('it is cut off: the end of a zip archive is missing');
}

/** The zip64 end record that the locator before the end record points to, if there is one. */
async function readEnd64(file: RandomAccessFile, end: number): Promise<Directory | undefined> {
  if (end < LOCATOR64.bytes) return undefined;
  const locator = await file.read(end - LOCATOR64.bytes, LOCATOR64.bytes);
  if (locator.readUInt32LE(0) !== LOCATOR64.signature) return undefined;
  const at = safeNumber(locator.readBigUInt64LE(8));
  if (at + END64.bytes > end) throw new ZipError('its end record does not lie inside it');
  const record = await file.read(at, END64.bytes);
  if (record.readUInt32LE(0) !== END64.signature) throw new ZipError('its end record is damaged');
  return {
    entries: safeNumber(record.readBigUInt64LE(32)),
    bytes: safeNumber(record.readBigUInt64LE(40)),
    begin: safeNumber(record.readBigUInt64LE(48)),
  };
}

interface ListedEntry {
  readonly name: string;
  /** Where its local header begins. */
  readonly header: number;
  readonly size: number;
}

function parseDirectory(bytes: Buffer, count: number): ListedEntry[] {
  const entries: ListedEntry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL.bytes > bytes.length || bytes.readUInt32LE(at) !== CENTRAL.signature) {
      throw new ZipError('its list of entries is damaged');
    }
    const nameEnd = at + CENTRAL.bytes + bytes.readUInt16LE(at + 28);
    const extraEnd = nameEnd + bytes.readUInt16LE(at + 30);
    const next = extraEnd + bytes.readUInt16LE(at + 32);
    if (next > bytes.length) throw new ZipError('its list of entries is damaged');
    const name = bytes.toString('utf8', at + CENTRAL.bytes, nameEnd);
    if (bytes.readUInt16LE(at + 8) & ENCRYPTED) throw new ZipError(`its entry ${name} is encrypted`);
    if (bytes.readUInt16LE(at + 10) !== STORED) {
      throw new ZipError(`its entry ${name} is compressed, which PyTorch's checkpoints are not`);
    }
    // The sizes and the place, each in zip64's field if it says so here, in this order.
    const wide = zip64Numbers(bytes.subarray(nameEnd, extraEnd));
    const [size = 0, stored = 0, header = 0] = [24, 20, 42].map((field) => {
      const number = bytes.readUInt32LE(at + field);
      if (number !== IN_ZIP64) return number;
      const long = wide.shift();
      if (long === undefined) throw new ZipError(`its entry ${name} has no size`);
      return long;
    });
    if (size !== stored) throw new ZipError(`its entry ${name} has two sizes: ${size} and ${stored}`);
    entries.push({ name, header, size });
    at = next;
  }
  return entries;
}

function zip64Numbers(extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length; ) {
    const end = at + 4 + extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === ZIP64_FIELD && end <= extra.length) {
      const count = Math.floor((end - at - 4) / 8);
      return Array.from({ length: count }, (_, i) => safeNumber(extra.readBigUInt64LE(at + 4 + 8 * i)));
    }
    at = end;
  }
  return [];
}

/** Where an entry's bytes begin: after its local header, whose extra fields may differ from the listed ones. */
async function locate(
  file: RandomAccessFile,
  { name, header, size, limit }: ListedEntry & { readonly limit: number },
): Promise<ZipEntry> {
  if (header + LOCAL.bytes > limit) throw new ZipError(`its entry ${name} does not lie inside it`);
  const local = await file.read(header, LOCAL.bytes);
  if (local.readUInt32LE(0) !== LOCAL.signature) throw new ZipError(`its entry ${name} is damaged`);
  const begin = header + LOCAL.bytes + local.readUInt16LE(26) + local.readUInt16LE(28);
  if (begin + size > limit) {
    throw new ZipError(`its entry ${name} of ${size} bytes does not lie inside it`);
  }
  return { name, begin, bytes: size };
}

function safeNumber(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new ZipError('a size in it is too large');
  return Number(value);
}
