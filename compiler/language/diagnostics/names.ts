import { diagnosticRule as rule } from '../diagnostic.ts';
import { listOf, quote } from '../words.ts';

/** Declarations, imports and files. */
export const nameDiagnostics = {
  unreadableFile: rule<{ file: string; because?: string | undefined }>(
    'MAE301',
    'error',
    'a file that cannot be read',
    ({ file, because }) => `cannot read ${quote(file)}${because === undefined ? '' : `: ${because}`}`,
    ({ because }) => (because === undefined ? 'is the path right, and may the file be read?' : undefined),
  ),
  unreadableImport: rule<{ specifier: string; file: string; because?: string | undefined }>(
    'MAE302',
    'error',
    'an import of a file that cannot be read',
    ({ specifier, file, because }) =>
      because === undefined
        ? `cannot read the import ${quote(specifier)}: there is no readable file ${quote(file)}`
        : `cannot read the import ${quote(specifier)}: ${quote(file)}: ${because}`,
    () => 'imports are relative to the file that holds them',
  ),
  importCycle: rule<{ files: readonly string[] }>(
    'MAE303',
    'error',
    'files that import each other in a circle',
    ({ files }) => `imports run in a circle: ${files.join(' → ')}`,
    () => 'move what the files share into a third one',
  ),
  duplicateDeclaration: rule<{ kind: string; name: string }>(
    'MAE304',
    'error',
    'two declarations of the same name',
    ({ kind, name }) => `${kind} ${quote(name)} is declared twice`,
    () => 'give one of them another name',
  ),
  unknownDeclaration: rule<{ kind: string; name: string }>(
    'MAE305',
    'error',
    'a reference to something that is not declared',
    ({ kind, name }) => `there is no ${kind} ${quote(name)}`,
  ),
  extendsCycle: rule<{ kind: string; names: readonly string[] }>(
    'MAE306',
    'error',
    'declarations that extend each other in a circle',
    ({ kind, names: cycle }) => `${kind} ${quote(cycle[0] ?? '')} extends itself: ${cycle.join(' → ')}`,
    () => 'one of them must stand on its own',
  ),
  ambiguousName: rule<{ kind: string; name: string }>(
    'MAE307',
    'error',
    'a reference that could mean several declarations',
    ({ kind, name }) => `${kind} ${quote(name)} could be any of several`,
    () => 'rename one of them, or import only one of their files',
  ),
  unusedImport: rule<{ specifier: string }>(
    'MAE308',
    'warning',
    'an import of which nothing is used',
    ({ specifier }) => `nothing of ${quote(specifier)} is used`,
    () => 'remove the import',
  ),
  repeatedImport: rule<{ specifier: string }>(
    'MAE309',
    'warning',
    'a file imported twice',
    ({ specifier }) => `${quote(specifier)} is imported twice`,
    () => 'remove one of the imports',
  ),
  unusableName: rule<{ name: string; because: string }>(
    'MAE310',
    'error',
    'a name that cannot be the name of a folder everywhere',
    ({ name, because }) => `the name ${quote(name)} cannot be used: ${because}`,
    () => 'a model is written to a folder of its name: choose another',
  ),
  malformedOverride: rule<{ text: string; because: string }>(
    'MAE311',
    'error',
    'a --set that does not set one key of a model or a recipe',
    ({ text, because }) => `${quote(text)} ${because}`,
    () => 'write --set NAME.KEY=VALUE, such as --set vit-huge.mask=60%',
  ),
  reservedName: rule<{ name: string; keys: readonly string[] }>(
    'MAE312',
    'error',
    'a constant with the name of an option',
    ({ name, keys }) =>
      `a constant cannot be called ${quote(name)}: that word has a meaning behind ${firstOf(keys)}`,
    () => 'choose another name',
  ),
  constantCycle: rule<{ names: readonly string[] }>(
    'MAE313',
    'error',
    'constants that are defined by each other in a circle',
    ({ names }) => `constant ${quote(names[0] ?? '')} is defined by itself: ${names.join(' → ')}`,
    () => 'give one of them a value',
  ),
};

/** The first few of a list of keys. */
function firstOf(keys: readonly string[]): string {
  return listOf(keys.length > 3 ? [...keys.slice(0, 2), 'others'] : keys);
}
