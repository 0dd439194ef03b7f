import type { ClassifierRecipe, ModelSpec } from '../../language/model-spec.ts';
import { type Training, trainingNames } from '../../language/schema/key-entry.ts';
import { type Finding, type Rule, valueRule } from './rule.ts';

type ClassifierTraining = Exclude<Training, 'pretrain'>;

const classifierTrainings: readonly ClassifierTraining[] = ['finetune', 'linear-probe'];

/** The recipe of a classifier, where the model asks for one. */
export function classifierOf(spec: ModelSpec, training: ClassifierTraining): ClassifierRecipe | undefined {
  return training === 'finetune' ? spec.finetune : spec.linearProbe;
}

/** Classifiers that one of two models has and the other has not. */
function classifierRule(comes: boolean): Rule {
  return {
    id: comes ? 'classifier-added' : 'classifier-removed',
    title: comes ? 'a classifier is asked for' : 'a classifier is no longer asked for',
    gravest: comes ? 'recipe' : 'io',
    keys: ['model.finetune', 'model.linear-probe'],
    mirror: comes ? 'classifier-removed' : 'classifier-added',
    find(old, now) {
      const [without, having] = comes ? [old, now] : [now, old];
      const known = classifierTrainings.filter(
        (each) => old.knows.includes(each) && now.knows.includes(each),
      );
      return known.flatMap((training): Finding[] => {
        const recipe = classifierOf(having.spec, training);
        if (recipe === undefined || classifierOf(without.spec, training) !== undefined) return [];
        const shown = `${recipe.classes} classes`;
        return [
          {
            class: comes ? 'recipe' : 'io',
            path: training,
            subject: trainingNames[training],
            old: comes ? null : shown,
            new: comes ? shown : null,
            notes: [
              `${training}-classifier.onnx and its training step are ${comes ? 'generated, too' : 'no longer generated'}`,
            ],
          },
        ];
      });
    },
  };
}

/** Changes of what a model is called and of what it asks for. */
export const identityRules: readonly Rule[] = [
  valueRule({
    id: 'model-name',
    title: 'the model has another name',
    gravest: 'cosmetic',
    keys: ['file.model'],
    path: '',
    subject: 'name',
    read: ({ name }) => name,
    show: String,
    notes: () => ['its generated folder and what files say of themselves go along'],
  }),
  valueRule({
    id: 'model-description',
    title: 'the comment that describes the model is another',
    gravest: 'cosmetic',
    keys: ['file.model'],
    path: '',
    subject: 'description',
    read: ({ description }) => description,
    show: firstLine,
    notes: () => ['only spec.json says it'],
  }),
  classifierRule(true),
  classifierRule(false),
];

const longest = 40;

function firstLine(text: string): string {
  const [line = ''] = text.split('\n');
  if (line === '') return 'none';
  return line.length > longest ? `“${line.slice(0, longest)}…”` : `“${line}”`;
}
