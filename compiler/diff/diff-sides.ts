import { specHash } from '../emit/spec-json.ts';
import { gravest } from '../language/schema/change-class.ts';
import { COMPILER_VERSION } from '../version.ts';
import { compareModules } from './cost/compare-modules.ts';
import { countClasses, diffModels, Examiner } from './diff-models.ts';
import type { Change, DiffReport, ModelDiff, SideFacts } from './report.ts';
import { setRules } from './rules/set-rules.ts';
import type { Side, SideModel } from './side.ts';

/** Compares all models of two sides. A pure function of them. */
export function diffSides(old: Side, now: Side): DiffReport {
  const examiner = new Examiner();
  const models = pairModels(old, now).map((pair) => diffPair(pair, old, now, examiner));
  return {
    version: 1,
    compiler: COMPILER_VERSION,
    old: factsOf(old),
    new: factsOf(now),
    gravest: gravest(models.flatMap(({ changes }) => changes.map((change) => change.class))) ?? null,
    counts: countClasses(models),
    models,
  };
}

function factsOf({ label, kind }: Side): SideFacts {
  return { label, kind };
}

interface Pair {
  readonly old: SideModel | undefined;
  readonly new: SideModel | undefined;
}

/**
 * The models that belong together: the only ones of two sides that are no folders; otherwise those of the same name, then those
 * of which one was called like the other, then those that are the same but for their names. In the order of the new side, then what is only on the old one.
 */
function pairModels(old: Side, now: Side): Pair[] {
  const [firstOld, ...furtherOld] = old.models;
  const [firstNew, ...furtherNew] = now.models;
  const single = furtherOld.length + furtherNew.length === 0 && !old.isFolder && !now.isFolder;
  if (single && firstOld && firstNew) return [{ old: firstOld, new: firstNew }];
  const left = new Set(old.models);
  const take = (fits: (model: SideModel) => boolean) => {
    const found = [...left].find(fits);
    if (found !== undefined) left.delete(found);
    return found;
  };
  const named = new Map(
    now.models.map((model) => [model, take(({ spec }) => spec.name === model.spec.name)]),
  );
  const hinted = new Map(
    now.models.map((model) => [model, named.get(model) ?? take((other) => isFormer(model, other))]),
  );
  const pairs = now.models.map((model): Pair => {
    const key = structureOf(model);
    return { old: hinted.get(model) ?? take((other) => structureOf(other) === key), new: model };
  });
  return [...pairs, ...[...left].map((model): Pair => ({ old: model, new: undefined }))];
}

/** Whether one of two models says that it was called like the other; the older one may be on either side. */
function isFormer({ spec: a }: SideModel, { spec: b }: SideModel): boolean {
  return a.formerName === b.name || b.formerName === a.name;
}

function structureOf({ spec }: SideModel): string {
  return specHash({ ...spec, name: '' });
}

function diffPair(pair: Pair, old: Side, now: Side, examiner: Examiner): ModelDiff {
  const before = pair.old && examiner.examine(old, pair.old);
  const after = pair.new && examiner.examine(now, pair.new);
  if (before !== undefined && after !== undefined) {
    const difference = diffModels(before, after, examiner.counter);
    const renamed = (old.isFolder || now.isFolder) && before.facts.name !== after.facts.name;
    const status = renamed ? 'renamed' : difference.changes.length === 0 ? 'same' : 'changed';
    return { status, old: before.facts, new: after.facts, ...difference };
  }
  const facts = { old: before?.facts ?? null, new: after?.facts ?? null };
  return {
    status: before === undefined ? 'added' : 'removed',
    ...facts,
    changes: [wholeModel(before === undefined ? 'added' : 'removed', facts)],
    weights: [],
    modules: compareModules(facts.old?.cost ?? null, facts.new?.cost ?? null),
  };
}

function wholeModel(what: keyof typeof setRules, { old, new: now }: Pick<ModelDiff, 'old' | 'new'>): Change {
  const { id, gravest: grade } = setRules[what];
  const name = (old ?? now)?.name ?? '';
  const message =
    what === 'added'
      ? `model ${name} is new`
      : `model ${name} is gone: what it learned fits no model any more`;
  return {
    rule: id,
    class: grade,
    path: '',
    old: old?.name ?? null,
    new: now?.name ?? null,
    message,
    effect: null,
    at: { old: null, new: null },
  };
}
