/** What a program, or a generated trainer, uses of the runtime. */
export { type RunPretraining, runPretraining } from './cli/run-pretraining.ts';
export { openPictureFolder, type PictureFolder } from './data/folder.ts';
export { type PictureBatch, type PretrainingBatches, pretrainingBatches } from './data/loader.ts';
export { Pictures, type PicturesOptions, type SkippedPicture } from './data/pictures.ts';
export {
  type AdamWUpdate,
  EngineError,
  type NamedTensor,
  type OptimizerState,
  type PretrainingBatch,
  type PretrainingEngine,
  type Reconstruction,
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
export type { Interval } from './train/interval.ts';
export { type IndexName, type Masking, maskingFromNoise, maskingIndices } from './train/masking.ts';
export { type PretrainOptions, type PretrainResult, pretrain } from './train/pretrain.ts';
export type { RecipeOverrides } from './train/recipe.ts';
export type { RunFiles } from './train/run-folder.ts';
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
export { initialParameters } from './weights/initialize.ts';
