import { ts } from 'ts-morph';

/** The JavaScript (ES modules) of a generated TypeScript file, comments and all, for any Node that the project runs on. */
export function emitJavaScript(typescript: string): string {
  const { outputText } = ts.transpileModule(typescript, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ES2022,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
      removeComments: false,
      newLine: ts.NewLineKind.LineFeed,
    },
  });
  return outputText;
}
