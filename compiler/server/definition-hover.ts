import { descriptions } from '../language/comments.ts';
import { constantKey } from '../language/schema/file-keys.ts';
import { constantValue } from './constants.ts';
import { code, escapeMarkdown } from './key-documentation.ts';
import { modelNumbersTable } from './model-numbers.ts';
import { type Definition, kindName, namesIn } from './names.ts';
import { modelSpecOf } from './specs.ts';
import type { Workspace } from './workspace.ts';

/** A declaration as Markdown: what its comment says, and a model's numbers or anything else's text, with a constant's value. */
export function definitionHover(workspace: Workspace, definition: Definition): string {
  const { kind, name, span } = definition;
  const file = span.file.slice(span.file.lastIndexOf('/') + 1);
  const body = kind === 'model' ? numbersOf(workspace, definition) : sourceOf(workspace, definition);
  const title = `**${kindName(kind)} ${name}**${shownValue(workspace, definition)}, ${escapeMarkdown(file)}`;
  return [title, description(workspace, definition), body].filter((part) => part !== '').join('\n\n');
}

const longestValue = 100;

/** The value of a constant, which may be written at another one. */
function shownValue(workspace: Workspace, definition: Definition): string {
  const value = constantValue(workspace, definition);
  return value === undefined ? '' : ` = ${code(value.text.slice(0, longestValue).replaceAll('`', "'"))}`;
}

function numbersOf(workspace: Workspace, definition: Definition): string {
  const spec = modelSpecOf(workspace, definition);
  return spec === undefined ? '_Its numbers show once its file has no errors._' : modelNumbersTable(spec);
}

function description(workspace: Workspace, { statement, span }: Definition): string {
  const parsed = workspace.parse(span.file);
  if (parsed === undefined) return '';
  const first = namesIn(parsed).definitions.find(({ kind }) => kind !== constantKey);
  const isFirst = first?.statement === statement;
  return escapeMarkdown(descriptions(parsed.tree, parsed.source)(statement, isFirst));
}

const mostLines = 15;
const mostCharacters = 2000;

function sourceOf(workspace: Workspace, { statement, span }: Definition): string {
  const text = workspace.parse(span.file)?.text ?? '';
  const end = statement.block?.span.end ?? statement.head.end;
  const source = text.slice(
    statement.key.span.start,
    Math.min(end, statement.key.span.start + mostCharacters),
  );
  const lines = source.replaceAll('`', "'").split(/\r\n|\n|\r/);
  const shown = lines.length <= mostLines ? lines : [...lines.slice(0, mostLines - 1), '…'];
  return `\`\`\`mae\n${shown.join('\n')}\n\`\`\``;
}
