import { Examiner } from '../../compiler/diff/diff-models.ts';
import type { ModelFacts } from '../../compiler/diff/report.ts';
import { sideOf } from '../diff/support.ts';
import { modelSpec, type SpecOptions } from '../support/specs.ts';

/** What a drawing of a model is made of. */
export function factsOf(options: SpecOptions = {}): ModelFacts {
  const side = sideOf(modelSpec(options));
  const [model] = side.models;
  if (model === undefined) throw new Error('no model');
  return new Examiner().examine(side, model).facts;
}
