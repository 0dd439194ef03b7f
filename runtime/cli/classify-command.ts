import type { ClassifierTraining } from '../model/trained-model.ts';
import { CLASSIFIER_HELP, classifyHelp, requireStart, withClassifyOptions } from './classify-options.ts';
import type { CommandIo } from './command-io.ts';
import { runClassify } from './run-classify.ts';
import { newCommand } from './run-command-line.ts';

/** `mae finetune` and `mae linear-probe`: what the generated trainers do, for any compiled model. */
export function classifyCommand(
  training: ClassifierTraining,
  io: CommandIo,
  argv: readonly string[],
  end: (exitCode: number) => void,
) {
  const { summary, description } = CLASSIFIER_HELP[training];
  return withClassifyOptions(newCommand(training, io))
    .summary(summary)
    .description(description)
    .usage('<model> --data <path> (--from <weights> | --scratch) [options]')
    .argument('<model>', 'folder of the compiled model, such as generated/vit-pico')
    .addHelpText('after', classifyHelp(`mae ${training} generated/vit-pico`))
    .action(async (directory, values, command) => {
      requireStart(values, command);
      end(await runClassify({ directory, training, values, start: 'mae', argv, io }));
    });
}
