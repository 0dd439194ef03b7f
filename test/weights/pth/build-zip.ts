/** Entries of a zip archive as PyTorch writes it: stored, their sizes in the list at the end alone. */
export interface ZipOptions {
  /** Sizes and places in the fields for archives beyond 4 GiB. */
  readonly zip64?: boolean;
  /** Of the bytes of a listed entry, to be changed. */
  readonly damage?: (listed: Buffer) => void;
  readonly comment?: string;
}

/** The bytes of an archive with these entries, by the format's description (APPNOTE.TXT). */
export function buildZip(
  entries: readonly (readonly [string, Uint8Array])[],
  options: ZipOptions = {},
): Buffer {
  const { zip64 = false, damage, comment = '' } = options;
  const parts: Buffer[] = [];
  const listed: Buffer[] = [];
  let position = 0;
  for (const [name, bytes] of entries) {
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    parts.push(local, Buffer.from(name), Buffer.from(bytes));
    listed.push(listEntry(name, bytes.length, position, zip64));
    position += 30 + name.length + bytes.length;
  }
  for (const entry of listed) damage?.(entry);
  const directory = Buffer.concat(listed);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(zip64 ? 0xffff : entries.length, 10);
  end.writeUInt32LE(zip64 ? 0xffffffff : directory.length, 12);
  end.writeUInt32LE(zip64 ? 0xffffffff : position, 16);
  end.writeUInt16LE(comment.length, 20);
  const end64 = zip64 ? endRecords64(entries.length, directory.length, position) : Buffer.alloc(0);
  return Buffer.concat([...parts, directory, end64, end, Buffer.from(comment)]);
}

function listEntry(name: string, bytes: number, position: number, zip64: boolean): Buffer {
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  for (const field of [20, 24]) entry.writeUInt32LE(zip64 ? 0xffffffff : bytes, field);
  entry.writeUInt16LE(name.length, 28);
  entry.writeUInt32LE(zip64 ? 0xffffffff : position, 42);
  if (!zip64) return Buffer.concat([entry, Buffer.from(name)]);
  const extra = Buffer.alloc(28);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(24, 2);
  for (const [i, number] of [bytes, bytes, position].entries())
    extra.writeBigUInt64LE(BigInt(number), 4 + 8 * i);
  entry.writeUInt16LE(extra.length, 30);
  return Buffer.concat([entry, Buffer.from(name), extra]);
}

function endRecords64(entries: number, bytes: number, begin: number): Buffer {
  const record = Buffer.alloc(56);
  record.writeUInt32LE(0x06064b50, 0);
  for (const [i, number] of [entries, bytes, begin].entries())
    record.writeBigUInt64LE(BigInt(number), 32 + 8 * i);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(begin + bytes), 8);
  return Buffer.concat([record, locator]);
}
