/** Pieces of pickles, by Python's `pickletools`. */

export const text = (value: string): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(Buffer.byteLength(value));
  return Buffer.concat([Buffer.from('X'), length, Buffer.from(value)]);
};

/** A signed integer: of 32 bits, or as long as need be. */
export const integer = (value: number): Buffer => {
  const bytes = Buffer.alloc(Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? 5 : 10);
  if (bytes.length === 5) {
    bytes.write('J');
    bytes.writeInt32LE(value, 1);
  } else {
    bytes.writeUInt8(0x8a, 0);
    bytes.writeUInt8(8, 1);
    bytes.writeBigInt64LE(BigInt(value), 2);
  }
  return bytes;
};

export const global = (module: string, name: string): Buffer => Buffer.from(`c${module}\n${name}\n`);

export const tuple = (...items: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.from('('), ...items, Buffer.from('t')]);

export const dictionary = (entries: readonly (readonly [string, Buffer])[]): Buffer =>
  Buffer.concat([
    Buffer.from('}('),
    ...entries.flatMap(([key, value]) => [text(key), value]),
    Buffer.from('u'),
  ]);

export const call = (called: Buffer, args: Buffer): Buffer => Buffer.concat([called, args, Buffer.from('R')]);

/** A whole pickle. */
export const pickle = (...value: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.from([0x80, 2]), ...value, Buffer.from('.')]);

/** A float tensor: a view of the storage `key`. */
export function tensor(view: {
  readonly key?: string;
  readonly stored: number;
  readonly offset?: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly type?: string;
}): Buffer {
  const { key = '0', stored, offset = 0, shape, strides, type = 'FloatStorage' } = view;
  const storage = Buffer.concat([
    tuple(text('storage'), global('torch', type), text(key), text('cpu'), integer(stored)),
    Buffer.from('Q'),
  ]);
  const [sides, steps] = [shape, strides].map((numbers) => tuple(...numbers.map(integer)));
  return call(
    global('torch._utils', '_rebuild_tensor_v2'),
    tuple(storage, integer(offset), sides ?? tuple(), steps ?? tuple()),
  );
}
