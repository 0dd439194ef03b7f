import { schema } from './schema.ts';

/** The words that have a meaning behind some key: options, and the `per` of `lr 1.5e-4 per 256`. With the keys, each once. */
export const reservedWords: ReadonlyMap<string, readonly string[]> = collectWords();

function collectWords(): Map<string, string[]> {
  const words = new Map<string, string[]>();
  for (const { key, slots } of schema) {
    for (const { keyword, type } of slots) {
      for (const word of [...(keyword === undefined ? [] : [keyword]), ...Object.keys(type.options ?? {})]) {
        const keys = words.get(word) ?? [];
        if (!keys.includes(key)) keys.push(key);
        words.set(word, keys);
      }
    }
  }
  return words;
}
