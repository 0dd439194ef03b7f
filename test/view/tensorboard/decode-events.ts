import protobuf from 'protobufjs';

/** As in tensorboard/compat/proto, the fields that are looked at here. */
const { root } = protobuf.parse(
  `
  syntax = "proto3";
  message Event {
    double wall_time = 1;
    int64 step = 2;
    oneof what { string file_version = 3; Summary summary = 5; SessionLog session_log = 7; }
  }
  message SessionLog {
    enum SessionStatus { STATUS_UNSPECIFIED = 0; START = 1; STOP = 2; CHECKPOINT = 3; }
    SessionStatus status = 1;
  }
  message Summary {
    message Image { int32 height = 1; int32 width = 2; int32 colorspace = 3; bytes encoded_image_string = 4; }
    message Value {
      string tag = 1;
      SummaryMetadata metadata = 9;
      oneof value { float simple_value = 2; Image image = 4; TensorProto tensor = 8; }
    }
    repeated Value value = 1;
  }
  message SummaryMetadata {
    message PluginData { string plugin_name = 1; bytes content = 2; }
    PluginData plugin_data = 1;
  }
  message TensorShapeProto { message Dim { int64 size = 1; } repeated Dim dim = 2; }
  message TensorProto { int32 dtype = 1; TensorShapeProto tensor_shape = 2; repeated bytes string_val = 8; }
`,
  { keepCase: true },
);

/** An event as plain data: 64-bit numbers as numbers, enums by name, fields that are not there left out. */
export interface DecodedEvent {
  readonly wall_time: number;
  readonly step?: number;
  readonly file_version?: string;
  readonly session_log?: { readonly status: string };
  readonly summary?: { readonly value: readonly DecodedValue[] };
}

export interface DecodedValue {
  readonly tag: string;
  readonly simple_value?: number;
  readonly image?: {
    readonly height: number;
    readonly width: number;
    readonly colorspace: number;
    readonly encoded_image_string: Buffer;
  };
  readonly tensor?: object;
  readonly metadata?: object;
}

/** The events of a file; throws when a record is cut off or a checksum is wrong. */
export function decodeEvents(file: Buffer): DecodedEvent[] {
  const type = root.lookupType('Event');
  const events: DecodedEvent[] = [];
  for (let offset = 0; offset < file.length; ) {
    const length = Number(file.readBigUInt64LE(offset));
    checkSum(file.subarray(offset, offset + 8), file.readUInt32LE(offset + 8));
    const data = file.subarray(offset + 12, offset + 12 + length);
    checkSum(data, file.readUInt32LE(offset + 12 + length));
    const { wall_time = 0, ...fields } = type.toObject(type.decode(data), { longs: Number, enums: String });
    events.push({ wall_time, ...fields });
    offset += 12 + length + 4;
  }
  return events;
}

function checkSum(bytes: Uint8Array, masked: number): void {
  const unshifted = (masked - 0xa282ead8) >>> 0;
  const recorded = ((unshifted >>> 17) | (unshifted << 15)) >>> 0;
  const actual = bitwiseCrc32c(bytes);
  if (recorded !== actual) throw new Error(`the checksum is ${recorded}, of the bytes ${actual}`);
}

/** Polynomial division by the book, bit after bit, in whole numbers: 1edc6f41 over the bits of each byte, the lowest first. */
function bitwiseCrc32c(bytes: Uint8Array): number {
  let register = 0xffff_ffffn;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const input = BigInt((byte >> bit) & 1);
      const high = (register >> 31n) ^ input;
      register = (register << 1n) & 0xffff_ffffn;
      if (high === 1n) register ^= 0x1edc_6f41n;
    }
  }
  const remainder = register ^ 0xffff_ffffn;
  return Number(BigInt(`0b${[...remainder.toString(2).padStart(32, '0')].reverse().join('')}`));
}
