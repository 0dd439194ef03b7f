import { diffSides } from '../../diff/diff-sides.ts';
import type { DiffReport } from '../../diff/report.ts';
import { alignSides, readSide, type SideOptions } from './read-side.ts';

/**
 * Reads and compares two sides, of which each may be an ONNX file; what reads those is loaded for them only. Rejects with a
 * `SourceError` for a side that cannot be read.
 */
export async function compareSides(old: string, now: string, options: SideOptions = {}): Promise<DiffReport> {
  if (isOnnx(old) || isOnnx(now)) return compareOnnx(old, now, options);
  const before = await readSide(old, options);
  return diffSides(...alignSides(before, await readSide(now, options)));
}

async function compareOnnx(old: string, now: string, options: SideOptions): Promise<DiffReport> {
  const [{ diffOnnx }, { checkpointSide, compiledSide, readOnnxSide }] = await Promise.all([
    import('../../diff/onnx/diff-onnx.ts'),
    import('./read-onnx.ts'),
  ]);
  if (isOnnx(old) && isOnnx(now)) return diffOnnx(readOnnxSide(old), readOnnxSide(now));
  const file = readOnnxSide(isOnnx(old) ? old : now);
  const side = await readSide(isOnnx(old) ? now : old, options);
  const other = side.kind === 'checkpoint' ? checkpointSide(side, file) : compiledSide(side, file);
  return isOnnx(old) ? diffOnnx(file, other) : diffOnnx(other, file);
}

function isOnnx(label: string): boolean {
  return label.endsWith('.onnx');
}
