import { answerOf, type DiffPalette, renderText, verdict } from '../../diff/render/text.ts';
import type { Change, DiffReport, PlaceInFile } from '../../diff/report.ts';
import { allRules } from '../../diff/rules/registry.ts';
import { type ChangeClass, rankOf } from '../../language/schema/change-class.ts';
import { COMPILER_VERSION } from '../../version.ts';
import { type Colors, colorsFor } from '../colors.ts';
import type { CommandIo } from '../command-io.ts';
import { workflowCommand } from '../formats/github.ts';

/** Prints a report; `failOn` is the class from which on the command fails. What draws pages is loaded for them only. */
type DiffPrinter = (
  report: DiffReport,
  io: CommandIo,
  failOn: ChangeClass | undefined,
) => void | Promise<void>;

/** The values of `--format`. */
export const diffFormats = {
  text: (report, io) => {
    io.stdout.write(`${renderText(report, diffPalette(colorsFor(io.stdout)))}\n`);
  },
  json: (report, io) => {
    io.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
  },
  async markdown(report, io) {
    const { renderMarkdown } = await import('../../diff/render/markdown.ts');
    io.stdout.write(`${renderMarkdown(report)}\n`);
  },
  async html(report, io) {
    const { renderHtml } = await import('../../diff/render/html/page.ts');
    io.stdout.write(renderHtml(report));
  },
  github: printGithub,
  sarif: (report, io, failOn) => {
    io.stdout.write(`${JSON.stringify(sarifLog(report, failOn), undefined, 2)}\n`);
  },
} as const satisfies Readonly<Record<string, DiffPrinter>>;

export type DiffFormat = keyof typeof diffFormats;

export const diffFormatNames: readonly DiffFormat[] = ['text', 'json', 'markdown', 'html', 'github', 'sarif'];

export function diffPalette({ red, magenta, yellow, blue, dim, bold }: Colors): DiffPalette {
  return {
    classes: { weights: red, io: magenta, numerics: yellow, recipe: blue, cosmetic: dim },
    heading: bold,
    faint: dim,
  };
}

/** What fails is an error; besides, what may break something is a warning. */
function levelOf(grade: ChangeClass, failOn: ChangeClass | undefined): 'error' | 'warning' | 'notice' {
  if (failOn !== undefined && rankOf(grade) <= rankOf(failOn)) return 'error';
  return rankOf(grade) <= rankOf('io') ? 'warning' : 'notice';
}

/** Where the reader has the file: the new side's place, or the old one's if both are on disk. */
function annotated({ at }: Change): PlaceInFile | undefined {
  return [at.new, at.old].find((place) => place !== null && place.revision === undefined) ?? undefined;
}

/** An annotation for each change, whether an ONNX file is what it was compared with, and the verdict. */
function printGithub(report: DiffReport, io: CommandIo, failOn: ChangeClass | undefined): void {
  for (const { change, message } of changesOf(report)) {
    const place = annotated(change);
    const title = `${change.rule} (${change.class})`;
    io.stdout.write(`${workflowCommand(levelOf(change.class, failOn), title, message, place)}\n`);
  }
  for (const line of summaryOf(report)) io.stdout.write(`${line}\n`);
}

function summaryOf(report: DiffReport): string[] {
  const answer = report.onnx && answerOf(report.onnx);
  return [...(answer === undefined ? [] : [answer]), verdict(report)];
}

/** All changes with the name of their model or file, which an annotation does not show otherwise. */
function changesOf({ models, onnx, new: side }: DiffReport): { change: Change; message: string }[] {
  const ofModels = models.flatMap(({ old, new: now, changes }) =>
    changes.map((change) => ({ change, message: `${(now ?? old)?.name ?? ''}: ${change.message}` })),
  );
  const ofFiles =
    onnx?.changes.map((change) => ({ change, message: `${side.label}: ${change.message}` })) ?? [];
  return [...ofModels, ...ofFiles];
}

const sarifLevels = { error: 'error', warning: 'warning', notice: 'note' } as const;

/** SARIF 2.1.0: one run, all rules, one result a change. */
function sarifLog(report: DiffReport, failOn: ChangeClass | undefined) {
  const indexes = new Map(allRules.map(({ id }, index) => [id, index]));
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'mae diff',
            semanticVersion: COMPILER_VERSION,
            rules: allRules.map(({ id, title, gravest }) => ({
              id,
              shortDescription: { text: `${title.charAt(0).toUpperCase()}${title.slice(1)}.` },
              defaultConfiguration: { level: sarifLevels[levelOf(gravest, undefined)] },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        properties: { summary: summaryOf(report) },
        results: changesOf(report).map(({ change, message }) => {
          const place = annotated(change);
          return {
            ruleId: change.rule,
            ruleIndex: indexes.get(change.rule) ?? -1,
            level: sarifLevels[levelOf(change.class, failOn)],
            message: { text: message },
            locations: place === undefined ? [] : [locationOf(place)],
            properties: { class: change.class },
          };
        }),
      },
    ],
  };
}

function locationOf({ file, line, column, endLine, endColumn }: PlaceInFile) {
  const path = file.split('/').map(encodeURIComponent).join('/');
  return {
    physicalLocation: {
      artifactLocation: { uri: file.startsWith('/') ? `file://${path}` : path },
      region: { startLine: line, startColumn: column, endLine, endColumn },
    },
  };
}
