import type { NamedTensor } from '../../../runtime/engine/engine.ts';
import type { CompiledSpec } from '../../../runtime/model/compiled-spec.ts';
import { UserError } from '../../../runtime/user-error.ts';
import {
  formatHeader,
  HeaderError,
  LENGTH_BYTES,
  parseHeader,
} from '../../../runtime/weights/safetensors-header.ts';
import type { WeightsOrigin } from './messages.ts';

/** The parameters of a model out of a safetensors file, and what the file says of its training. */
export interface FileWeights {
  readonly origin: WeightsOrigin;
  /** Those that are there: what else a checkpoint holds, moments for one, is left out. */
  readonly parameters: readonly NamedTensor[];
}

/** @throws UserError when the bytes are no whole safetensors file. */
export function readWeights(file: string, bytes: ArrayBuffer, spec: CompiledSpec): FileWeights {
  try {
    const { header, start } = headerOf(bytes);
    const wanted = new Set(spec.parameters.map(({ name }) => name));
    const parameters = header.tensors
      .filter(({ name }) => wanted.has(name))
      .map(({ name, shape, type, begin, end }) => {
        const data = Float32Array.from(type.decode(bytes.slice(start + begin, start + end)));
        return { name, shape, data };
      });
    if (parameters.length === 0) {
      throw new HeaderError(`it has none of the ${spec.parameters.length} parameters of ${spec.model.name}`);
    }
    const steps = Number(header.metadata.get('step'));
    const known = Number.isSafeInteger(steps) && steps > 0;
    return { origin: { kind: 'checkpoint', file, ...(known ? { steps } : {}) }, parameters };
  } catch (error) {
    if (!(error instanceof HeaderError)) throw error;
    throw new UserError(
      `${file} cannot be used: ${error.message}`,
      `choose a checkpoint.safetensors of a run of ${spec.model.name}`,
      { cause: error },
    );
  }
}

function headerOf(bytes: ArrayBuffer) {
  if (bytes.byteLength < LENGTH_BYTES) throw new HeaderError(`it has only ${bytes.byteLength} bytes`);
  const length = Number(new DataView(bytes).getBigUint64(0, true));
  const start = LENGTH_BYTES + length;
  if (start > bytes.byteLength)
    throw new HeaderError('it is no safetensors file, or is cut off in its header');
  const header = parseHeader(new Uint8Array(bytes, LENGTH_BYTES, length));
  if (start + header.dataBytes !== bytes.byteLength) {
    throw new HeaderError(
      `it has ${bytes.byteLength} bytes, and its header says ${start + header.dataBytes}`,
    );
  }
  return { header, start };
}

/** A safetensors file of a model's parameters, which `mae reconstruct` and `mae export` take as a checkpoint. */
export function formatWeights(parameters: readonly NamedTensor[], spec: CompiledSpec): ArrayBuffer {
  const sorted = [...parameters].sort((a, b) => (a.name < b.name ? -1 : 1));
  const header = formatHeader(sorted, { format: 'pt', model: spec.model.name, spec_hash: spec.hash });
  const bytes = new Uint8Array(sorted.reduce((sum, { data }) => sum + data.byteLength, header.length));
  bytes.set(header);
  let end = header.length;
  for (const { data } of sorted) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), end);
    end += data.byteLength;
  }
  return bytes.buffer;
}
