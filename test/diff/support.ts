import { diffSides } from '../../compiler/diff/diff-sides.ts';
import type { DiffReport, ModelDiff } from '../../compiler/diff/report.ts';
import { networks, type Side } from '../../compiler/diff/side.ts';
import type { ModelSpec } from '../../compiler/language/model-spec.ts';
import { compile, type Files } from '../language/support.ts';

/** A side of models that are no files. */
export function sideOf(models: ModelSpec | readonly ModelSpec[], label = 'side'): Side {
  const list = 'name' in models ? [models] : models;
  return {
    label,
    kind: 'spec',
    isFolder: !('name' in models),
    models: list.map((spec) => ({ spec, knows: networks })),
    sources: new Map(),
  };
}

/** A side of a text without mistakes. */
export function sideOfText(input: string | Files, label = 'main.mae'): Side {
  const { models, diagnostics, sources } = compile(input);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  const [model, ...further] = models;
  if (model === undefined || further.length > 0) throw new Error(`${models.length} models instead of one`);
  return { ...sideOf(model, label), sources };
}

/** The comparison of the only pair of models. */
export function onlyModel({ models: [model, ...further] }: DiffReport): ModelDiff {
  if (model === undefined || further.length > 0) throw new Error('not one pair of models');
  return model;
}

export function diffSpecs(old: ModelSpec, now: ModelSpec): ModelDiff {
  return onlyModel(diffSides(sideOf(old), sideOf(now)));
}

/** What a rule makes of two texts. */
export function diffTexts(old: string | Files, now: string | Files): ModelDiff {
  return onlyModel(diffSides(sideOfText(old), sideOfText(now)));
}
