import { modelData, specHash } from '../emit/spec-json.ts';
import { type ChangeClass, changeClasses, rankOf } from '../language/schema/change-class.ts';
import { trainingNames } from '../language/schema/key-entry.ts';
import { tokenCounts } from '../model/masking.ts';
import { compareModules } from './cost/compare-modules.ts';
import { CostCounter } from './cost/model-cost.ts';
import { describeEffect } from './effect.ts';
import type { Change, Effect, ModelDiff, ModelFacts, Network, PlaceInFile, TensorChange } from './report.ts';
import { modelRules } from './rules/registry.ts';
import type { Finding } from './rules/rule.ts';
import { trainingRule } from './rules/set-rules.ts';
import { networks, type Side, type SideModel } from './side.ts';
import { compareNumbers, otherNumbers } from './weights/compare-numbers.ts';
import { matchTensors } from './weights/match-tensors.ts';
import { tensorsOf } from './weights/tensors.ts';

/** A model with all that is counted of it. */
export interface ExaminedModel {
  readonly side: Side;
  readonly model: SideModel;
  readonly facts: ModelFacts;
}

/** Counts what models cost. Models of one architecture share what was counted. */
export class Examiner {
  readonly counter = new CostCounter();

  examine(side: Side, model: SideModel): ExaminedModel {
    const { spec } = model;
    const { patches, visible, prefix } = tokenCounts(spec);
    const tokens = { patches, visible, prefix };
    const cost = this.counter.cost(spec);
    const facts = { name: spec.name, hash: specHash(spec), architecture: modelData(spec), tokens, cost };
    return { side, model, facts };
  }
}

/** All that differs between two models. */
export function diffModels(
  old: ExaminedModel,
  now: ExaminedModel,
  counter: CostCounter,
): Pick<ModelDiff, 'changes' | 'weights' | 'modules'> {
  const changes = modelRules.flatMap((rule) =>
    rule.find(old.model, now.model).map((finding) => changeOf(rule.id, finding, old, now, counter)),
  );
  if (sharedNetworks(old, now).length === 0) changes.unshift(anotherTraining(old.model, now.model));
  const weights = compareNumbers(weightsOf(old, now, counter), old.model, now.model);
  changes.push(...otherNumbers(weights));
  return {
    changes: changes
      .map((change, index) => ({ change, index }))
      .sort((a, b) => rankOf(a.change.class) - rankOf(b.change.class) || a.index - b.index)
      .map(({ change }) => change),
    weights,
    modules: compareModules(old.facts.cost, now.facts.cost),
  };
}

function anotherTraining(
  { knows: [old = 'pretrain'] }: SideModel,
  { knows: [now = 'pretrain'] }: SideModel,
): Change {
  const [before, after] = [trainingNames[old], trainingNames[now]];
  return {
    rule: trainingRule.id,
    class: trainingRule.gravest,
    path: '',
    old: before,
    new: after,
    message: `checkpoint of ${before} → ${after}: it holds another network of the model${now === 'pretrain' ? '' : `; mae ${now} --from takes the encoder over`}`,
    effect: null,
    at: { old: null, new: null },
  };
}

function changeOf(
  rule: string,
  finding: Finding,
  old: ExaminedModel,
  now: ExaminedModel,
  counter: CostCounter,
): Change {
  const { class: grade, path, subject, old: before, new: after, notes, alone } = finding;
  const effect = alone === undefined ? null : effectOf(old.model, alone, counter);
  const clauses = [...(effect === null ? [] : [describeEffect(effect)]), ...notes];
  const head = `${subject} ${before ?? 'none'} → ${after ?? 'none'}`;
  return {
    rule,
    class: grade,
    path,
    old: before,
    new: after,
    message: clauses.length === 0 ? head : `${head}: ${clauses.join('; ')}`,
    effect,
    at: { old: placeOf(old, path), new: placeOf(now, path) },
  };
}

/** Null where parameters and FLOPs stay the same, or where this change alone makes no model. */
function effectOf({ spec }: SideModel, alone: SideModel['spec'], counter: CostCounter): Effect | null {
  const before = counter.estimate(spec);
  const after = counter.estimate(alone);
  if (before === undefined || after === undefined) return null;
  const parameters = after.parameters - before.parameters;
  const trainingFlops = after.trainingFlops - before.trainingFlops;
  if (parameters === 0 && trainingFlops === 0) return null;
  return { parameters, trainingFlops, trainingShare: trainingFlops / before.trainingFlops };
}

function placeOf({ side, model }: ExaminedModel, path: string): PlaceInFile | null {
  const span = model.spec.spans.get(path);
  if (span === undefined) return null;
  const end = side.sources.get(span.file)?.span(span.end, span.end) ?? span;
  return {
    file: span.file,
    ...(side.revision === undefined ? {} : { revision: side.revision }),
    line: span.line,
    column: span.column,
    endLine: end.line,
    endColumn: end.column,
  };
}

/**
 * The tensors of the trainings that both sides tell of; where there is none, as of two checkpoints of different ones, those that they
 * list.
 */
function weightsOf(old: ExaminedModel, now: ExaminedModel, counter: CostCounter): TensorChange[] {
  const specs = { old: old.model.spec, new: now.model.spec };
  const shared = sharedNetworks(old, now);
  const [before, after] = [old, now].map(({ model }) => tensorsOf(model, shared, counter));
  if (shared.length > 0) {
    return shared.flatMap((each) =>
      matchTensors(each, before?.get(each) ?? [], after?.get(each) ?? [], specs),
    );
  }
  const [network = 'pretrain'] = now.model.knows;
  return matchTensors(network, old.model.tensors ?? [], now.model.tensors ?? [], specs);
}

/** The trainings that both sides tell of. */
function sharedNetworks({ model: old }: ExaminedModel, { model: now }: ExaminedModel): Network[] {
  return networks.filter((each) => old.knows.includes(each) && now.knows.includes(each));
}

/** How many changes of each class there are. */
export function countClasses(models: readonly Pick<ModelDiff, 'changes'>[]): Record<ChangeClass, number> {
  const all = models.flatMap(({ changes }) => changes);
  const entries = changeClasses.map((grade) => [
    grade,
    all.filter((change) => change.class === grade).length,
  ]);
  return { weights: 0, io: 0, numerics: 0, recipe: 0, cosmetic: 0, ...Object.fromEntries(entries) };
}
