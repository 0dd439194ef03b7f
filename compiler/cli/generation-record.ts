import { hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { GeneratedModel } from '../compile-model.ts';
import type { ModelSpec } from '../language/model-spec.ts';
import { isCurrent, replaceGenerated } from './replace-file.ts';

/** Lies beside spec.json and is for the next compilation only; like the .onnx files, it belongs under no version control. */
export const RECORD_FILE = '.mae-compile.json';

interface GenerationRecord {
  /** Fingerprint of the compiler that made the files. */
  readonly compiler: string;
  /** Fingerprint of the resolved spec that they were made from. */
  readonly spec: string;
  /** Of each file its SHA-256, by its path in the model's folder. */
  readonly files: Readonly<Record<string, string>>;
  /** What is printed of the model. */
  readonly cost: GeneratedModel['cost'];
  readonly memory: GeneratedModel['memory'];
}

/** A model whose files are there as they would be generated. */
export type UnchangedModel = Pick<GeneratedModel, 'name' | 'cost' | 'memory'> & {
  /** Their paths in the model's folder. */
  readonly files: readonly string[];
};

const sha256 = (content: string | Uint8Array): string => hash('sha256', content);

/** All that a model's files are made from, as text: the spec with its recipes, wherever in the sources its parts stand. */
export function specText({ spans: _, ...spec }: ModelSpec): string {
  return JSON.stringify(spec);
}

/**
 * What the folder `out` holds of a model, if this very compiler made it from an equal spec and no file has changed since.
 * Undefined where anything is missing, damaged or different.
 */
export function unchangedModel(out: string, spec: ModelSpec): UnchangedModel | undefined {
  const folder = join(out, spec.name);
  const record = readRecord(folder);
  if (record === undefined || record.spec !== sha256(specText(spec))) return undefined;
  if (record.compiler !== compilerFingerprint()) return undefined;
  const { files, cost, memory } = record;
  const isThere = ([path, sum]: readonly [string, string]) => fileSum(join(folder, path)) === sum;
  if (!Object.entries(files).every(isThere)) return undefined;
  return { name: spec.name, files: Object.keys(files), cost, memory };
}

/** Remembers that these files of the model are now in `out`. Throws a `SourceError` where that cannot be written. */
export function recordGeneration(
  out: string,
  spec: ModelSpec,
  { files, cost, memory }: GeneratedModel,
): void {
  const record: GenerationRecord = {
    compiler: compilerFingerprint(),
    spec: sha256(specText(spec)),
    files: Object.fromEntries(files.map(({ path, content }) => [path, sha256(content)])),
    cost,
    memory,
  };
  const text = JSON.stringify(record);
  const content = `${JSON.stringify({ sha256: sha256(text), record })}\n`;
  const path = join(out, spec.name, RECORD_FILE);
  if (!isCurrent(path, content)) replaceGenerated(path, content);
}

/** Undefined where there is none, or where it is not as it was written. */
function readRecord(folder: string): GenerationRecord | undefined {
  try {
    const written: { sha256: string; record: GenerationRecord } = JSON.parse(
      readFileSync(join(folder, RECORD_FILE), 'utf8'),
    );
    return sha256(JSON.stringify(written.record)) === written.sha256 ? written.record : undefined;
  } catch {
    return undefined;
  }
}

function fileSum(path: string): string | undefined {
  try {
    return sha256(readFileSync(path));
  } catch {
    return undefined;
  }
}

/** The packages that write the files: another version may write them in another way. */
const WRITERS = ['ts-morph', '@ts-morph/common', 'onnx-proto', 'protobufjs'];

let ownFingerprint: string | undefined;

/**
 * SHA-256 of the compiler's own modules and of the versions of what it writes with. A compiler that someone still works on is
 * another one after each change.
 */
function compilerFingerprint(): string {
  const { resolve } = createRequire(import.meta.url);
  ownFingerprint ??= sha256(
    [
      ...modulesIn(compilerFolder(import.meta.dirname)),
      ...WRITERS.map((name) => resolve(`${name}/package.json`)),
    ]
      .map((path) => sha256(readFileSync(path)))
      .join(),
  );
  return ownFingerprint;
}

/** The folder of the compiler's modules, from wherever this one has been bundled to. */
function compilerFolder(from: string): string {
  const isHere = ['ts', 'js'].some((suffix) => existsSync(join(from, 'compiler', `version.${suffix}`)));
  return isHere ? join(from, 'compiler') : compilerFolder(dirname(from));
}

function modulesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /(?<!\.d)\.[jt]s$/.test(path))
    .sort()
    .map((path) => join(folder, path));
}
