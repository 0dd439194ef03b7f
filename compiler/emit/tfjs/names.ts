import type { RandomFactors } from '../../ir/graph.ts';

/** "patch_embed" → "patchEmbed", "removed.token" → "removedToken". */
export function camelCase(name: string): string {
  const [first = '', ...rest] = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return first + rest.map(capitalized).join('');
}

/** "patch_embed" → "PatchEmbed". */
export function pascalCase(name: string): string {
  return capitalized(camelCase(name));
}

export function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

export function uncapitalized(word: string): string {
  return word.charAt(0).toLowerCase() + word.slice(1);
}

/** "blocks.3" → list "blocks", number 3; undefined for a module that is no element of a list. */
export function listElement(segment: string): { readonly list: string; readonly index: number } | undefined {
  const match = /^(.+)\.(\d+)$/.exec(segment);
  return match ? { list: match[1] ?? '', index: Number(match[2]) } : undefined;
}

/** Name of the field that holds a parameter or module: official local names without what the owner's name says already. */
export function fieldName(localName: string, owner: string): string {
  const redundant = `${owner}_`;
  return camelCase(localName.startsWith(redundant) ? localName.slice(redundant.length) : localName);
}

/** An expression, within a class, of the name of a graph's input of random factors: the class knows its own `name`. */
export function dropName({ purpose, localName, scope }: RandomFactors): string {
  return scope.officialPrefix === ''
    ? `'${purpose}:${localName}'`
    : `\`${purpose}:\${this.name}.${localName}\``;
}
