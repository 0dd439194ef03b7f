import type { GeneratedModel } from '../compile-model.ts';
import { memoryTable } from '../emit/report/memory-table.ts';
import { type SummaryRow, summaryTable } from '../emit/report/summary-table.ts';
import type { CompiledSources } from '../language/compile-sources.ts';
import type { ModelSpec } from '../language/model-spec.ts';
import { type CheckOptions, checkSpecs, type FixedSpecs, fixSpecs } from './check-specs.ts';
import { colorsFor } from './colors.ts';
import type { CommandIo } from './command-io.ts';
import { type FormatName, formats } from './formats/formats.ts';
import { count, countOf } from './formats/report.ts';
import { findsRuntime, orphanedModels, staleFiles, writeGenerated } from './generated-files.ts';
import { findSources } from './source-files.ts';
import { SourceError } from './system-errors.ts';

export interface CompileOptions extends CheckOptions {
  readonly out: string;
  readonly format: FormatName;
  /** False where only the specs are to be checked. */
  readonly emit: boolean;
  readonly check?: true | undefined;
  readonly fix?: true | undefined;
  /** Whether a change of an existing model's weights or io is an error. */
  readonly locked?: true | undefined;
  readonly quiet?: true | undefined;
}

/** Makes the files of a model. */
export type Generate = (spec: ModelSpec) => GeneratedModel;

/** What generates code takes time to load, and is needed only where something is generated. */
export type LoadGenerator = () => Promise<Generate>;

export const loadGenerator: LoadGenerator = async () => (await import('../compile-model.ts')).compileModel;

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
  const rows = await generateAll(models, load);
  // All models are compiled before the first file is written.
  const written = rows.flatMap(({ model }) => writeGenerated(out, model));
  const files = rows.reduce((sum, { model }) => sum + model.files.length, 0);
  say(`${summaryTable(rows)}\n`);
  say(`${memoryTable(rows)}\n`);
  say(`${count(rows.length, 'model')} in ${out}: ${written.length} of ${count(files, 'file')} changed`);
  sayNotes(models, options, io);
  return 0;
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

export type GeneratedRow = SummaryRow & { readonly model: GeneratedModel };

/** Generates the models in turn, timed. The time that loading takes counts for none of them. */
async function generateAll(models: Models, load: LoadGenerator): Promise<GeneratedRow[]> {
  const generate = await load();
  return models.map((spec) => generateTimed(spec, generate));
}

export function generateTimed(spec: ModelSpec, generate: Generate): GeneratedRow {
  const start = performance.now();
  const model = generate(spec);
  return { model, seconds: (performance.now() - start) / 1000 };
}

async function checkModels(
  models: Models,
  options: CompileOptions,
  io: CommandIo,
  load: LoadGenerator,
): Promise<number> {
  const { out } = options;
  const generate = await load();
  const stale = models.flatMap((spec) => staleFiles(out, generate(spec)));
  const { red } = colorsFor(io.stderr);
  for (const file of stale) io.stderr.write(`${red('stale')}  ${file}\n`);
  if (stale.length > 0) {
    io.stderr.write(`${count(stale.length, 'file')} out of date; compile again without --check\n`);
    return 1;
  }
  talk(options, io)(`${count(models.length, 'model')} in ${out}: up to date`);
  return 0;
}
