import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { checkpointWeights } from '../../diff/onnx/checkpoint-weights.ts';
import { compiledFile } from '../../diff/onnx/compiled-file.ts';
import type { OnnxSide } from '../../diff/onnx/diff-onnx.ts';
import { type OnnxFile, readOnnx } from '../../diff/onnx/onnx-file.ts';
import { SPEC_HASH } from '../../diff/onnx/onnx-rules.ts';
import type { Side } from '../../diff/side.ts';
import { specHash } from '../../emit/spec-json.ts';
import { listOf } from '../../language/words.ts';
import { reason, SourceError } from '../system-errors.ts';
import { below, diskTree } from './file-tree.ts';

/** Reads an ONNX file on disk. Throws a `SourceError` that says why it cannot be read. */
export function readOnnxSide(label: string): OnnxSide {
  const disk = diskTree();
  const file = readOnnx(bytesOf(label), {
    sha256,
    external(location, offset, length) {
      // The file names its neighbour; it is not to read anything else.
      if (location !== location.replaceAll(/[\\/]/g, '') || location === '..') {
        return { because: `its weights lie at ${JSON.stringify(location)}, not beside it` };
      }
      const found = disk.readBytes(below(dirname(label), location), offset, length);
      if ('because' in found)
        return { because: `its weights in ${location} cannot be read: ${found.because}` };
      return found.length === length
        ? found
        : { because: `${location}, which has its weights, ends too early` };
    },
  });
  if ('because' in file) throw new SourceError(`cannot read ${label}: ${file.because}`, file.help);
  return { facts: { label, kind: 'onnx' }, file };
}

function bytesOf(label: string): Uint8Array {
  try {
    return readFileSync(label);
  } catch (error) {
    throw new SourceError(`cannot read ${label}: ${reason(error)}`, 'name an .onnx file on disk');
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What a spec compiles to where a file was compiled from one. Throws a `SourceError` where the file does not say of which. */
export function compiledSide(side: Side, { facts, file }: OnnxSide): OnnxSide {
  const { 'mae.model': name, 'mae.graph': graph } = file.facts.metadata;
  if (name === undefined || graph === undefined) {
    throw new SourceError(
      `cannot compare ${facts.label} with ${side.label}: its metadata does not say what it was compiled from`,
      'only files that mae-compile or mae export wrote can be; compare it with another .onnx file or a checkpoint instead',
    );
  }
  const { spec } = modelOf(side, name);
  const bytes = compiledFile(spec, graph);
  if (bytes === undefined) {
    throw new SourceError(
      `cannot compare ${facts.label} with ${side.label}: ${spec.name} compiles to no ${graph}.onnx`,
      'compare it with a spec that asks for it, such as with finetune or linear-probe',
    );
  }
  return { facts: { label: side.label, kind: side.kind }, file: decoded(bytes) };
}

/** A checkpoint with the graph that its model compiles to; where there is none of the file's name, only its numbers count. */
export function checkpointSide({ label, kind, models }: Side, { file }: OnnxSide): OnnxSide {
  const [model] = models;
  const checkpoint = model && checkpointWeights(model, sha256);
  if (model === undefined || checkpoint === undefined) throw new Error(`${label} holds no numbers`);
  const common = { facts: { label, kind }, checkpoint };
  const { 'mae.graph': graph, ...metadata } = file.facts.metadata;
  const bytes = graph === undefined ? undefined : compiledFile(model.spec, graph);
  if (bytes !== undefined) return { ...common, file: decoded(bytes) };
  const said = { ...metadata, 'mae.model': model.spec.name, [SPEC_HASH]: specHash(model.spec) };
  return { ...common, file: { ...file, facts: { ...file.facts, metadata: said } }, isGraphless: true };
}

/** The only model of a side; of several the one of the file's name. */
function modelOf({ models, label }: Side, name: string): Side['models'][number] {
  const [first, ...further] = models;
  const found = further.length === 0 ? first : models.find(({ spec }) => spec.name === name);
  if (found !== undefined) return found;
  const names = models.map(({ spec }) => spec.name);
  throw new SourceError(
    `${label} has no model ${name}, which the file is of`,
    names.length === 0 ? 'name a spec' : `name one of ${listOf(names)}: ${label}#${names[0]}`,
  );
}

function decoded(bytes: Uint8Array): OnnxFile {
  const file = readOnnx(bytes, { sha256, external: () => ({ because: 'nothing is external' }) });
  if ('because' in file) throw new Error(`what was compiled cannot be read: ${file.because}`);
  return file;
}
