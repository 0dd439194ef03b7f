import type { GraphBuilder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import { linear } from '../ir/ops/linear.ts';
import type { ModelSpec } from '../language/model-spec.ts';
import { normLayer } from './layer-norm.ts';
import { weightLayout } from './linear.ts';

/** Patches [rows, ph*pw*C] → tokens [rows, width], normed if the spec asks for it (timm's `patch_embed.norm`). */
export function embedPatches(builder: GraphBuilder, spec: ModelSpec, patches: Value): Value {
  const { width, normEpsilon: epsilon } = spec.encoder;
  const tokens = projectPatches(builder, spec, patches);
  if (!spec.patch.norm) return tokens;
  return normLayer(builder, { name: 'patch_norm', officialName: 'patch_embed.norm', width, epsilon }, tokens);
}

/**
 * Projects patches [rows, ph*pw*C] (pixels ordered row, column, channel) to tokens [rows, width]. Officially a strided
 * convolution with a weight [width, C, ph, pw]; the graph holds it as the matrix that it is.
 */
function projectPatches(builder: GraphBuilder, spec: ModelSpec, patches: Value): Value {
  const { patch, image, encoder } = spec;
  const inputs = patch.height * patch.width * image.channels;
  const outputs = encoder.width;
  const layout = weightLayout(inputs, outputs);
  const documentation = `Projects each ${patch.height}x${patch.width} patch of ${image.channels} channels to ${outputs}.`;
  const declaration = { name: 'patch_embed', kind: 'PatchEmbedding', documentation };
  return builder.module({ ...declaration, officialName: 'patch_embed.proj' }, { patches }, () => {
    const weight = builder.parameter('weight', {
      shape: [outputs, image.channels, patch.height, patch.width],
      permutation: layout === 'in-out' ? [2, 3, 1, 0] : [0, 2, 3, 1],
      storedShape: layout === 'in-out' ? [inputs, outputs] : [outputs, inputs],
      initializer: { kind: 'xavier-uniform', fanIn: inputs, fanOut: outputs },
    });
    const bias = builder.parameter('bias', { shape: [outputs], initializer: { kind: 'zeros' } });
    return linear(builder, patches, weight, bias, layout);
  });
}
