import { bytesField, doubleField, floatField, integerField, message } from './protobuf.ts';

/**
 * What an event file holds. Field numbers are those of `tensorflow.Event`, `tensorflow.Summary` and `tensorflow.TensorProto`
 * (tensorboard/compat/proto: event.proto, summary.proto, tensor.proto).
 */
export interface TensorBoardEvent {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step: number;
  readonly what: /** The first event of every file. */
    | { readonly kind: 'version' }
    /** A session that goes on from here: what earlier files hold of this step and of later ones no longer counts. */
    | { readonly kind: 'session-start' }
    | { readonly kind: 'summary'; readonly values: readonly SummaryValue[] };
}

/** What is seen under one tag at one step. */
export type SummaryValue = { readonly tag: string } & (
  | { readonly kind: 'scalar'; readonly value: number }
  | { readonly kind: 'image'; readonly png: Uint8Array }
  /** Markdown. */
  | { readonly kind: 'text'; readonly text: string }
);

const VERSION = 'brain.Event:2';
const SESSION_START = 1;
const DT_STRING = 7;

/** An event as a `tensorflow.Event` message. */
export function encodeEvent({ wallTime, step, what }: TensorBoardEvent): Uint8Array {
  return message(doubleField(1, wallTime), integerField(2, step), encodeContent(what));
}

function encodeContent(what: TensorBoardEvent['what']): Uint8Array {
  if (what.kind === 'version') return bytesField(3, VERSION);
  if (what.kind === 'session-start') return bytesField(7, integerField(1, SESSION_START));
  return bytesField(5, message(...what.values.map((value) => bytesField(1, encodeValue(value)))));
}

/**
 * Scalars and images in the forms that TensorBoard has always read, as PyTorch writes them; text has had only one form, a tensor
 * of one string that names the plugin which shows it.
 */
function encodeValue(value: SummaryValue): Uint8Array {
  const tag = bytesField(1, value.tag);
  if (value.kind === 'scalar') return message(tag, floatField(2, value.value));
  if (value.kind === 'image') return message(tag, bytesField(4, encodeImage(value.png)));
  const oneString = bytesField(2, bytesField(2, integerField(1, 1)));
  const tensor = message(integerField(1, DT_STRING), oneString, bytesField(8, value.text));
  return message(tag, bytesField(8, tensor), bytesField(9, bytesField(1, bytesField(1, 'text'))));
}

/** Channels by a PNG's colour type: grey, colour, palette (of colours), and grey and colour with transparency. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 3, 4: 2, 6: 4 };

/** Size and channels are where every PNG has them: in its first chunk (ISO 15948, 11.2.1). */
function encodeImage(png: Uint8Array): Uint8Array {
  const header = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  if (header.length < 26 || header.toString('latin1', 12, 16) !== 'IHDR') throw new Error('not a PNG');
  return message(
    integerField(1, header.readUInt32BE(20)),
    integerField(2, header.readUInt32BE(16)),
    integerField(3, CHANNELS[header.readUInt8(25)] ?? 3),
    bytesField(4, png),
  );
}

/** A message as a TFRecord: its length, the length's checksum, the message, its checksum. */
export function tensorFlowRecord(data: Uint8Array, checksum: (bytes: Uint8Array) => number): Uint8Array {
  const record = Buffer.alloc(12 + data.length + 4);
  record.writeBigUInt64LE(BigInt(data.length), 0);
  record.writeUInt32LE(checksum(record.subarray(0, 8)), 8);
  record.set(data, 12);
  record.writeUInt32LE(checksum(data), 12 + data.length);
  return record;
}
