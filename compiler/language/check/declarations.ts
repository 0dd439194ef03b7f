import type { Report } from '../diagnostic.ts';
import { diagnostics } from '../diagnostics.ts';
import type { Span } from '../span.ts';
import type { ConstantScope } from './constant-scope.ts';
import { type DeclarationHead, type DeclarationKind, type NameAt, nameAt } from './outline.ts';
import { readBlock } from './read-block.ts';
import { readingWith } from './read-values.ts';
import { emptySettings, type Settings } from './settings.ts';

/** A model or a recipe as its own statement gives it, without what it extends. */
export interface Declaration {
  readonly kind: DeclarationKind;
  /** Without a name only what it holds can be checked. */
  readonly name: NameAt | undefined;
  readonly base: NameAt | undefined;
  /** What it was called before. */
  readonly former: NameAt | undefined;
  readonly description: string;
  readonly settings: Settings;
  /** The file that declares it. */
  readonly file: string;
  /** What its values may name. */
  readonly constants: ConstantScope;
  /** What to point at when the whole of it is meant: the name, or the key where it has none. */
  readonly span: Span;
}

/** Reads the block of a model or a recipe. */
export function readDeclaration(
  { kind, statement, read, description }: DeclarationHead,
  constants: ConstantScope,
  report: Report,
): Declaration {
  const { key, block } = statement;
  const name = nameAt(read.values, 'name');
  const settings = emptySettings();
  if (!read.valid) settings.excused.add('');
  if (block !== undefined) readBlock(block, kind, '', settings, report, readingWith(constants));
  if (kind === 'model' && name !== undefined) checkModelName(name, report);
  return {
    kind,
    name,
    base: nameAt(read.values, 'base'),
    former: nameAt(read.values, 'former'),
    description,
    settings,
    file: key.span.file,
    constants,
    span: name?.span ?? key.span,
  };
}

const longestName = 64;

/** Generated code is written to a folder of the model's name, on every operating system. */
function checkModelName({ text, span }: NameAt, report: Report): void {
  if (/^(?:con|prn|aux|nul|com\d|lpt\d)$/.test(text)) {
    report(
      diagnostics.unusableName.at(span, { name: text, because: 'it is the name of a device on Windows' }),
    );
  } else if (text.length > longestName) {
    const because = `it is longer than ${longestName} characters`;
    report(diagnostics.unusableName.at(span, { name: text, because }));
  }
}
