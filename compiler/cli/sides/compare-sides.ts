import { diffSides } from '../../diff/diff-sides.ts';
import { diffOnnx } from '../../diff/onnx/diff-onnx.ts';
import type { DiffReport } from '../../diff/report.ts';
import { compiledSide, isOnnx, readOnnxSide } from './read-onnx.ts';
import { alignSides, readSide, type SideOptions } from './read-side.ts';

/** Reads and compares two sides, of which each may be an ONNX file. Throws a `SourceError` for one that cannot be read. */
export function compareSides(old: string, now: string, options: SideOptions = {}): DiffReport {
  if (isOnnx(old) && isOnnx(now)) return diffOnnx(readOnnxSide(old), readOnnxSide(now));
  if (isOnnx(old)) {
    const file = readOnnxSide(old);
    return diffOnnx(file, compiledSide(readSide(now, options), file));
  }
  if (isOnnx(now)) {
    const file = readOnnxSide(now);
    return diffOnnx(compiledSide(readSide(old, options), file), file);
  }
  return diffSides(...alignSides(readSide(old, options), readSide(now, options)));
}
