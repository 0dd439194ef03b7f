import type { Block, Statement } from './ast.ts';
import type { NameAt } from './check/outline.ts';
import type { Report } from './diagnostic.ts';
import { diagnostics } from './diagnostics.ts';
import { SourceText } from './source-text.ts';
import type { Span } from './span.ts';
import { parseSource } from './syntax-tree.ts';

/** The file that the spans of overrides name; its lines are the overrides, in order. */
export const overrideFile = '--set';

/** `NAME.KEY.KEY=VALUES`: one key of a model or a recipe, set from outside its file. */
export interface Override {
  /** The model or recipe. */
  readonly target: NameAt;
  /** What is set, as a block of that model or recipe would set it. */
  readonly block: Block;
  /** The dotted paths of the keys that only lead to the one that is set. */
  readonly leading: readonly string[];
  readonly span: Span;
}

export interface Overrides {
  readonly source: SourceText;
  readonly all: readonly Override[];
}

/** Reads overrides as they stand on a command line, each on its own; reports those that are malformed. */
export function parseOverrides(texts: readonly string[], report: Report): Overrides {
  const source = new SourceText(
    overrideFile,
    texts.map((text) => text.replaceAll(/[\r\n]/g, ' ')).join('\n'),
  );
  const all = texts.flatMap((_, index) => parseOverride(source, index + 1, report) ?? []);
  return { source, all };
}

const example = 'for example: --set vit-huge.encoder.depth=4';
/** More names than any key of the language has above it. */
const longestPath = 8;

function parseOverride(source: SourceText, line: number, report: Report): Override | undefined {
  const start = source.lineStart(line);
  const span = source.span(start, source.lineEnd(line));
  const text = source.text.slice(span.start, span.end);
  const equals = text.indexOf('=');
  if (equals < 0) {
    report(
      diagnostics.malformedOverride.at(span, { text, because: 'has no = and value' }, { help: example }),
    );
    return undefined;
  }
  const names = namesOf(source, start, text.slice(0, equals));
  const [target, ...path] = names;
  const key = path.at(-1);
  const isUnclear = names.length > longestPath || names.some((name) => name.text === '');
  if (target === undefined || key === undefined || isUnclear) {
    const because = 'does not begin with the name of a model or a recipe, a dot and a key';
    report(diagnostics.malformedOverride.at(span, { text, because }, { help: example }));
    return undefined;
  }
  const statement = parseStatement(source, key, span, report);
  if (statement === undefined) return undefined;
  const leading = path.slice(0, -1);
  const { block } = leading.reduceRight<Nest>(
    ({ block, from }, name) => ({ block: blockOf(statementOf(name, block), from), from: name.span }),
    { block: blockOf(statement, key.span), from: key.span },
  );
  return { target, block, leading: leading.map((_, depth) => joined(leading.slice(0, depth + 1))), span };
}

interface Nest {
  readonly block: Block;
  readonly from: Span;
}

/** The names before the equals sign, which dots separate; a blank around one is not part of it. */
function namesOf(source: SourceText, start: number, text: string): NameAt[] {
  let offset = start;
  return text.split('.').map((piece) => {
    const from = offset + piece.length - piece.trimStart().length;
    const name = piece.trim();
    offset += piece.length + 1;
    return { text: name, span: source.span(from, from + name.length) };
  });
}

/**
 * The statement `KEY VALUES` of an override, read as that of a file would be. What stands before the key and the equals
 * sign are blanked out, so that its spans are those of the override.
 */
function parseStatement(source: SourceText, key: NameAt, line: Span, report: Report): Statement | undefined {
  const before = source.text.slice(0, key.span.start).replaceAll(/[^\n]/g, ' ');
  const [name = '', ...value] = source.text.slice(key.span.start, line.end).split('=');
  const written = new SourceText(overrideFile, `${before}${name} ${value.join('=')}`);
  const [statement, surplus] = parseSource(written, report).statements;
  if (surplus !== undefined) {
    const values = { text: surplus.key.text, because: 'is a second key' };
    report(diagnostics.malformedOverride.at(surplus.head, values, { help: 'give it a --set of its own' }));
  }
  return statement;
}

function statementOf(key: NameAt, block: Block): Statement {
  return { key, values: [], block, head: key.span, damaged: false };
}

function blockOf(statement: Statement, span: Span): Block {
  return { statements: [statement], span, damaged: false };
}

function joined(names: readonly NameAt[]): string {
  return names.map(({ text }) => text).join('.');
}
