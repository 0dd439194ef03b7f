import { networks, type Side, type SideModel } from '../../diff/side.ts';
import { headerLength, LENGTH_BYTES, readHeader } from '../../diff/sides/safetensors.ts';
import { type Refusal, readCheckpointSpec, readSpecJson } from '../../diff/sides/spec-json.ts';
import { compileSources } from '../../language/compile-sources.ts';
import type { Diagnostic } from '../../language/diagnostic.ts';
import type { SourceText } from '../../language/source-text.ts';
import { suggest } from '../../language/suggest.ts';
import { listOf } from '../../language/words.ts';
import { countOf } from '../formats/report.ts';
import { SourceError } from '../system-errors.ts';
import { below, diskTree, type FileTree } from './file-tree.ts';
import { gitTree, pathInRepository } from './git-tree.ts';

/** A spec has mistakes; they are to be shown before the message. */
export class WrongSpecs extends SourceError {
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: ReadonlyMap<string, SourceText>;

  constructor(label: string, diagnostics: readonly Diagnostic[], sources: ReadonlyMap<string, SourceText>) {
    super(`${label} has mistakes`, 'put them right; mae-compile --no-emit --fix may be able to');
    this.diagnostics = diagnostics;
    this.sources = sources;
  }
}

export interface SideOptions {
  /** A file beside which imports are looked for that are not beside a .mae file itself. */
  readonly importsBeside?: string | undefined;
}

const kinds =
  'a .mae file, a folder of them, a generated folder or its spec.json, a checkpoint, or REVISION:PATH in git';

/**
 * Reads one side of a comparison: `spec/vit-base.mae`, `spec/`, `generated/vit-base`, `spec.json`, `checkpoint.safetensors`, any
 * of these in git as `main:spec/`, and one model of several as `spec/#vit-base`. Throws a `SourceError` that says why it
 * cannot be read and what can.
 */
export function readSide(label: string, options: SideOptions = {}): Side {
  const disk = diskTree(options.importsBeside);
  const { path, model } = splitModel(label, disk);
  const { tree, place } = locate(path, disk);
  const side = readPlace(tree, place, path);
  return model === undefined ? { ...side, label } : { ...pick(side, model), label };
}

/** The part behind the last `#` names a model, unless it belongs to the name of a file. */
function splitModel(label: string, disk: FileTree): { path: string; model?: string } {
  const at = label.lastIndexOf('#');
  if (at <= 0 || disk.kindOf(label) !== undefined) return { path: label };
  return { path: label.slice(0, at), model: label.slice(at + 1) };
}

function locate(path: string, disk: FileTree): { tree: FileTree; place: string } {
  const colon = path.indexOf(':');
  if (disk.kindOf(path) !== undefined || colon <= 0) return { tree: disk, place: path };
  const inside = path.slice(colon + 1);
  // As for git: from the root, unless it begins with a dot.
  const tree = gitTree(path.slice(0, colon));
  return { tree, place: /^\.\.?(\/|$)/.test(inside) ? pathInRepository(inside) : inside };
}

/** What git difftool names for a file that one side does not have. */
const NOTHING = '/dev/null';

function readPlace(tree: FileTree, place: string, label: string): Side {
  if (place === NOTHING) return { label, kind: 'spec', isFolder: true, models: [], sources: new Map() };
  const kind = tree.kindOf(place);
  if (kind === undefined) {
    const where =
      tree.revision === undefined
        ? 'there is no such file or folder'
        : `${tree.revision} has no such file or folder`;
    throw new SourceError(`cannot read ${label}: ${where}`, `name ${kinds}`);
  }
  if (kind === 'folder') return readFolder(tree, place, label);
  const extension = /\.[^./]*$/.exec(place)?.[0] ?? '';
  const read = readers[extension];
  if (read === undefined) throw new SourceError(`cannot compare ${label}: it is no spec`, `name ${kinds}`);
  return read(tree, place, label);
}

type Reader = (tree: FileTree, place: string, label: string) => Side;

const readers: Readonly<Record<string, Reader>> = {
  '.mae': (tree, place, label) => readSpecs(tree, [place], label, false),
  '.json': (tree, place, label) => compiled(tree, [readCompiled(tree, place, label)], label, false),
  '.safetensors': readCheckpoint,
};

function readFolder(tree: FileTree, folder: string, label: string): Side {
  if (tree.kindOf(below(folder, 'spec.json')) === 'file') {
    return compiled(tree, [readCompiled(tree, below(folder, 'spec.json'), label)], label, false);
  }
  const generated = tree
    .entriesOf(folder)
    .map((name) => below(folder, `${name}/spec.json`))
    .filter((file) => tree.kindOf(file) === 'file');
  if (generated.length === 0) return readSpecs(tree, tree.specsIn(folder), label, true);
  return compiled(
    tree,
    generated.map((file) => readCompiled(tree, file, file)),
    label,
    true,
  );
}

function readSpecs(tree: FileTree, files: readonly string[], label: string, isFolder: boolean): Side {
  const { models, diagnostics, sources } = compileSources(files, tree.reader(files));
  if (countOf(diagnostics, 'error') > 0) throw new WrongSpecs(label, diagnostics, sources);
  if (models.length === 0) {
    throw new SourceError(`${label} declares no model`, 'a model begins with: model NAME { … }');
  }
  return {
    label,
    kind: 'spec',
    isFolder: isFolder || models.length > 1,
    models: models.map((spec): SideModel => ({ spec, knows: networks })),
    sources,
    ...revisionOf(tree),
  };
}

function compiled(tree: FileTree, models: readonly SideModel[], label: string, isFolder: boolean): Side {
  return { label, kind: 'compiled', isFolder, models, sources: new Map(), ...revisionOf(tree) };
}

function revisionOf({ revision }: FileTree): { revision?: string } {
  return revision === undefined ? {} : { revision };
}

function readCompiled(tree: FileTree, file: string, label: string): SideModel {
  const text = tree.readText(file);
  if (typeof text !== 'string') throw unreadable(label, { ...text, help: 'may the file be read?' });
  return granted(readSpecJson(file, text), label);
}

function readCheckpoint(tree: FileTree, place: string, label: string): Side {
  const bytes = (begin: number, length: number) => {
    const found = tree.readBytes(place, begin, length);
    if ('because' in found) throw unreadable(label, { ...found, help: 'name a checkpoint on disk' });
    return found;
  };
  const length = granted(headerLength(bytes(0, LENGTH_BYTES)), label);
  const { metadata, tensors } = granted(readHeader(bytes(LENGTH_BYTES, length)), label);
  const models = [{ ...granted(readCheckpointSpec(place, metadata), label), tensors }];
  return { label, kind: 'checkpoint', isFolder: false, models, sources: new Map() };
}

function granted<Value>(read: Value | Refusal, label: string): Value {
  if (isRefusal(read)) throw unreadable(label, read);
  return read;
}

function isRefusal(read: unknown): read is Refusal {
  return typeof read === 'object' && read !== null && 'because' in read;
}

function unreadable(label: string, { because, help }: Refusal): SourceError {
  return new SourceError(`cannot read ${label}: ${because}`, help);
}

/** One model of a side. */
function pick(side: Side, name: string): Side {
  const models = side.models.filter(({ spec }) => spec.name === name);
  if (models.length > 0) return { ...side, models, isFolder: false };
  const names = side.models.map(({ spec }) => spec.name);
  const meant = suggest(name, names);
  const help =
    meant === undefined ? `it has ${listOf(names)}` : `did you mean ${meant}? It has ${listOf(names)}`;
  throw new SourceError(`${side.label} has no model ${name}`, help);
}

/** Of a folder and a single model, the folder's model of the same name; both sides as they are where both are of one sort. */
export function alignSides(old: Side, now: Side): readonly [Side, Side] {
  const isEmpty = old.models.length === 0 || now.models.length === 0;
  if (old.isFolder === now.isFolder || isEmpty) return [old, now];
  const only = (old.isFolder ? now : old).models[0]?.spec.name ?? '';
  return old.isFolder ? [pick(old, only), now] : [old, pick(now, only)];
}
