import { z } from 'zod';
import { type CompiledModel, type CompiledRecipe, compiledSpecSchema } from '../model/compiled-spec.ts';
import { UserError } from '../user-error.ts';
import type { CheckpointContents, RunningStatistics, TrainingPosition } from './checkpoint.ts';
import type { SafetensorsFile } from './safetensors.ts';

/** Version of the metadata's fields. */
const VERSION = '1';

/** What a checkpoint says of its training beside the tensors: texts, as safetensors allows no others. */
export function formatMetadata(contents: CheckpointContents): Record<string, string> {
  const { spec, position, recipe, log, engine } = contents;
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
    seed: String(recipe.seed),
    recipe: JSON.stringify(recipe),
    // As texts, because JSON has no infinity for a best loss to start from.
    log: JSON.stringify(Object.fromEntries(Object.entries(log).map(([key, value]) => [key, String(value)]))),
    written_by: `${spec.compiler}; ${engine}; Node ${process.versions.node}`,
  };
}

export interface TrainingMetadata {
  readonly model: CompiledModel;
  readonly position: TrainingPosition;
  readonly recipe: CompiledRecipe;
  readonly log: RunningStatistics;
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
const schema = z.object({
  step: count,
  epoch: count,
  batch: count,
  spec: json.pipe(compiledSpecSchema.shape.model),
  recipe: json.pipe(compiledSpecSchema.shape.recipes.shape.pretrain),
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
  if (!parsed.success) {
    const wrong = [...new Set(parsed.error.issues.map((issue) => issue.path.join('.')))].join(', ');
    throw new UserError(
      `${file.path} is damaged: its metadata is wrong in ${wrong}`,
      'use another checkpoint of the run',
    );
  }
  const { step, epoch, batch, spec, recipe, log } = parsed.data;
  return { model: spec, position: { step, epoch, batch }, recipe, log };
}
