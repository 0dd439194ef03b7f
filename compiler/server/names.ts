import { posix } from 'node:path';
import type { Statement } from '../language/ast.ts';
import { constantKey } from '../language/schema/file-keys.ts';
import type { Span } from '../language/span.ts';
import type { ParsedFile } from './parsed-file.ts';
import { statementsOf } from './statements.ts';
import { resolveImport } from './uris.ts';
import { roleOf } from './value-roles.ts';
import type { Workspace } from './workspace.ts';

/** A name where it is declared. `kind` is the key that declares it: `model`, `recipe` or `let`. */
export interface Definition {
  readonly kind: string;
  readonly name: string;
  readonly span: Span;
  readonly statement: Statement;
}

/** A name where it is used. */
export interface Reference {
  readonly kind: string;
  readonly name: string;
  readonly span: Span;
}

export interface ImportAt {
  readonly specifier: string;
  readonly span: Span;
  /** The file that it means, which may not exist. */
  readonly target: string;
  readonly statement: Statement;
}

/** What a file declares, uses and imports. */
export interface FileNames {
  readonly definitions: readonly Definition[];
  /** The first definition of each name, by `nameKey`. */
  readonly byName: ReadonlyMap<string, Definition>;
  readonly references: readonly Reference[];
  readonly imports: readonly ImportAt[];
}

function nameKey({ kind, name }: Pick<Reference, 'kind' | 'name'>): string {
  return `${kind} ${name}`;
}

/** What is declared with a key, in a word for the user. */
export function kindName(kind: string): string {
  return kind === constantKey ? 'constant' : kind;
}

const known = new WeakMap<ParsedFile, FileNames>();

export function namesIn(parsed: ParsedFile): FileNames {
  const names = known.get(parsed) ?? collectNames(parsed);
  known.set(parsed, names);
  return names;
}

function collectNames({ tree, file }: ParsedFile): FileNames {
  const definitions: Definition[] = [];
  const references: Reference[] = [];
  const imports: ImportAt[] = [];
  for (const { statement, entry } of statementsOf(tree)) {
    if (entry === undefined) continue;
    for (const [index, value] of statement.values.entries()) {
      const { span, text: name } = value;
      const role = roleOf(statement, entry, index);
      if (role?.kind === 'declaration') definitions.push({ kind: entry.key, name, span, statement });
      if (role?.kind === 'reference') references.push({ kind: role.to, name, span });
      if (role?.kind === 'path' && value.kind === 'string') {
        const { content } = value;
        imports.push({ specifier: content, span, target: resolveImport(file, content), statement });
      }
    }
  }
  const byName = new Map([...definitions].reverse().map((each) => [nameKey(each), each]));
  return { definitions, byName, references, imports };
}

/** What is declared in a file itself and in the files that it imports: all that its references can mean. */
export function visibleDefinitions(workspace: Workspace, file: string, kind: string): Definition[] {
  const parsed = workspace.parse(file);
  if (parsed === undefined) return [];
  const { definitions, imports } = namesIn(parsed);
  const targets = new Set(imports.map(({ target }) => target));
  targets.delete(file);
  const imported = [...targets].flatMap((target) => {
    const unit = workspace.parse(target);
    return unit === undefined ? [] : namesIn(unit).definitions;
  });
  return [...definitions, ...imported].filter((each) => each.kind === kind);
}

/** What a reference in a file means. */
export function resolveName(
  workspace: Workspace,
  file: string,
  reference: Pick<Reference, 'kind' | 'name'>,
): Definition | undefined {
  const key = nameKey(reference);
  const parsed = workspace.parse(file);
  const names = parsed && namesIn(parsed);
  const own = names?.byName.get(key);
  if (own !== undefined) return own;
  for (const { target } of names?.imports ?? []) {
    const unit = workspace.parse(target);
    const definition = unit && namesIn(unit).byName.get(key);
    if (definition !== undefined) return definition;
  }
  return undefined;
}

/** The definition that an offset names, be it there or by a reference. */
export function definitionAt(
  workspace: Workspace,
  parsed: ParsedFile,
  offset: number,
): { readonly at: Span; readonly definition: Definition | undefined } | undefined {
  const { definitions, references } = namesIn(parsed);
  const isHere = ({ span }: { span: Span }) => offset >= span.start && offset <= span.end;
  const definition = definitions.find(isHere);
  if (definition !== undefined) return { at: definition.span, definition };
  const reference = references.find(isHere);
  if (reference === undefined) return undefined;
  return { at: reference.span, definition: resolveName(workspace, parsed.file, reference) };
}

/** All references that mean a definition, in every spec that the user may mean. */
export function referencesTo(
  workspace: Workspace,
  { kind, name, span }: Definition,
): { readonly parsed: ParsedFile; readonly span: Span }[] {
  const files = new Set([span.file, ...workspace.specFiles()]);
  return [...files].flatMap((file) => {
    const parsed = workspace.parse(file);
    if (parsed === undefined) return [];
    const mentions = namesIn(parsed).references.filter((each) => each.kind === kind && each.name === name);
    const [first] = mentions;
    if (first === undefined) return [];
    const meant = resolveName(workspace, file, first);
    if (meant?.span.file !== span.file || meant.span.start !== span.start) return [];
    return mentions.map((mention) => ({ parsed, span: mention.span }));
  });
}

/** How a file would import another one. */
export function specifierOf(from: string, target: string): string {
  const relative = posix.relative(posix.dirname(from), target);
  return relative.startsWith('../') ? relative : `./${relative}`;
}
