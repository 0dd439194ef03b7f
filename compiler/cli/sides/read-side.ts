import { networks, type Side, type SideModel } from '../../diff/side.ts';
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
 * of these in git as `main:spec/`, and one model of several as `spec/#vit-base`. Rejects with a `SourceError` that says why it
 * cannot be read and what can. What reads compiled models and checkpoints is loaded for them only.
 */
export async function readSide(label: string, options: SideOptions = {}): Promise<Side> {
  const disk = diskTree(options.importsBeside);
  const { path, model } = splitModel(label, disk);
  const { tree, place } = locate(path, disk);
  const side = await readPlace(tree, place, path);
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

async function readPlace(tree: FileTree, place: string, label: string): Promise<Side> {
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

type Reader = (tree: FileTree, place: string, label: string) => Side | Promise<Side>;

const readers: Readonly<Record<string, Reader>> = {
  '.mae': (tree, place, label) => readSpecs(tree, [place], label, false),
  '.json': (tree, place, label) => readCompiledSide(tree, [{ file: place, label }], label, false),
  async '.safetensors'(tree, place, label) {
    const { readCheckpoint } = await import('./read-checkpoint.ts');
    return readCheckpoint(tree, place, label);
  },
};

async function readFolder(tree: FileTree, folder: string, label: string): Promise<Side> {
  const own = below(folder, 'spec.json');
  if (tree.kindOf(own) === 'file') return readCompiledSide(tree, [{ file: own, label }], label, false);
  const generated = tree
    .entriesOf(folder)
    .map((name) => below(folder, `${name}/spec.json`))
    .filter((file) => tree.kindOf(file) === 'file');
  if (generated.length === 0) return readSpecs(tree, tree.specsIn(folder), label, true);
  const named = generated.map((file) => ({ file, label: file }));
  return readCompiledSide(tree, named, label, true);
}

async function readCompiledSide(
  tree: FileTree,
  files: readonly { readonly file: string; readonly label: string }[],
  label: string,
  isFolder: boolean,
): Promise<Side> {
  const { readCompiled } = await import('./read-compiled.ts');
  const models = files.map((each) => readCompiled(tree, each.file, each.label));
  return { label, kind: 'compiled', isFolder, models, sources: new Map(), ...revisionOf(tree) };
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

function revisionOf({ revision }: FileTree): { revision?: string } {
  return revision === undefined ? {} : { revision };
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
