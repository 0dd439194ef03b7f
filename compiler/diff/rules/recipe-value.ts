import type {
  AugmentSpec,
  ClassifierAugmentSpec,
  ClassifierRecipe,
  TrainingRecipe,
} from '../../language/model-spec.ts';
import type { ChangeClass } from '../../language/schema/change-class.ts';
import { type Training, trainingNames } from '../../language/schema/key-entry.ts';
import { percent } from '../../language/words.ts';
import type { SideModel } from '../side.ts';
import { type Finding, type Rule, same, showNumber } from './rule.ts';

/** The recipe of any training; what only classifiers have is there for these. */
export type AnyRecipe = Omit<TrainingRecipe, 'augment'> &
  Partial<Omit<ClassifierRecipe, keyof TrainingRecipe>> & {
    readonly augment: AugmentSpec & Partial<Omit<ClassifierAugmentSpec, keyof AugmentSpec>>;
  };

interface RecipeValue<Value> {
  readonly id: string;
  /** The key with its place; its path below the recipe. */
  readonly key: string;
  readonly path: string;
  readonly title: string;
  readonly gravest?: ChangeClass;
  /** Undefined where the recipe has no such value. */
  readonly read: (recipe: AnyRecipe) => Value | undefined;
  readonly show: (value: Value) => string;
  readonly classify?: (training: Training) => ChangeClass;
  /** Whether the value has any effect. */
  readonly active?: (recipe: AnyRecipe) => boolean;
  readonly notes?: (old: AnyRecipe, now: AnyRecipe, training: Training) => readonly string[];
}

/** The peak learning rate of a recipe, scaled to its batch. */
export function peakRate({ optimizer, batch }: Pick<AnyRecipe, 'optimizer' | 'batch'>): number {
  return (optimizer.baseLearningRate * batch) / optimizer.learningRatePer;
}

export function peakNote(old: AnyRecipe, now: AnyRecipe): string {
  const show = (recipe: AnyRecipe) => showNumber(Number(peakRate(recipe).toPrecision(4)));
  return show(old) === show(now)
    ? `the peak learning rate stays ${show(old)}`
    : `peak learning rate ${show(old)} → ${show(now)}`;
}

export const showRange = (asShare: boolean) => (range: readonly number[]) =>
  range.map(asShare ? (end) => percent(Number(end.toPrecision(6))) : showNumber).join('..');

/** A rule that compares one value of the trainings that both models have. */
export function recipeValue<Value>(declaration: RecipeValue<Value>): Rule {
  const { id, key, path, title, gravest = 'recipe', read, show, classify, active, notes } = declaration;
  return {
    id,
    title,
    gravest,
    keys: [key],
    find(old, now) {
      return pairsOf(old, now).flatMap(([training, before, after]): Finding[] => {
        const [oldValue, newValue] = [read(before), read(after)];
        if (oldValue === undefined || newValue === undefined || same(oldValue, newValue)) return [];
        const idle = active !== undefined && !active(before) && !active(after);
        return [
          {
            class: idle ? 'cosmetic' : (classify?.(training) ?? gravest),
            path: path === '' ? training : `${training}.${path}`,
            subject: `${trainingNames[training]}: ${path === '' ? 'recipe' : path.split('.').join(' ')}`,
            old: show(oldValue),
            new: show(newValue),
            notes: idle
              ? ['without effect, since it is of something that is off']
              : (notes?.(before, after, training) ?? []),
          },
        ];
      });
    },
  };
}

/** The recipes that both models have and both sides tell of. */
function pairsOf(before: SideModel, after: SideModel): [Training, AnyRecipe, AnyRecipe][] {
  const { spec: old } = before;
  const { spec: now } = after;
  const pairs: [Training, AnyRecipe | undefined, AnyRecipe | undefined][] = [
    ['pretrain', old.pretrain, now.pretrain],
    ['finetune', old.finetune, now.finetune],
    ['linear-probe', old.linearProbe, now.linearProbe],
  ];
  const isKnown = (training: Training) => before.knows.includes(training) && after.knows.includes(training);
  return pairs.flatMap(([training, a, b]) =>
    a && b && isKnown(training) ? [[training, a, b] as [Training, AnyRecipe, AnyRecipe]] : [],
  );
}
