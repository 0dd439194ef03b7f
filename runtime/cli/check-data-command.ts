import { basename, resolve } from 'node:path';
import { Option } from '@commander-js/extra-typings';
import { type CheckOptions, checkData, type DataReport } from '../data/check/check-data.ts';
import { reportText } from '../data/check/report-text.ts';
import { openSource, openSplits } from '../data/open-source.ts';
import { writeFileAtomically } from '../files.ts';
import { formatDuration } from '../train/format.ts';
import { runView } from '../train/run-view.ts';
import { field } from '../train/summary.ts';
import { type ContactSheet, renderContactSheet, SHEET } from '../view/contact-sheet.ts';
import type { CommandIo } from './command-io.ts';
import { EXIT } from './exit-codes.ts';
import { parseNonNegativeInteger, parseShare } from './parse-values.ts';
import { newCommand } from './run-command-line.ts';

const SPLITS = ['train', 'validation', 'all'] as const;

const HELP = `
Examples:
  mae check-data pictures
  mae check-data imagenette --contact-sheet sheet.png
  mae check-data shards --split validation --json

Data is a folder of pictures (flat, in class folders, or in train/ and val/), tar shards, Parquet files,
CIFAR-10 in its binary version, a CSV file, or a folder of NumPy arrays; docs/data.md has the layouts.

Exit codes: 0 every picture decodes, 1 some do not, 2 wrong command line.`;

/** `mae check-data`: decodes all pictures of a data set and says what there is. */
export function checkDataCommand(io: CommandIo, end: (exitCode: number) => void) {
  return newCommand('check-data', io)
    .summary('decode every picture of a data set and report what there is')
    .description(
      'Decodes every picture as training does; reports corrupt ones, classes, sizes, formats and duplicates.',
    )
    .usage('<path> [options]')
    .argument('<path>', 'the data: a folder or a file')
    .addOption(new Option('--split <name>', 'which part').choices(SPLITS).default('all' as const))
    .option(
      '--validation <share>',
      'share for validation where the data has no split of its own',
      parseShare,
      0.1,
    )
    .option('--seed <number>', 'which pictures these are', parseNonNegativeInteger, 0)
    .option('--contact-sheet <file>', 'write a PNG with some pictures of each class')
    .option('--json', 'write the whole report as JSON')
    .addHelpText('after', HELP)
    .action(async (path, { split, validation, seed, contactSheet, json }) => {
      const splits = await splitsOf(path, split, { validation, seed });
      const { report, samples } = await check({ path, splits, samples: SHEET }, io);
      io.stdout.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : `${reportText(report)}\n`);
      if (contactSheet !== undefined) {
        await writeFileAtomically(contactSheet, await renderContactSheet(sheetOf(report, samples)));
        if (!json) io.stdout.write(`${field('look at', contactSheet)}\n`);
      }
      const corrupt = report.splits.some((each) => each.corrupt.length > 0);
      end(corrupt ? EXIT.failure : EXIT.fine);
    });
}

/** All data comes in the splits that it has. */
async function splitsOf(
  path: string,
  split: (typeof SPLITS)[number],
  drawn: { validation: number; seed: number },
): Promise<CheckOptions['splits']> {
  if (split !== 'all') return [{ name: split, source: await openSource(path, { split, ...drawn }) }];
  const { train, validation } = await openSplits(path);
  if (validation === undefined) return [{ name: 'all', source: train }];
  return [
    { name: 'train', source: train },
    { name: 'validation', source: validation },
  ];
}

async function check(options: CheckOptions, { stderr }: CommandIo) {
  const view = runView(stderr);
  const start = performance.now();
  const onProgress = (done: number, total: number, corrupt: number) => {
    const perPicture = (performance.now() - start) / 1000 / done;
    const left = done < total ? `  ${formatDuration((total - done) * perPicture)} left` : '';
    view.progress(`checked ${done}/${total}  ${corrupt} corrupt${left}`);
  };
  try {
    return await checkData({ ...options, onProgress });
  } finally {
    view.close();
  }
}

function sheetOf({ path, splits: [first] }: DataReport, samples: ContactSheet['samples']): ContactSheet {
  const counted = first?.pictures === 1 ? '1 picture' : `${first?.pictures ?? 0} pictures`;
  const classes = first?.classes;
  const hidden = Math.max(0, (classes?.length ?? 0) - SHEET.classes);
  return {
    title: basename(resolve(path)),
    caption: [
      ...(first === undefined || first.split === 'all' ? [] : [first.split]),
      counted,
      ...(classes === undefined ? ['no labels'] : [`${classes.length} classes`]),
      ...(hidden > 0 ? [`the first ${SHEET.classes} are shown`] : []),
    ].join(' · '),
    classes: classes?.slice(0, SHEET.classes),
    samples,
  };
}
