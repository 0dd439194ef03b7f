import type { CompiledParameter } from '../../../runtime/model/compiled-spec.ts';
import { Random } from '../../../runtime/random.ts';
import type { TransferTarget } from '../../../runtime/weights/transfer.ts';
import { elementCount, type SourceTensors } from '../../../runtime/weights/weight-source.ts';
import { parameterOf, smallSpec } from '../small-spec.ts';

export interface TargetOptions {
  readonly grid?: { readonly height: number; readonly width: number };
  readonly channels?: number;
  readonly depth?: number;
  readonly positions?: 'sincos-2d' | 'learned';
  /** A decoder, a head of so many classes behind a norm of its own or not, or neither. */
  readonly end?: 'decoder' | { readonly classes: number; readonly mean: boolean } | 'none';
}

const WIDTH = 8;
const PATCH = 4;

/** A model of width 8 and its parameters under their official names. */
export function targetOf(options: TargetOptions = {}): TransferTarget {
  const { grid = { height: 2, width: 2 }, channels = 3, depth = 2, end = 'decoder' } = options;
  const { model } = smallSpec();
  const image = { ...model.image, height: grid.height * PATCH, width: grid.width * PATCH, channels };
  const parameters = [
    ...encoder({ ...options, grid, channels, depth }),
    ...(end === 'decoder' ? decoder(grid, channels) : []),
    ...(typeof end === 'object' ? head(end) : norm('norm')),
  ];
  return { name: 'small', parameters, model: { ...model, image } };
}

const norm = (name: string, width = WIDTH) => [
  parameterOf(`${name}.weight`, [width], { kind: 'ones' }),
  parameterOf(`${name}.bias`, [width], { kind: 'zeros' }),
];
const linear = (name: string, outputs: number, inputs: number) => [
  parameterOf(`${name}.weight`, [outputs, inputs], {
    kind: 'xavier-uniform',
    fanIn: inputs,
    fanOut: outputs,
  }),
  parameterOf(`${name}.bias`, [outputs], { kind: 'zeros' }),
];
const block = (name: string, width: number) => [
  ...norm(`${name}.norm1`, width),
  ...linear(`${name}.attn.qkv`, 3 * width, width),
  ...linear(`${name}.attn.proj`, width, width),
  ...norm(`${name}.norm2`, width),
  ...linear(`${name}.mlp.fc1`, 2 * width, width),
  ...linear(`${name}.mlp.fc2`, width, 2 * width),
];

function encoder(options: TargetOptions & Required<Pick<TargetOptions, 'grid' | 'channels' | 'depth'>>) {
  const { grid, channels, depth, positions = 'sincos-2d' } = options;
  return [
    parameterOf('cls_token', [1, 1, WIDTH]),
    positionTable('pos_embed', grid, WIDTH, positions),
    parameterOf('patch_embed.proj.weight', [WIDTH, channels, PATCH, PATCH]),
    parameterOf('patch_embed.proj.bias', [WIDTH], { kind: 'zeros' }),
    ...Array.from({ length: depth }, (_, i) => block(`blocks.${i}`, WIDTH)).flat(),
  ];
}

function decoder(grid: { readonly height: number; readonly width: number }, channels: number) {
  const width = 4;
  return [
    parameterOf('mask_token', [1, 1, width]),
    ...linear('decoder_embed', width, WIDTH),
    positionTable('decoder_pos_embed', grid, width, 'sincos-2d'),
    ...block('decoder_blocks.0', width),
    ...norm('decoder_norm', width),
    ...linear('decoder_pred', PATCH * PATCH * channels, width),
  ];
}

function head({ classes, mean }: { readonly classes: number; readonly mean: boolean }): CompiledParameter[] {
  return [...norm(mean ? 'fc_norm' : 'norm'), ...linear('head', classes, WIDTH)];
}

function positionTable(
  name: string,
  grid: { readonly height: number; readonly width: number },
  width: number,
  kind: 'sincos-2d' | 'learned',
): CompiledParameter {
  const shape = [1, 1 + grid.height * grid.width, width];
  if (kind === 'learned') return parameterOf(name, shape, { kind: 'truncated-normal', deviation: 0.02 });
  return parameterOf(name, shape, { kind: 'sincos-2d', ...grid, prefix: 1 });
}

/** Random numbers for tensors of these names and shapes, as a file that is open has them. */
export function sourceOf(
  tensors: Iterable<{ readonly name: string; readonly shape: readonly number[] }>,
): SourceTensors {
  return new Map(
    Array.from(tensors, ({ name, shape }) => [
      name,
      {
        name,
        shape,
        read: async () => Random.from('source', name).fillNormal(new Float32Array(elementCount(shape))),
      },
    ]),
  );
}
