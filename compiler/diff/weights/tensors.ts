import type { Graph } from '../../ir/graph.ts';
import type { ModelSpec } from '../../language/model-spec.ts';
import { classifierGraph } from '../../model/classifier.ts';
import { linearProbeGraph } from '../../model/linear-probe.ts';
import type { Network, Tensor } from '../report.ts';
import type { SideModel } from '../side.ts';

/**
 * The tensors of a side's model in some networks: as the side lists them, or as the model's graphs have them. `pretraining` is the
 * first of these. Beside pretraining a classifier has what is not of the encoder; alone it has everything.
 */
export function tensorsOf(
  model: SideModel,
  pretraining: Graph,
  networks: readonly Network[],
): ReadonlyMap<Network, readonly Tensor[]> {
  const [listed] = model.knows;
  const beside = networks.includes('pretrain') ? new Set(namesOf(pretraining)) : new Set<string>();
  return new Map(
    networks.map((network) => {
      if (network === listed && model.tensors !== undefined) return [network, model.tensors];
      const shallow = beside.size > 0 ? withOneBlock(model.spec) : model.spec;
      const graph = network === 'pretrain' ? pretraining : classifier(network, shallow);
      const own = network === 'pretrain' ? () => true : ({ name }: Tensor) => !beside.has(name);
      return [network, graph === undefined ? [] : tensorsIn(graph).filter(own)];
    }),
  );
}

/** Undefined where the model does not ask for it. */
function classifier(network: Exclude<Network, 'pretrain'>, spec: ModelSpec): Graph | undefined {
  const { finetune, linearProbe } = spec;
  if (network === 'finetune') return finetune && classifierGraph(spec, finetune, 'inference');
  return linearProbe && linearProbeGraph(spec, linearProbe, 'inference');
}

/** What a classifier has beside the encoder does not depend on how deep that is. */
function withOneBlock(spec: ModelSpec): ModelSpec {
  return { ...spec, encoder: { ...spec.encoder, depth: 1 } };
}

function tensorsIn({ parameters }: Graph): Tensor[] {
  return parameters.map(({ name, shape }) => ({ name, shape }));
}

function namesOf({ parameters }: Graph): string[] {
  return parameters.map(({ name }) => name);
}
