import { ts } from 'ts-morph';
import { Recent } from '../../recent.ts';

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ES2022,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
  removeComments: false,
  newLine: ts.NewLineKind.LineFeed,
};

/** The classes of a dozen models; most models share most of them. */
const translated = new Recent<string>(500);

/** The JavaScript (ES modules) of a generated TypeScript file, comments and all, for any Node that the project runs on. */
export function emitJavaScript(typescript: string): string {
  return pieces(typescript)
    .map((piece) =>
      translated.get(piece, () => ts.transpileModule(piece, { compilerOptions: OPTIONS }).outputText),
    )
    .join('');
}

/**
 * The text cut after each exported class or constant. What is between two cuts is a module of its own, which becomes the same
 * JavaScript wherever it stands: types do not survive, and nothing else of one statement changes what is made of another.
 */
function pieces(text: string): string[] {
  const { statements } = ts.createSourceFile('module.ts', text, OPTIONS.target ?? ts.ScriptTarget.Latest);
  const ends = statements.filter(isExportedValue).map(({ end }) => end);
  // What follows the last cut goes with what is before it.
  const cuts = [0, ...ends.slice(0, -1), text.length];
  return cuts.slice(1).map((end, index) => text.slice(cuts[index], end));
}

function isExportedValue(statement: ts.Statement): boolean {
  if (!ts.isClassDeclaration(statement) && !ts.isVariableStatement(statement)) return false;
  return statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}
