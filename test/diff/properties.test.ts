import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change, ModelDiff, TensorFate } from '../../compiler/diff/report.ts';
import { modelRules } from '../../compiler/diff/rules/registry.ts';
import type { Graph } from '../../compiler/ir/graph.ts';
import type { ModelSpec } from '../../compiler/language/model-spec.ts';
import { rankOf } from '../../compiler/language/schema/change-class.ts';
import { classifierGraph } from '../../compiler/model/classifier.ts';
import { linearProbeGraph } from '../../compiler/model/linear-probe.ts';
import { featuresGraph, maskedAutoencoderGraph } from '../../compiler/model/masked-autoencoder.ts';
import { modelSpec } from '../support/specs.ts';
import { diffSpecs } from './support.ts';

const classifier = fc.record({
  classes: fc.constantFrom(3, 5),
  pooling: fc.constantFrom('mean' as const, 'class-token' as const),
  batch: fc.constantFrom(4, 8),
});

const side = fc.record(
  {
    image: fc.constantFrom(
      [16, 16, 3] as const,
      [16, 16, 4] as const,
      [32, 16, 3] as const,
      [16, 32, 3] as const,
    ),
    patch: fc.constantFrom([4, 4] as const, [8, 4] as const),
    encoder: fc.constantFrom(
      [16, 1, 2] as const,
      [16, 3, 2] as const,
      [16, 3, 4] as const,
      [32, 2, 2] as const,
    ),
    decoder: fc.constantFrom([8, 1, 2] as const, [8, 2, 1] as const, [16, 1, 2] as const),
    mlpRatio: fc.constantFrom(2, 4),
    maskRatio: fc.constantFrom(0.5, 0.75),
    target: fc.constantFrom('pixels' as const, 'normalized-pixels' as const),
    classTokens: fc.constantFrom(1, 2),
    registers: fc.constantFrom(0, 2),
    qkNorm: fc.boolean(),
    qkvBias: fc.boolean(),
    layerScale: fc.constantFrom(0, 1e-5, 0.1),
    positions: fc.constantFrom('sincos-2d' as const, 'learned' as const, 'none' as const),
    loss: fc.record({
      kind: fc.constantFrom('mse' as const, 'l1' as const),
      on: fc.constantFrom('masked' as const, 'all' as const),
    }),
    mask: fc.record({
      kind: fc.constantFrom('random' as const, 'block' as const),
      tokensInEncoder: fc.boolean(),
    }),
    pad: fc.boolean(),
    patchNorm: fc.boolean(),
    dropPath: fc.constantFrom(0, 0.1),
    dropout: fc.constantFrom(0, 0.1),
    finetune: classifier,
    linearProbe: classifier,
  },
  { requiredKeys: [] },
);

/** Specs that differ in a few settings, as a change of a spec does, or in many. */
const pairs: fc.Arbitrary<[ModelSpec, ModelSpec]> = fc
  .tuple(side, side, fc.array(fc.nat(20), { maxLength: 4 }))
  .map(([first, second, chosen]) => {
    const keys = Object.keys(second).filter((_, index) => chosen.includes(index) || chosen.length === 0);
    const changed = Object.fromEntries(Object.entries(second).filter(([key]) => keys.includes(key)));
    return [modelSpec(first), modelSpec({ ...first, ...changed })];
  });

const runs = { numRuns: 150, seed: 20221111 };

const byName = (a: readonly string[], b: readonly string[]) =>
  JSON.stringify(a).localeCompare(JSON.stringify(b));

describe('of any two specs', () => {
  it('one with itself differs in nothing, and all its weights are kept', () => {
    fc.assert(
      fc.property(pairs, ([spec]) => {
        const { status, changes, weights } = diffSpecs(spec, { ...spec });
        expect([status, changes]).toEqual(['same', []]);
        expect(weights.every(({ fate }) => fate === 'kept')).toBe(true);
      }),
      { ...runs, numRuns: 40 },
    );
  });

  it('the comparison of the second with the first mirrors that of the first with the second', () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        const [forth, back] = [diffSpecs(a, b), diffSpecs(b, a)];
        expect(back.changes.map(plain).sort(byName)).toEqual(forth.changes.map(mirrored).sort(byName));
        expect(back.weights.map(row).sort(byName)).toEqual(forth.weights.map(mirroredRow).sort(byName));
        expect([back.old, back.new]).toEqual([forth.new, forth.old]);
        if (forth.changes.length === 1) {
          const [first, second] = [forth.changes[0]?.effect, back.changes[0]?.effect];
          expect(second?.parameters ?? 0).toBe(0 - (first?.parameters ?? 0));
          expect(second?.trainingFlops ?? 0).toBe(0 - (first?.trainingFlops ?? 0));
        }
      }),
      runs,
    );
  });

  it('every tensor is in exactly one row of the weights', () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        const { weights } = diffSpecs(a, b);
        const listed = (which: 'old' | 'new') =>
          weights
            .flatMap((each) => (each[which] === null ? [] : [`${each.network} ${each[which].name}`]))
            .sort();
        expect(listed('old')).toEqual(tensorNames(a));
        expect(listed('new')).toEqual(tensorNames(b));
      }),
      runs,
    );
  });

  it('old weights load as they are if and only if no change is of the class weights', () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        const { weights, changes } = diffSpecs(a, b);
        const both = new Set(['pretrain', ...(a.finetune && b.finetune ? ['finetune'] : [])]);
        if (a.linearProbe && b.linearProbe) both.add('linear-probe');
        const moved = weights.filter(({ network, fate }) => both.has(network) && fate !== 'kept');
        const grave = changes.filter((change) => change.class === 'weights');
        expect(moved.length > 0, JSON.stringify(moved[0])).toBe(grave.length > 0);
      }),
      runs,
    );
  });

  it('where no change is as grave as io, exported files take and yield the same', () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        if (diffSpecs(a, b).changes.some((change) => rankOf(change.class) <= rankOf('io'))) return;
        expectStill(exported(a, ports), exported(b, ports));
      }),
      runs,
    );
  });

  it('where no change is as grave as numerics, exported files compute the same', () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        if (diffSpecs(a, b).changes.some((change) => rankOf(change.class) <= rankOf('numerics'))) return;
        expectStill(exported(a, nodes), exported(b, nodes));
      }),
      runs,
    );
  });
});

const mirrors = new Map(modelRules.map(({ id, mirror = id }) => [id, mirror]));

/** The class of a classifier that comes is not that of one that goes. */
function classIn(change: Change): string {
  return mirrors.get(change.rule) === change.rule ? change.class : '';
}

function plain(change: Change): string[] {
  return [change.rule, classIn(change), change.path, String(change.old), String(change.new)];
}

function mirrored(change: Change): string[] {
  return [
    mirrors.get(change.rule) ?? '',
    classIn(change),
    change.path,
    String(change.new),
    String(change.old),
  ];
}

const mirroredFates: Partial<Record<TensorFate, TensorFate>> = {
  sliced: 'extended',
  extended: 'sliced',
  new: 'dropped',
  dropped: 'new',
};

type Row = ModelDiff['weights'][number];

function row({ network, fate, old, new: now }: Row): string[] {
  return [network, fate, JSON.stringify(old), JSON.stringify(now)];
}

function mirroredRow({ network, fate, old, new: now }: Row): string[] {
  return [network, mirroredFates[fate] ?? fate, JSON.stringify(now), JSON.stringify(old)];
}

/** From the whole graphs: of classifiers what they have beside the network of pretraining. */
function tensorNames(spec: ModelSpec): string[] {
  const names = (graph: Graph) => graph.parameters.map(({ name }) => name);
  const pretraining = names(maskedAutoencoderGraph(spec));
  const further = (network: string, graph: Graph) =>
    names(graph)
      .filter((name) => !pretraining.includes(name))
      .map((name) => `${network} ${name}`);
  return [
    ...pretraining.map((name) => `pretrain ${name}`),
    ...(spec.finetune ? further('finetune', classifierGraph(spec, spec.finetune)) : []),
    ...(spec.linearProbe ? further('linear-probe', linearProbeGraph(spec, spec.linearProbe)) : []),
  ].sort();
}

/** What is told of the graphs that are exported for use, by name. */
function exported<Told>(spec: ModelSpec, tell: (graph: Graph) => Told): Map<string, Told> {
  const { finetune, linearProbe } = spec;
  const graphs = new Map([
    ['encoder', featuresGraph(spec)],
    ['masked-autoencoder', maskedAutoencoderGraph(spec)],
  ]);
  if (finetune) graphs.set('finetune', classifierGraph(spec, finetune, 'inference'));
  if (linearProbe) graphs.set('linear-probe', linearProbeGraph(spec, linearProbe, 'inference'));
  return new Map([...graphs].map(([name, graph]) => [name, tell(graph)]));
}

/** What there was is still there, and told the same of; there may be more. */
function expectStill<Told>(old: ReadonlyMap<string, Told>, now: ReadonlyMap<string, Told>): void {
  for (const [name, told] of old) expect(now.get(name), name).toEqual(told);
}

function ports({ inputs, outputs }: Graph) {
  return [...inputs, ...outputs].map(({ name, value: { type, shape } }) => ({ name, type, shape }));
}

function nodes(graph: Graph) {
  return graph.nodes.map(({ op, inputs, outputs, attributes, scope }) => ({
    op: op.name,
    inputs: inputs.map(({ id }) => id),
    outputs: outputs.map(({ id, shape }) => ({ id, shape })),
    attributes,
    scope: scope.path,
  }));
}
