import { diffSides } from '../../diff/diff-sides.ts';
import type { DiffReport } from '../../diff/report.ts';
import { alignSides, readSide, type SideOptions } from './read-side.ts';

/**
 * Reads and compares two sides, of which each may be an ONNX file; what reads those is loaded for them only. Rejects with a
 * `SourceError` for a side that cannot be read.
 */
export async function compareSides(old: string, now: string, options: SideOptions = {}): Promise<DiffReport> {
  if (isOnnx(old) || isOnnx(now)) return compareOnnx(old, now, options);
  return diffSides(...alignSides(readSide(old, options), readSide(now, options)));
}

async function compareOnnx(old: string, now: string, options: SideOptions): Promise<DiffReport> {
  const [{ diffOnnx }, { compiledSide, readOnnxSide }] = await Promise.all([
    import('../../diff/onnx/diff-onnx.ts'),
    import('./read-onnx.ts'),
  ]);
  if (isOnnx(old) && isOnnx(now)) return diffOnnx(readOnnxSide(old), readOnnxSide(now));
  if (isOnnx(old)) {
    const file = readOnnxSide(old);
    return diffOnnx(file, compiledSide(readSide(now, options), file));
  }
  const file = readOnnxSide(now);
  return diffOnnx(compiledSide(readSide(old, options), file), file);
}

function isOnnx(label: string): boolean {
  return label.endsWith('.onnx');
}
