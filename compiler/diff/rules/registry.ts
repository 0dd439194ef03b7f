import { onnxRules } from '../onnx/onnx-rules.ts';
import { augmentRules } from './augment-rules.ts';
import { classifierRules } from './classifier-rules.ts';
import { identityRules } from './identity-rules.ts';
import { objectiveRules } from './objective-rules.ts';
import { optimizerRules } from './optimizer-rules.ts';
import { pictureRules } from './picture-rules.ts';
import type { Rule } from './rule.ts';
import { scheduleRules } from './schedule-rules.ts';
import { numbersRule, setRules, trainingRule } from './set-rules.ts';
import { stackRules } from './stack-rules.ts';

/** Every rule that compares two models, in the order in which changes of one class are listed. */
export const modelRules: readonly Rule[] = [
  ...pictureRules,
  ...stackRules,
  ...objectiveRules,
  ...identityRules,
  ...scheduleRules,
  ...optimizerRules,
  ...augmentRules,
  ...classifierRules,
];

/** Every rule: those of `modelRules`, those of models that one side has and the other has not, of checkpoints, and of ONNX files. */
export const allRules: readonly Omit<Rule, 'find'>[] = [
  ...modelRules,
  ...Object.values(setRules),
  trainingRule,
  numbersRule,
  ...onnxRules,
];
