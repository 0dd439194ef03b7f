import type { GeneratedModel } from '../compile-model.ts';
import { memoryTable } from '../emit/report/memory-table.ts';
import { summaryTable } from '../emit/report/summary-table.ts';
import type { CompiledSources } from '../language/compile-sources.ts';
import type { ModelSpec } from '../language/model-spec.ts';
import { type CheckOptions, checkSpecs, type FixedSpecs, fixSpecs } from './check-specs.ts';
import { colorsFor } from './colors.ts';
import type { CommandIo } from './command-io.ts';
import { type FormatName, formats } from './formats/formats.ts';
import { count, countOf } from './formats/report.ts';
import { type GeneratedRow, generateModels, type LoadGenerator, loadGenerator } from './generate-models.ts';
import { findsRuntime, orphanedModels, staleFiles, writeGenerated } from './generated-files.ts';
import { recordGeneration, type UnchangedModel, unchangedModel } from './generation-record.ts';
import { findSources } from './source-files.ts';
import { SourceError } from './system-errors.ts';

export interface CompileOptions extends CheckOptions {
  readonly out: string;
  readonly format: FormatName;
  /** False where only the specs are to be checked. */
  readonly emit: boolean;
  /** Whether models are generated too of which nothing has changed. */
  readonly force?: true | undefined;
  readonly check?: true | undefined;
  readonly fix?: true | undefined;
  /** Whether a change of an existing model's weights or io is an error. */
  readonly locked?: true | undefined;
  readonly quiet?: true | undefined;
}

/** Compiles, prints, and resolves to the exit code. Nothing is generated unless every spec is right. */
export async function compileCommand(
  paths: readonly string[],
  options: CompileOptions,
  io: CommandIo,
  load: LoadGenerator = loadGenerator,
): Promise<number> {
  const entries = findSources(paths);
  const compiled = options.fix ? fixSpecs(entries, options) : { ...checkSpecs(entries, options), fixed: [] };
  if (reportDiagnostics(compiled, options, io) > 0) return 1;
  const { models } = compiled;
  if (models.length === 0) {
    throw new SourceError(`${paths.join(', ')} declares no model`, 'a model begins with: model NAME { … }');
  }
  if (options.locked) {
    const { breaksLock } = await import('./diff/locked.ts');
    if (await breaksLock(compiled, options.out, io)) return 1;
  }
  const task = options.emit ? (options.check ? checkModels : writeModels) : reportModels;
  return task(models, options, io, load);
}

/** Prints all diagnostics and returns how many are errors. */
export function reportDiagnostics(
  { diagnostics, sources, models, fixed }: FixedSpecs,
  { format, emit }: Pick<CompileOptions, 'format' | 'emit'>,
  io: CommandIo,
): number {
  const consequence = emit ? 'nothing was written' : 'nothing would be written';
  const names = models.map(({ name }) => name);
  formats[format].print({ diagnostics, sources, models: names, fixed, consequence }, io);
  return countOf(diagnostics, 'error');
}

type Models = CompiledSources['models'];

/** What is said besides diagnostics: nothing where that was not asked for, or would get into what a tool reads. */
export function talk({ quiet, format }: CompileOptions, io: CommandIo): (text: string) => void {
  return quiet || formats[format].ownsStdout ? () => undefined : (text) => void io.stdout.write(`${text}\n`);
}

async function reportModels(models: Models, options: CompileOptions, io: CommandIo): Promise<number> {
  talk(options, io)(`${count(models.length, 'model')}: nothing wrong`);
  return 0;
}

async function writeModels(
  models: Models,
  options: CompileOptions,
  io: CommandIo,
  load: LoadGenerator,
): Promise<number> {
  const { out } = options;
  const say = talk(options, io);
  const unchanged = unchangedModels(models, options);
  const changed = models.filter((spec) => !unchanged.has(spec));
  const generated = new Map<ModelSpec, GeneratedRow>();
  for await (const row of generateModels(changed, load)) generated.set(row.spec, row);
  // All models are compiled before the first file is written.
  let written = 0;
  for (const [spec, { model }] of generated) written += writeRecorded(out, spec, model);
  const rows = models.flatMap((spec) => generated.get(spec) ?? unchanged.get(spec) ?? []);
  const files = rows.reduce((sum, { model }) => sum + model.files.length, 0);
  say(`${summaryTable(rows)}\n`);
  say(`${memoryTable(rows)}\n`);
  say(`${count(rows.length, 'model')} in ${out}: ${written} of ${count(files, 'file')} changed`);
  sayNotes(models, options, io);
  return 0;
}

/** The models that need not be generated, with what their folders hold. */
export function unchangedModels(
  models: Models,
  { out, force }: Pick<CompileOptions, 'out' | 'force'>,
): ReadonlyMap<ModelSpec, { readonly model: UnchangedModel }> {
  if (force) return new Map();
  return new Map(
    models.flatMap((spec) => {
      const model = unchangedModel(out, spec);
      return model ? [[spec, { model }]] : [];
    }),
  );
}

/** Writes a model and remembers what it was made from; returns how many of its files changed. */
export function writeRecorded(out: string, spec: ModelSpec, model: GeneratedModel): number {
  const written = writeGenerated(out, model);
  recordGeneration(out, spec, model);
  return written.length;
}

/** Notes what a user may have overlooked: folders that no spec stands behind, code that will not find its package. */
export function sayNotes(models: Models, options: CompileOptions, io: CommandIo): void {
  const say = talk(options, io);
  const { yellow } = colorsFor(io.stdout);
  for (const folder of orphanedModels(options.out, new Set(models.map(({ name }) => name)))) {
    say(`${yellow('note')}   ${folder} belongs to no model of these specs; delete it if it is not needed`);
  }
  if (!findsRuntime(options.out)) {
    say(
      `${yellow('note')}   what is in ${options.out} imports the package mae-compiler, which is not installed there`,
    );
  }
}

async function checkModels(
  models: Models,
  options: CompileOptions,
  io: CommandIo,
  load: LoadGenerator,
): Promise<number> {
  const { out } = options;
  const stale: string[] = [];
  for await (const { model } of generateModels(models, load)) stale.push(...staleFiles(out, model));
  const { red } = colorsFor(io.stderr);
  for (const file of stale) io.stderr.write(`${red('stale')}  ${file}\n`);
  if (stale.length > 0) {
    io.stderr.write(`${count(stale.length, 'file')} out of date; compile again without --check\n`);
    return 1;
  }
  talk(options, io)(`${count(models.length, 'model')} in ${out}: up to date`);
  return 0;
}
