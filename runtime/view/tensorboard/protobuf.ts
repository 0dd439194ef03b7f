/** The little of the protobuf wire format that event files need: each function writes one field of a message. */

const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** The fields of a message, one after the other. */
export function message(...fields: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(fields);
}

/** A whole number from 0 to 2^53 - 1, as int32, int64 or an enum. */
export function integerField(number: number, value: number): Uint8Array {
  return Buffer.concat([key(number, WIRE.varint), varint(value)]);
}

export function floatField(number: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([key(number, WIRE.fixed32), bytes]);
}

export function doubleField(number: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([key(number, WIRE.fixed64), bytes]);
}

/** Text in UTF-8, bytes, or a message inside the message. */
export function bytesField(number: number, value: string | Uint8Array): Uint8Array {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  return Buffer.concat([key(number, WIRE.bytes), varint(bytes.length), bytes]);
}

function key(number: number, wire: number): Uint8Array {
  return varint(number * 8 + wire);
}

/** Seven bits a byte, the lowest first; the eighth says that there are more. */
function varint(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${value} is no count`);
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Uint8Array.from([...bytes, rest]);
}
