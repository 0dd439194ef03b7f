import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CompiledRecipe, compiledSpecSchema } from '../model/compiled-spec.ts';
import { UserError } from '../user-error.ts';
import { processIo } from './command-io.ts';
import { quoted } from './continue-command.ts';
import { EXIT } from './exit-codes.ts';
import { pretrainHelp, withPretrainOptions } from './pretrain-options.ts';
import { newCommand, runCommandLine } from './run-command-line.ts';
import { runPretrain } from './run-pretrain.ts';

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

export interface RunPretraining {
  /** Folder of the compiled model, where its spec.json is. */
  readonly directory: URL;
  /** In place of the recipe in spec.json. */
  readonly recipe?: DeepReadonly<CompiledRecipe>;
  /** Arguments of the command line, without the program. */
  readonly argv: readonly string[];
}

/**
 * The whole of a generated trainer: reads the command line, pretrains, and sets the exit code of the process. Errors are printed, not
 * thrown.
 */
export async function runPretraining({ directory, recipe, argv }: RunPretraining): Promise<void> {
  const io = processIo();
  const folder = fileURLToPath(directory);
  const start = `node ${quoted(join(relative(process.cwd(), folder), 'pretrain.js').split(sep).join('/'))}`;
  let exitCode: number = EXIT.fine;
  const command = withPretrainOptions(newCommand(start, io))
    .description('Pretrains the masked autoencoder of this folder on pictures.')
    .usage('--data <dir> [options]')
    .addHelpText('after', pretrainHelp(start))
    .action(async (values) => {
      const checked = recipe === undefined ? {} : { recipe: checkRecipe(recipe) };
      exitCode = await runPretrain({ directory: folder, ...checked, values, start, argv, io });
    });
  process.exitCode = await runCommandLine(command, argv, io, () => exitCode);
}

/** The trainer is there to be edited: a slip in its recipe is the user's, and is told as such. */
function checkRecipe(recipe: DeepReadonly<CompiledRecipe>): CompiledRecipe {
  const parsed = compiledSpecSchema.shape.recipes.shape.pretrain.safeParse(recipe);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new UserError(
    `the recipe of the trainer is wrong in ${wrong.join('; ')}`,
    'compare it with spec.json',
  );
}
