import { formatCount, formatGigaflops } from '../emit/report/quantities.ts';
import { specHash } from '../emit/spec-json.ts';
import { type ModelSpec, patchGrid, type Size } from '../language/model-spec.ts';
import { maskedAutoencoderGraph } from '../model/masked-autoencoder.ts';
import { type TokenCounts, tokenCounts } from '../model/masking.ts';
import { graphFlops, isInside, parameterElements } from '../passes/cost.ts';

/** What follows from a model's spec. */
export interface ModelNumbers {
  /** Patches down and across. */
  readonly grid: Size;
  readonly counts: TokenCounts;
  /** Tokens that the encoder sees of a picture in pretraining. */
  readonly encoderTokens: number;
  /** Fixed positions included, as the official code counts. */
  readonly parameters: { readonly total: number; readonly encoder: number; readonly decoder: number };
  /** Of one picture in pretraining, in the paper's order of operations: two a multiply-accumulate. */
  readonly forwardFlops: number;
}

/** The numbers of a model take milliseconds to some tenths of a second, and are asked for again and again. */
const known = new Map<string, ModelNumbers>();
const mostKnown = 200;

export function modelNumbers(spec: ModelSpec): ModelNumbers {
  const key = specHash(spec);
  const numbers = known.get(key) ?? countModel(spec);
  // Moved to the end: what has not been asked for longest goes first.
  known.delete(key);
  known.set(key, numbers);
  const [oldest] = known.keys();
  if (known.size > mostKnown && oldest !== undefined) known.delete(oldest);
  return numbers;
}

function countModel(spec: ModelSpec): ModelNumbers {
  const graph = maskedAutoencoderGraph(spec);
  const parameters = (side: string) =>
    parameterElements(graph.parameters.filter(({ scope }) => isInside(scope.path, side)));
  return {
    grid: patchGrid(spec),
    counts: tokenCounts(spec),
    encoderTokens: Number(graph.outputs.find(({ name }) => name === 'latent')?.value.shape[1]),
    parameters: {
      total: parameterElements(graph.parameters),
      encoder: parameters('encoder'),
      decoder: parameters('decoder'),
    },
    forwardFlops: graphFlops(graph),
  };
}

/** The numbers of a model as a Markdown table. */
export function modelNumbersTable(spec: ModelSpec): string {
  const { grid, counts, encoderTokens, parameters, forwardFlops } = modelNumbers(spec);
  const { patches, visible, removed } = counts;
  const rows = [
    [
      'patches',
      `${patches} (${grid.height} x ${grid.width} of ${spec.patch.height}x${spec.patch.width} pixels)`,
    ],
    ['visible, removed', `${visible}, ${removed}`],
    ['tokens of the encoder', String(encoderTokens)],
    ['parameters', formatCount(parameters.total)],
    ['encoder', `${formatCount(parameters.encoder)}, ${stack(spec.encoder)}`],
    ['decoder', `${formatCount(parameters.decoder)}, ${stack(spec.decoder)}`],
    ['forward', `${formatGigaflops(forwardFlops)} GFLOPs an image, masked`],
  ];
  return ['| | |', '| --- | --- |', ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n');
}

function stack({ depth, width, heads }: ModelSpec['decoder']): string {
  return `${depth} blocks of width ${width}, ${heads} heads`;
}
