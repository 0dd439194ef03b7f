import type { InferenceSession } from 'onnxruntime-node';
import { graphFeeds } from '../engine/onnx/feeds.ts';
import { type Feeds, OnnxRuntime } from '../engine/onnx/onnx-runtime.ts';
import type { CompiledGraph, CompiledSpec } from '../model/compiled-spec.ts';
import { drawMasking } from '../train/draw-masking.ts';

export interface CompareOptions {
  /** Two exported files of the same graph: in float32, and in another precision. */
  readonly exact: string;
  readonly other: string;
  readonly spec: CompiledSpec;
  readonly graph: CompiledGraph;
  /** [pictures, channels, height, width], normalised; at least one. */
  readonly images: Float32Array;
  /** One per core if left out. */
  readonly threads?: number;
}

/** How far an output is from that of the float32 file. */
export interface OutputError {
  readonly name: string;
  /** The largest difference of two numbers. */
  readonly largest: number;
  /** The norm of all differences over that of all float32 numbers. */
  readonly relative: number;
}

export interface Comparison {
  readonly outputs: readonly OutputError[];
  /** Seconds of a picture, the median over the pictures. */
  readonly exactSeconds: number;
  readonly otherSeconds: number;
  /** What ran them, for people. */
  readonly engine: string;
}

/**
 * Gives both files each picture by itself, in turns, and compares what comes out and how long it takes. The first picture is given once
 * more before, untimed. Masks are drawn as the spec says, the same for both.
 */
export async function compareExports(options: CompareOptions): Promise<Comparison> {
  const { exact, other, threads } = options;
  const runtime = await OnnxRuntime.load('cpu', threads);
  const sessions: InferenceSession[] = [];
  try {
    for (const path of [exact, other]) {
      // A session whose threads wait actively would slow down the other one, whose turn it is.
      sessions.push(await runtime.open(path, { name: path, waitsActively: false }));
    }
    return await compareSessions(sessions, runtime, options);
  } finally {
    for (const session of sessions) await session.release();
  }
}

async function compareSessions(
  sessions: readonly InferenceSession[],
  runtime: OnnxRuntime,
  options: CompareOptions,
): Promise<Comparison> {
  const pictures = feedsOfPictures(runtime, options);
  const seconds: number[][] = sessions.map(() => []);
  const errors = new Map<string, ErrorSums>();
  for (const feeds of [...pictures.slice(0, 1), ...pictures]) {
    const results: InferenceSession.OnnxValueMapType[] = [];
    for (const [i, session] of sessions.entries()) {
      const start = performance.now();
      results.push(await session.run(feeds));
      seconds[i]?.push((performance.now() - start) / 1000);
    }
    addErrors(errors, results);
  }
  const [exactSeconds = Number.NaN, otherSeconds = Number.NaN] = seconds.map((all) => middle(all.slice(1)));
  const outputs = [...errors].map(([name, { largest, difference, size }]) => ({
    name,
    largest,
    relative: size === 0 ? difference : Math.sqrt(difference / size),
  }));
  return { outputs, exactSeconds, otherSeconds, engine: runtime.describe() };
}

function feedsOfPictures(runtime: OnnxRuntime, { spec, graph, images }: CompareOptions): Feeds[] {
  const { channels, height, width } = spec.model.image;
  const pixels = channels * height * width;
  return Array.from({ length: images.length / pixels }, (_, i) =>
    graphFeeds(runtime.Tensor, graph, {
      size: 1,
      images: images.slice(i * pixels, (i + 1) * pixels),
      masking: drawMasking(spec, [i], 'export'),
      prefix: spec.tokens.prefix,
    }),
  );
}

interface ErrorSums {
  largest: number;
  /** Sums of squares. */
  difference: number;
  size: number;
}

/** Adds what the second of two results lacks of the first. */
function addErrors(
  errors: Map<string, ErrorSums>,
  [exact = {}, other = {}]: readonly InferenceSession.OnnxValueMapType[],
): void {
  for (const [name, { data }] of Object.entries(exact)) {
    const sums = errors.get(name) ?? { largest: 0, difference: 0, size: 0 };
    const changed = other[name]?.data;
    errors.set(name, sums);
    for (let i = 0; i < data.length; i++) {
      const value = Number(data[i]);
      const difference = Math.abs(Number(changed?.[i]) - value);
      // Not Math.max: what is no number would be lost in it.
      if (!(difference <= sums.largest)) sums.largest = difference;
      sums.difference += difference ** 2;
      sums.size += value ** 2;
    }
  }
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2;
}
