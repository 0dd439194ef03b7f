import path from 'node:path';
import { expect } from 'vitest';
import {
  type CompiledSources,
  compileSources,
  type SourceReader,
} from '../../compiler/language/compile-sources.ts';
import type { Diagnostic } from '../../compiler/language/diagnostic.ts';
import type { ModelSpec } from '../../compiler/language/model-spec.ts';

/** Files by name. */
export type Files = Readonly<Record<string, string>>;

export function readerOf(files: Files): SourceReader {
  return {
    read: (file) => (Object.hasOwn(files, file) ? files[file] : undefined),
    resolve: (from, specifier) => path.posix.join(path.posix.dirname(from), specifier),
  };
}

/** Compiles one text as `main.mae`, or several files of which the first is the entry. */
export function compile(input: string | Files): CompiledSources {
  const files = typeof input === 'string' ? { 'main.mae': input } : input;
  return compileSources(Object.keys(files).slice(0, 1), readerOf(files));
}

/** The only model of a text without mistakes. */
export function compileModel(input: string | Files): ModelSpec {
  const { models, diagnostics } = compile(input);
  expect(diagnostics).toEqual([]);
  const [model] = models;
  if (model === undefined || models.length > 1) throw new Error(`${models.length} models instead of one`);
  return model;
}

/** The statements of a valid model and of the recipe it uses; replace one to see what that does. */
export interface Parts {
  readonly image?: string;
  readonly patch?: string;
  readonly encoder?: string;
  readonly decoder?: string;
  readonly mask?: string;
  readonly loss?: string;
  readonly pretrain?: string;
  /** Statements of the model after `pretrain`. */
  readonly classifiers?: string;
  readonly epochs?: string;
  readonly warmup?: string;
  readonly batch?: string;
  readonly accumulate?: string;
  readonly optimizer?: string;
  readonly schedule?: string;
  readonly augment?: string;
  readonly seed?: string;
  /** Further statements of the recipe. */
  readonly training?: string;
}

export function specOf(parts: Parts = {}): string {
  return `model vit-test {
  ${parts.image ?? 'image 32x32x3'}
  ${parts.patch ?? 'patch 4'}
  ${parts.encoder ?? 'encoder { width 192, depth 12, heads 3 }'}
  ${parts.decoder ?? 'decoder { width 96, depth 2, heads 3 }'}
  ${parts.mask ?? 'mask random 75%'}
  ${parts.loss ?? 'loss mse { target pixels }'}
  ${parts.pretrain ?? 'pretrain using test-recipe'}${parts.classifiers === undefined ? '' : `; ${parts.classifiers}`}
}
recipe test-recipe {
  ${parts.epochs ?? 'epochs 10'}
  ${parts.warmup ?? ''}
  ${parts.batch ?? 'batch 64'}
  ${parts.accumulate ?? ''}
  ${parts.optimizer ?? 'optimizer adamw { lr 1e-3 per 256 }'}
  ${parts.schedule ?? ''}
  ${parts.augment ?? ''}
  ${[parts.seed, parts.training].filter((part) => part !== undefined).join('; ')}
}
`;
}

const opening = '⟦';
const closing = '⟧';

/** Takes the marks ⟦…⟧ out of a text; what they enclosed, as offsets. Marks may follow each other but not nest. */
export function unmark(text: string): { text: string; marks: { start: number; end: number }[] } {
  const marks: { start: number; end: number }[] = [];
  let plain = '';
  let start = 0;
  for (const character of text) {
    if (character === opening) start = plain.length;
    else if (character === closing) marks.push({ start, end: plain.length });
    else plain += character;
  }
  return { text: plain, marks };
}

/** Compiles files whose mistakes are marked with ⟦…⟧. */
export function compileMarked(input: string | Files) {
  const marked = typeof input === 'string' ? { 'main.mae': input } : input;
  const places: string[] = [];
  const files: Record<string, string> = {};
  for (const [file, content] of Object.entries(marked)) {
    const { text, marks } = unmark(content);
    files[file] = text;
    for (const { start, end } of marks) places.push(placeOf(file, start, end));
  }
  return { files, places, compiled: compile(files) };
}

function placeOf(file: string, start: number, end: number): string {
  return `${file} ${start}..${end}`;
}

/**
 * Demands that the marked places, in the order of files and offsets, and the given codes are exactly the diagnostics
 * of a spec; returns them.
 */
export function expectDiagnostics(input: string | Files, codes: readonly string[]): readonly Diagnostic[] {
  const { places, compiled } = compileMarked(input);
  const { diagnostics } = compiled;
  const found = diagnostics.map(({ code, span, message }) => ({
    code,
    place: placeOf(span.file, span.start, span.end),
    message,
  }));
  const wanted = codes.map((code, index) => ({ code, place: places[index], message: expect.any(String) }));
  expect(found).toEqual(wanted);
  expect(places).toHaveLength(codes.length);
  return diagnostics;
}
