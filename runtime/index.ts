/** What a program, or a generated trainer, uses of the runtime. */
export {
  type GeneratedTrainer,
  runFinetuning,
  runLinearProbing,
  runPretraining,
} from './cli/generated-trainer.ts';
export { openPictureFolder, type PictureFolder } from './data/folder.ts';
export { type LabelledSource, labelled, labelledForTraining } from './data/labels.ts';
export { type PictureBatch, type TrainingBatches, trainingBatches } from './data/loader.ts';
export { openSource, type SourceOptions } from './data/open-source.ts';
export { Pictures, type PicturesOptions, type SkippedPicture } from './data/pictures.ts';
export { labelsOf, type PictureSource, type Split } from './data/source.ts';
export {
  type AdamWSettings,
  EngineError,
  type LarsSettings,
  type NamedTensor,
  type OptimizerKind,
  type OptimizerSettings,
  type OptimizerState,
  type OptimizerUpdate,
  type PretrainingBatch,
  type PretrainingEngine,
  type Reconstruction,
  type SgdSettings,
  type StepSettings,
  type UpdateResult,
} from './engine/engine.ts';
export { type EngineKind, type EngineOptions, openEngine } from './engine/open-engine.ts';
export type {
  CompiledModel,
  CompiledParameter,
  CompiledRecipe,
  CompiledSpec,
} from './model/compiled-spec.ts';
export { loadSpec } from './model/load-spec.ts';
export { Random } from './random.ts';
export { type ClassifyOptions, classify } from './train/classify.ts';
export type { Interval } from './train/interval.ts';
export { type IndexName, type Masking, maskingFromNoise, maskingIndices } from './train/masking.ts';
export { type PretrainOptions, pretrain } from './train/pretrain.ts';
export type { RecipeOverrides } from './train/recipe.ts';
export type { RunFiles } from './train/run-folder.ts';
export type { RunLimits, RunResult } from './train/run-plan.ts';
export { quietView, type RunView, runView } from './train/run-view.ts';
export { type LearningRateSchedule, learningRateAt, learningRateSchedule } from './train/schedule.ts';
export { UserError } from './user-error.ts';
export { drawLossCurve, type LossCurveDrawing } from './view/loss-curve.ts';
export { drawReconstruction, type ReconstructionDrawing } from './view/reconstruction.ts';
export {
  type Checkpoint,
  type CheckpointContents,
  loadCheckpoint,
  loadWeights,
  saveCheckpoint,
} from './weights/checkpoint.ts';
export type { CheckpointValues } from './weights/checkpoint-values.ts';
export { initialParameters } from './weights/initialize.ts';
