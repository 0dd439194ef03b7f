import type { Graph } from '../../ir/graph.ts';
import type { ModelSpec } from '../../language/model-spec.ts';
import { classifierGraph } from '../../model/classifier.ts';
import { linearProbeGraph } from '../../model/linear-probe.ts';
import type { Network, Tensor } from '../report.ts';
import type { SideModel } from '../side.ts';

/**
 * All tensors of a side's model, by network: those of pretraining as the side lists them or as `pretraining`, its graph, has
 * them; of a classifier what it has beside these.
 */
export function tensorsOf(model: SideModel, pretraining: Graph): ReadonlyMap<Network, readonly Tensor[]> {
  const all = model.tensors ?? listed(pretraining);
  const networks = new Map<Network, readonly Tensor[]>([['pretrain', all]]);
  if (!model.knowsClassifiers) return networks;
  const known = new Set(listed(pretraining).map(({ name }) => name));
  const further = (graph: Graph) => listed(graph).filter(({ name }) => !known.has(name));
  const { finetune, linearProbe } = model.spec;
  const shallow = withOneBlock(model.spec);
  if (finetune) networks.set('finetune', further(classifierGraph(shallow, finetune, 'inference')));
  if (linearProbe) networks.set('linear-probe', further(linearProbeGraph(shallow, linearProbe, 'inference')));
  return networks;
}

/** What a classifier has beside the encoder does not depend on how deep that is. */
function withOneBlock(spec: ModelSpec): ModelSpec {
  return { ...spec, encoder: { ...spec.encoder, depth: 1 } };
}

function listed({ parameters }: Graph): Tensor[] {
  return parameters.map(({ name, shape }) => ({ name, shape }));
}
