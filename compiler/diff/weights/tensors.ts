import type { Graph } from '../../ir/graph.ts';
import type { ModelSpec } from '../../language/model-spec.ts';
import { classifierGraph } from '../../model/classifier.ts';
import { linearProbeGraph } from '../../model/linear-probe.ts';
import type { CostCounter } from '../cost/model-cost.ts';
import { type StackName, shallowModel, stackNames, stacks } from '../cost/shallow.ts';
import type { Network, Tensor } from '../report.ts';
import type { SideModel } from '../side.ts';

/**
 * The tensors of a side's model in some networks: as the side lists them, or as the model's graphs have them. Beside pretraining a
 * classifier has what is not of the encoder; alone it has everything.
 */
export function tensorsOf(
  model: SideModel,
  networks: readonly Network[],
  counter: Pick<CostCounter, 'masked'>,
): ReadonlyMap<Network, readonly Tensor[]> {
  const [listed] = model.knows;
  const pretraining = networks.includes('pretrain') ? pretrainingTensors(model.spec, counter) : [];
  const beside = new Set(pretraining.map(({ name }) => name));
  return new Map(
    networks.map((network) => {
      if (network === listed && model.tensors !== undefined) return [network, model.tensors];
      if (network === 'pretrain') return [network, pretraining];
      const graph = classifier(network, beside.size > 0 ? withOneBlock(model.spec) : model.spec);
      return [network, graph === undefined ? [] : tensorsIn(graph).filter(({ name }) => !beside.has(name))];
    }),
  );
}

/** Of few blocks, and of the further ones as of the last of these, in order. */
function pretrainingTensors(spec: ModelSpec, counter: Pick<CostCounter, 'masked'>): Tensor[] {
  const shallow = shallowModel(spec);
  let tensors = tensorsIn(counter.masked(shallow.spec));
  for (const name of stackNames) tensors = withFurtherBlocks(tensors, name, shallow.spec[name].depth, spec);
  return tensors;
}

function withFurtherBlocks(
  tensors: readonly Tensor[],
  name: StackName,
  depth: number,
  spec: ModelSpec,
): Tensor[] {
  const block = (index: number) => `${stacks[name].official}.${index}.`;
  const last = block(depth - 1);
  const ofLast = tensors.filter((tensor) => tensor.name.startsWith(last));
  const end = tensors.findLastIndex((tensor) => tensor.name.startsWith(last)) + 1;
  const further = Array.from({ length: spec[name].depth - depth }, (_, index) =>
    ofLast.map((tensor) => ({ ...tensor, name: block(depth + index) + tensor.name.slice(last.length) })),
  );
  return [...tensors.slice(0, end), ...further.flat(), ...tensors.slice(end)];
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
