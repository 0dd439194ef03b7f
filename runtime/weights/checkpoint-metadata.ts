import { z } from 'zod';
import type { OptimizerKind } from '../engine/engine.ts';
import type { LossScaleState } from '../engine/loss-scale.ts';
import { OPTIMIZER_KINDS } from '../engine/optimizer/kinds.ts';
import { type CompiledModel, type CompiledRecipe, compiledSpecSchema } from '../model/compiled-spec.ts';
import { TRAININGS, type Training } from '../model/trained-model.ts';
import { UserError } from '../user-error.ts';
import type { CheckpointContents, RunningStatistics, TrainingPosition } from './checkpoint.ts';
import type { SafetensorsFile } from './safetensors.ts';

/** What the names of an optimizer's tensors begin with. */
export const OPTIMIZER = 'optimizer.';
/** What the names of the parameters' running means begin with. */
export const AVERAGE = `${OPTIMIZER}average.`;

/** Version of the metadata's fields. */
const VERSION = '1';

/** What a checkpoint says of its training beside the tensors: texts, as safetensors allows no others. */
export function formatMetadata(contents: CheckpointContents): Record<string, string> {
  const { spec, position, recipe, log, engine, optimizer } = contents;
  return {
    // What PyTorch's users write there: the tensors are in its layouts.
    format: 'pt',
    checkpoint_version: VERSION,
    model: spec.model.name,
    spec_hash: spec.hash,
    spec: JSON.stringify(spec.model),
    step: String(position.step),
    epoch: String(position.epoch),
    batch: String(position.batch),
    training: spec.training ?? 'pretrain',
    ...(spec.classNames ? { class_names: JSON.stringify(spec.classNames) } : {}),
    seed: String(recipe.seed),
    optimizer: optimizer.kind,
    ...(optimizer.lossScale ? { loss_scale: JSON.stringify(optimizer.lossScale) } : {}),
    recipe: JSON.stringify(recipe),
    // As texts, because JSON has no infinity for a best loss to start from.
    log: JSON.stringify(Object.fromEntries(Object.entries(log).map(([key, value]) => [key, String(value)]))),
    written_by: `${spec.compiler}; ${engine}; Node ${process.versions.node}`,
  };
}

export interface TrainingMetadata {
  readonly model: CompiledModel;
  readonly position: TrainingPosition;
  readonly optimizer: OptimizerKind;
  /** Of a run that computes in float16. */
  readonly lossScale: LossScaleState | undefined;
  readonly recipe: CompiledRecipe;
  readonly log: RunningStatistics;
  readonly training: Training;
  /** Of a classifier. */
  readonly classNames: readonly string[] | undefined;
}

const count = z.string().regex(/^\d+$/).transform(Number);
const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'not JSON' });
    return z.NEVER;
  }
});
const recipes = compiledSpecSchema.shape.recipes.shape;
const schema = z.object({
  step: count,
  epoch: count,
  batch: count,
  // Files that do not say are of the time when there was no other.
  optimizer: z.enum(OPTIMIZER_KINDS).default('adamw'),
  // Of a run that computes in float16.
  loss_scale: json
    .pipe(z.object({ scale: z.number().positive(), goodSteps: z.int().nonnegative() }))
    .optional(),
  spec: json.pipe(compiledSpecSchema.shape.model),
  recipe: json,
  training: z.enum(TRAININGS).default('pretrain'),
  class_names: json.pipe(z.array(z.string())).optional(),
  log: json.pipe(z.record(z.string(), z.string().transform(Number))),
});

/**
 * Reads the metadata of a checkpoint; `undefined` for a file that is no checkpoint but holds weights only.
 * Throws a `UserError` for a checkpoint of another version, or with damaged metadata.
 */
export function readMetadata(file: SafetensorsFile): TrainingMetadata | undefined {
  const version = file.metadata.get('checkpoint_version');
  if (version === undefined) return undefined;
  if (version !== VERSION) {
    throw new UserError(
      `${file.path} is a checkpoint of format ${version}; this program reads format ${VERSION}`,
      'use the version of mae-compiler that wrote it',
    );
  }
  const parsed = schema.safeParse(Object.fromEntries(file.metadata));
  if (!parsed.success) throw damaged(file, parsed.error);
  const { step, epoch, batch, spec, class_names: classNames, loss_scale: lossScale, ...others } = parsed.data;
  const schemaOfRecipe = others.training === 'pretrain' ? recipes.pretrain : recipes.finetune.unwrap();
  const recipe = schemaOfRecipe.safeParse(others.recipe);
  if (!recipe.success) throw damaged(file, recipe.error, 'recipe');
  const position = { step, epoch, batch };
  return { ...others, recipe: recipe.data, model: spec, position, lossScale, classNames };
}

function damaged({ path }: SafetensorsFile, { issues }: z.ZodError, prefix?: string): UserError {
  const places = issues.map((issue) => [...(prefix === undefined ? [] : [prefix]), ...issue.path].join('.'));
  return new UserError(
    `${path} is damaged: its metadata is wrong in ${[...new Set(places)].join(', ')}`,
    'use another checkpoint of the run',
  );
}
