import type { Value } from '../language/ast.ts';
import type { Slot } from '../language/schema/key-entry.ts';
import { code, escapeMarkdown, slotDocumentation } from './key-documentation.ts';
import { kindName, namesIn } from './names.ts';
import type { ParsedFile } from './parsed-file.ts';
import { modelSpecOf, recipeOf } from './specs.ts';
import { declarationOf, type PlacedStatement, pathOf } from './statements.ts';
import { resolveImport } from './uris.ts';
import { modelFacts, recipeFacts } from './value-facts.ts';
import { meaningOf, roleOf } from './value-roles.ts';
import type { Workspace } from './workspace.ts';

/** A value, or a word that stands before one, as Markdown: its meaning, what it comes to, and what may stand there. */
export function valueHover(
  workspace: Workspace,
  parsed: ParsedFile,
  current: PlacedStatement,
  value: Value,
): string | undefined {
  const { statement, entry } = current;
  if (entry === undefined) return undefined;
  const role = roleOf(statement, entry, statement.values.indexOf(value));
  if (role === undefined) return undefined;
  if (role.kind === 'path') return importedFile(workspace, parsed, value);
  const { slot } = role;
  const documentation = `**${titleOf(current, slot)}**: ${slotDocumentation(entry, slot)}`;
  if (role.kind === 'keyword') return documentation;
  const meaning = meaningOf(slot, value.text) ?? inOtherWords(value);
  const shown = code(value.text.slice(0, longestValue).replaceAll('`', "'"));
  const lines = [
    meaning === undefined ? shown : `${shown} = ${escapeMarkdown(meaning)}`,
    escapeMarkdown(factOf(workspace, parsed, current) ?? ''),
    documentation,
  ];
  return lines.filter((line) => line !== '').join('\n\n');
}

const longestValue = 100;

function titleOf({ statement, entry }: PlacedStatement, { name }: Slot): string {
  const key = statement.key.text;
  return entry === undefined || entry.slots.length === 1 ? key : `${key}, ${name}`;
}

/** Undefined where the text says it all. */
function inOtherWords(value: Value): string | undefined {
  switch (value.kind) {
    case 'percentage':
      return String(value.value);
    case 'range':
      return `from ${value.low} to ${value.high}`;
    case 'multiple':
      return `${value.factor} times`;
    case 'count':
    case 'number':
      return String(value.value) === value.text ? undefined : String(value.value);
    default:
      return undefined;
  }
}

/** What the values of a key come to in its model or its recipe. */
function factOf(workspace: Workspace, parsed: ParsedFile, current: PlacedStatement): string | undefined {
  const declaration = declarationOf(current).statement;
  const definition = namesIn(parsed).definitions.find(({ statement }) => statement === declaration);
  if (definition === undefined) return undefined;
  const path = pathOf(current);
  if (definition.kind === 'recipe') {
    const fact = recipeFacts[path];
    const recipe = fact && recipeOf(workspace, definition);
    return recipe && fact?.(recipe);
  }
  const spec = modelSpecOf(workspace, definition);
  const inRecipe = /^pretrain\.(.+)$/.exec(path)?.[1] ?? '';
  return spec && (modelFacts[path]?.(spec) ?? recipeFacts[inRecipe]?.(spec.pretrain));
}

const mostNames = 20;

function importedFile(workspace: Workspace, parsed: ParsedFile, value: Value): string | undefined {
  if (value.kind !== 'string') return undefined;
  const target = resolveImport(parsed.file, value.content);
  const imported = workspace.parse(target);
  if (imported === undefined) return `There is no readable file ${escapeMarkdown(target)}.`;
  const names = namesIn(imported).definitions.slice(0, mostNames);
  const lines = names.map(({ kind, name }) => `- ${kindName(kind)} ${name}`);
  return [escapeMarkdown(target), lines.join('\n')].filter((part) => part !== '').join('\n\n');
}
