import { existsSync } from 'node:fs';
import { diffSides } from '../../diff/diff-sides.ts';
import { renderText } from '../../diff/render/text.ts';
import type { DiffReport } from '../../diff/report.ts';
import { networks, type Side } from '../../diff/side.ts';
import type { CompiledSources } from '../../language/compile-sources.ts';
import type { ModelSpec } from '../../language/model-spec.ts';
import { rankOf } from '../../language/schema/change-class.ts';
import { listOf } from '../../language/words.ts';
import { colorsFor } from '../colors.ts';
import type { CommandIo } from '../command-io.ts';
import { below } from '../sides/file-tree.ts';
import { readSide } from '../sides/read-side.ts';
import { diffPalette } from './diff-formats.ts';

/**
 * Whether a spec would change the `weights` or `io` of a model that was generated before; prints how. The model's spec.json
 * stands for what was reviewed. Rejects with a `SourceError` where that cannot be read.
 */
export async function breaksLock(
  { models, sources }: Pick<CompiledSources, 'models' | 'sources'>,
  out: string,
  { stderr }: Pick<CommandIo, 'stderr'>,
): Promise<boolean> {
  const reports = await Promise.all(
    models.map(async (spec) => ({ spec, report: await lockReport(spec, sources, out) })),
  );
  const broken = reports.flatMap(({ spec, report }) => {
    return report?.gravest && rankOf(report.gravest) <= rankOf('io') ? [{ name: spec.name, report }] : [];
  });
  const colors = colorsFor(stderr);
  for (const { report } of broken) stderr.write(`${renderText(report, diffPalette(colors))}\n\n`);
  if (broken.length === 0) return false;
  const names = listOf(broken.map(({ name }) => name));
  stderr.write(`${colors.red('locked')}  ${names} would change in weights or io; nothing was written\n`);
  stderr.write(`${colors.cyan('help')}    if that is meant, compile without --locked\n`);
  return true;
}

/** Undefined where the model was not generated before. */
async function lockReport(
  spec: ModelSpec,
  sources: CompiledSources['sources'],
  out: string,
): Promise<DiffReport | undefined> {
  const folder = below(out, spec.name);
  if (!existsSync(below(folder, 'spec.json'))) return undefined;
  const now: Side = {
    label: spec.source,
    kind: 'spec',
    isFolder: false,
    models: [{ spec, knows: networks }],
    sources,
  };
  return diffSides(await readSide(folder), now);
}
