import type { Graph, Port } from '../../compiler/ir/graph.ts';
import type { ModelSpec } from '../../compiler/language/model-spec.ts';
import { classifierGraph } from '../../compiler/model/classifier.ts';
import { pretrainingGraph } from '../../compiler/model/masked-autoencoder.ts';
import { tokenCounts } from '../../compiler/model/masking.ts';
import { Random } from '../../runtime/random.ts';
import { maskingFromNoise, maskingIndices } from '../../runtime/train/masking.ts';
import { elementCount, type Numbers } from './run-graph.ts';
import { modelSpec } from './specs.ts';

/** Pictures in the batches of numbers here. */
export const BATCH = 3;

export const probe = { classes: 5, pooling: 'mean' } as const;

/** Small models that are trained in different ways. */
export const variants: readonly (readonly [string, ModelSpec, (spec: ModelSpec) => Graph])[] = [
  ['pretraining', modelSpec({ encoder: [16, 3, 2], decoder: [8, 2, 2] }), pretrainingGraph],
  [
    'pretraining with all that is left out and scaled',
    modelSpec({ encoder: [16, 2, 2], dropPath: 0.4, dropout: 0.3, layerScale: 0.1, qkNorm: true }),
    pretrainingGraph,
  ],
  [
    'pretraining with learned positions, registers, every patch in the loss and mask tokens in the encoder',
    modelSpec({
      positions: 'learned',
      registers: 2,
      loss: { kind: 'l1', on: 'all' },
      mask: { tokensInEncoder: true },
    }),
    pretrainingGraph,
  ],
  [
    'fine-tuning',
    modelSpec({ encoder: [16, 3, 2] }),
    (spec) => classifierGraph(spec, { ...probe, dropPath: 0.4, dropout: 0.3 }),
  ],
];

/** Numbers for everything that goes into a graph: the same for two graphs of one model. */
export function numbersFor(spec: ModelSpec, { inputs, parameters }: Graph): Record<string, Numbers> {
  const { patches, visible, prefix } = tokenCounts(spec);
  const noise = Random.from('noise').fillUniform(new Float32Array(BATCH * patches));
  const indices: Readonly<Record<string, Int32Array>> = maskingIndices(
    maskingFromNoise(noise, { size: BATCH, patches, visible }),
    spec.mask.tokensInEncoder ? 0 : prefix,
  );
  const fill = ({ name, role, of, value, random: factors }: Port): Numbers => {
    const random = Random.from('numbers', name);
    const count = elementCount(value.shape, BATCH);
    if (role === 'index') return indices[of ?? ''] ?? new Int32Array();
    if (role === 'loss-weight') return Float32Array.of(0.5);
    if (role === 'loss-scale') return Float32Array.of(1024);
    const uniform = random.fillUniform(new Float32Array(count));
    if (factors) return uniform.map((draw) => (draw < factors.keep ? 1 / factors.keep : 0));
    return Float32Array.from({ length: count }, () => 0.5 * random.normal());
  };
  const ports = [...inputs, ...parameters.map((parameter) => ({ ...parameter, role: 'parameter' as const }))];
  return Object.fromEntries(ports.map((port) => [port.name, fill(port)]));
}
