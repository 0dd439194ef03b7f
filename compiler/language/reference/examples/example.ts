import type { Unreadable } from '../../load.ts';

/** Files by name, the compiled one first; or why one cannot be read. */
export type ExampleFiles = Readonly<Record<string, string | Unreadable>>;

/** A spec as one would write it: the text of `vit-mine.mae`, or several files. */
export type ExampleSpec = string | ExampleFiles;

/** What the reference says of one diagnostic. */
export interface DiagnosticExample {
  /** Why it is a mistake, in Markdown. */
  readonly explanation: string;
  /** The codes of others that cannot but come before it. */
  readonly before?: readonly string[];
  /** Compiles to this diagnostic and no other, but for those. */
  readonly wrong: ExampleSpec;
  /** Compiles to none. */
  readonly right: ExampleSpec;
  /** The values of `--set` that they are compiled with. */
  readonly overrides?: { readonly wrong: string; readonly right: string };
}

/** A model that changes some keys of vit-base. */
export function extending(...statements: readonly string[]): string {
  return `import "./vit-base.mae"\n\nmodel vit-mine extends vit-base {\n${indented(statements)}\n}\n`;
}

/** A model that changes some keys of vit-base, with the recipes of the project at hand. */
export function extendingWithRecipes(...statements: readonly string[]): string {
  return `import "./recipes.mae"\n${extending(...statements)}`;
}

/** A recipe that is complete with these statements. */
export function recipe(...statements: readonly string[]): string {
  return `recipe my-pretrain {\n${indented(statements)}\n}\n`;
}

/** As they stand in a block, the values in a column. */
function indented(statements: readonly string[]): string {
  const widest = Math.max(0, ...statements.map((statement) => statement.indexOf(' ')));
  return statements
    .map((statement) => `  ${statement.replace(/^([a-z-]+) /, (_, key) => `${key.padEnd(widest)} `)}`)
    .join('\n');
}
