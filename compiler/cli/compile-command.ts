import pc from 'picocolors';
import { compileModel } from '../compile-model.ts';
import { type SummaryRow, summaryTable } from '../emit/report/summary-table.ts';
import { type CompiledSources, compileSources } from '../language/compile-sources.ts';
import { type Palette, renderDiagnostic } from '../language/render.ts';
import { orphanedModels, staleFiles, writeGenerated } from './generated-files.ts';
import { fileReader, findSources, SourceError } from './source-files.ts';

export interface CompileOptions {
  readonly out: string;
  readonly check?: true | undefined;
  readonly quiet?: true | undefined;
}

const palette: Palette = {
  location: pc.bold,
  severity: { error: pc.red, warning: pc.yellow },
  message: pc.bold,
  gutter: pc.dim,
  related: pc.blue,
  help: pc.cyan,
};

/** Compiles, prints, and resolves to the exit code. Nothing is written unless every spec is right. */
export function compileCommand(paths: readonly string[], options: CompileOptions): number {
  const compiled = compileSources(findSources(paths), fileReader);
  const errors = printDiagnostics(compiled);
  if (errors > 0) return 1;
  if (compiled.models.length === 0) {
    throw new SourceError(`${paths.join(', ')} declares no model`, 'a model begins with: model NAME { … }');
  }
  return options.check ? checkModels(compiled, options) : writeModels(compiled, options);
}

/** Prints all diagnostics to stderr and returns how many are errors. */
function printDiagnostics({ diagnostics, sources }: CompiledSources): number {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  for (const diagnostic of diagnostics) {
    process.stderr.write(`${renderDiagnostic(diagnostic, sources, palette)}\n\n`);
  }
  if (errors > 0) {
    const files = new Set(diagnostics.map(({ span }) => span.file)).size;
    process.stderr.write(`${count(errors, 'error')} in ${count(files, 'file')}; nothing was written\n`);
  }
  return errors;
}

function writeModels({ models }: CompiledSources, { out, quiet }: CompileOptions): number {
  // All models are compiled before the first file is written.
  const rows = models.map((spec): SummaryRow & { model: ReturnType<typeof compileModel> } => {
    const start = performance.now();
    const model = compileModel(spec);
    return { model, seconds: (performance.now() - start) / 1000 };
  });
  const written = rows.flatMap(({ model }) => writeGenerated(out, model));
  if (quiet) return 0;
  const files = rows.reduce((sum, { model }) => sum + model.files.length, 0);
  process.stdout.write(`${summaryTable(rows)}\n\n`);
  process.stdout.write(
    `${count(rows.length, 'model')} in ${out}: ${written.length} of ${count(files, 'file')} changed\n`,
  );
  for (const folder of orphanedModels(out, new Set(models.map(({ name }) => name)))) {
    process.stdout.write(
      `${pc.yellow('note')}   ${folder} belongs to no model of these specs; delete it if it is not needed\n`,
    );
  }
  return 0;
}

function checkModels({ models }: CompiledSources, { out, quiet }: CompileOptions): number {
  const stale = models.flatMap((spec) => staleFiles(out, compileModel(spec)));
  for (const file of stale) process.stderr.write(`${pc.red('stale')}  ${file}\n`);
  if (stale.length > 0) {
    process.stderr.write(`${count(stale.length, 'file')} out of date; compile again without --check\n`);
    return 1;
  }
  if (!quiet) process.stdout.write(`${count(models.length, 'model')} in ${out}: up to date\n`);
  return 0;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
