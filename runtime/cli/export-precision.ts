import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSource } from '../data/open-source.ts';
import { evenlySpread, Pictures, readForEvaluation, type SkippedPicture } from '../data/pictures.ts';
import { type Comparison, compareExports } from '../export/compare-exports.ts';
import type { CompiledGraph, CompiledSpec } from '../model/compiled-spec.ts';
import { Random } from '../random.ts';
import { formatBytes, formatCount } from '../train/format.ts';
import { field } from '../train/summary.ts';
import type { CommandIo } from './command-io.ts';
import { type EmbedOptions, embedWeights } from './embed-weights.ts';

/** Pictures that an exported file of less precision is compared on. */
export interface ComparedPictures {
  /** [pictures, channels, height, width], normalised. */
  readonly images: Float32Array;
  /** What they are, for people. */
  readonly text: string;
}

/** Some pictures from all over `data`; without it noise as bright as normalised pictures are. */
export async function comparedPictures(
  spec: CompiledSpec,
  { data, count, io }: { readonly data: string | undefined; readonly count: number; readonly io: CommandIo },
): Promise<ComparedPictures> {
  const { image } = spec.model;
  if (data === undefined) {
    const images = new Float32Array(count * image.channels * image.height * image.width);
    return {
      images: Random.from('export').fillNormal(images),
      text: `${count} of noise; --data takes others`,
    };
  }
  const onSkipped = ({ path, reason }: SkippedPicture) => io.stderr.write(`skipped ${path}: ${reason}\n`);
  const source = await openSource(data, { channels: image.channels });
  const pictures = new Pictures({ source, image, onSkipped });
  const { images, indices } = await readForEvaluation(pictures, evenlySpread(pictures.count, count));
  return { images, text: `${indices.length} of ${source.location}` };
}

/** Lines about an exported file of less precision: how large, how far from float32 and how fast it is. */
export async function describePrecision(options: {
  readonly spec: CompiledSpec;
  readonly graph: CompiledGraph;
  /** What it was exported from. */
  readonly embedding: EmbedOptions;
  /** The files that it is. */
  readonly files: readonly string[];
  readonly pictures: ComparedPictures;
}): Promise<string[]> {
  const { spec, graph, embedding, files, pictures } = options;
  const folder = await mkdtemp(join(tmpdir(), 'mae-float32-'));
  try {
    const exact = join(folder, 'float32.onnx');
    const float32 = await embedWeights({ ...embedding, precision: 'float32', out: exact });
    const { images } = pictures;
    const compared = await compareExports({ exact, other: embedding.out, spec, graph, images });
    const sizes = { exact: await bytesOnDisk(float32.files), other: await bytesOnDisk(files) };
    return describeComparison(compared, sizes, pictures.text);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The lines of a comparison, with the bytes of both files. */
export function describeComparison(
  { outputs, exactSeconds, otherSeconds, engine }: Comparison,
  sizes: { readonly exact: number; readonly other: number },
  pictures: string,
): string[] {
  const time = (seconds: number) => `${formatCount(1000 * seconds)} ms`;
  const ratio = (exactSeconds / otherSeconds).toFixed(2);
  return [
    field('pictures', pictures),
    field('size', `${formatBytes(sizes.other)}, float32 ${formatBytes(sizes.exact)}`),
    ...outputs.map(({ name, largest, relative }) =>
      field('error', `${name}: at most ${largest.toPrecision(2)}, relative ${relative.toPrecision(2)}`),
    ),
    field('time', `${time(otherSeconds)} a picture, float32 ${time(exactSeconds)}: ${ratio}x as fast`),
    field('measured', `one picture at a time, in turns; ${engine}`),
  ];
}

async function bytesOnDisk(files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
