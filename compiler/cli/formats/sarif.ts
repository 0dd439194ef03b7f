import type { Diagnostic, Fix } from '../../language/diagnostic.ts';
import { diagnosticRules } from '../../language/diagnostics.ts';
import { overrideFile } from '../../language/overrides.ts';
import type { Span } from '../../language/span.ts';
import { COMPILER_VERSION } from '../../version.ts';
import type { CommandIo } from '../command-io.ts';
import { countOf, messageAndHelp, type Report, rangeOf } from './report.ts';

/**
 * SARIF 2.1.0 on stdout (OASIS, "Static Analysis Results Interchange Format"), for code scanning and editors: one run, all rules of
 * the language, one result a diagnostic.
 */
export function printSarif(report: Report, io: CommandIo): void {
  io.stdout.write(`${JSON.stringify(sarifLog(report), undefined, 2)}\n`);
}

function sarifLog(report: Report) {
  const hasErrors = countOf(report.diagnostics, 'error') > 0;
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'mae-compile', semanticVersion: COMPILER_VERSION, rules: rules() } },
        columnKind: 'utf16CodeUnits',
        invocations: [{ executionSuccessful: true, exitCode: hasErrors ? 1 : 0 }],
        results: report.diagnostics.map((diagnostic) => resultOf(diagnostic, report)),
      },
    ],
  };
}

function rules() {
  return diagnosticRules.map(({ code, severity, title }) => ({
    id: code,
    shortDescription: { text: `${title.charAt(0).toUpperCase()}${title.slice(1)}.` },
    help: {
      text: `${code}: ${title}. docs/diagnostics.md has a wrong and a right example.`,
      markdown: `**${code}**: ${title}. \`docs/diagnostics.md\` has a wrong and a right example.`,
    },
    defaultConfiguration: { level: severity },
  }));
}

const ruleIndexes = new Map(diagnosticRules.map(({ code }, index) => [code, index]));

function resultOf(diagnostic: Diagnostic, report: Report) {
  const { code, severity, span, related, fix } = diagnostic;
  const fixes = fix === undefined ? [] : fixesOf(fix, report);
  return {
    ruleId: code,
    ruleIndex: ruleIndexes.get(code) ?? -1,
    level: severity,
    message: { text: messageAndHelp(diagnostic, '. ') },
    locations: [locationOf(span, report)],
    relatedLocations: related.map((each, id) => ({
      id,
      ...locationOf(each.span, report),
      message: { text: each.message },
    })),
    ...(fixes.length > 0 ? { fixes } : {}),
  };
}

/** A place in a file, or, as a logical location, an override of the command line. */
function locationOf(span: Span, report: Report) {
  if (span.file === overrideFile) {
    const source = report.sources.get(span.file);
    const text = source?.text.slice(source.lineStart(span.line), source.lineEnd(span.line)) ?? '';
    return { logicalLocations: [{ fullyQualifiedName: `${overrideFile} ${text}` }] };
  }
  return {
    physicalLocation: { artifactLocation: artifactOf(span), region: regionOf(span, report) },
  };
}

/** Relative names become relative references, which readers resolve against the root of the repository. */
function artifactOf({ file }: Span) {
  const path = file.split('/').map(encodeURIComponent).join('/');
  return { uri: file.startsWith('/') ? `file://${path}` : path };
}

function regionOf(span: Span, { sources }: Report) {
  const { start, end } = rangeOf(span, sources);
  return {
    startLine: start.line,
    startColumn: start.column,
    endLine: end.line,
    endColumn: end.column,
  };
}

function fixesOf({ title, edits }: Fix, report: Report) {
  // What stands on the command line is in no artifact.
  if (edits.some(({ span }) => span.file === overrideFile)) return [];
  const files = [...new Set(edits.map(({ span }) => span.file))];
  const artifactChanges = files.map((file) => {
    const own = edits.filter(({ span }) => span.file === file);
    return {
      artifactLocation: own[0] === undefined ? {} : artifactOf(own[0].span),
      replacements: own.map(({ span, text }) => ({
        deletedRegion: regionOf(span, report),
        insertedContent: { text },
      })),
    };
  });
  return [{ description: { text: title }, artifactChanges }];
}
