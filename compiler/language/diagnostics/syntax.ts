import { diagnosticRule as rule } from '../diagnostic.ts';
import { quote } from '../words.ts';

/** Lexical and syntax mistakes. */
export const syntaxDiagnostics = {
  malformedWord: rule<{ text: string }>(
    'MAE101',
    'error',
    'a word that is neither a name nor a value',
    ({ text }) => `${quote(text)} is neither a name nor a value`,
    () => 'values look like 32, 1.5e-4, 75%, 4x, 224x224x3, 20%..100%, a-name or "a string"',
  ),
  nameStyle: rule<{ text: string; kebab: string }>(
    'MAE102',
    'error',
    'a name that is not kebab-case',
    ({ text }) => `the name ${quote(text)} is not kebab-case`,
    ({ kebab }) => `write ${kebab}`,
  ),
  unclosedString: rule<Record<string, never>>(
    'MAE103',
    'error',
    'a string without its closing quotation mark',
    () => 'this string has no closing quotation mark',
    () => 'a string ends with " on the line on which it starts',
  ),
  numberTooLarge: rule<{ text: string }>(
    'MAE104',
    'error',
    'a number too large to be held exactly',
    ({ text }) => `the number ${quote(text)} is too large`,
    () => 'counts go up to 9007199254740991 and numbers to about 1.8e308',
  ),
  missingKey: rule<{ found: string }>(
    'MAE105',
    'error',
    'a statement that begins with a value',
    ({ found }) => `a statement begins with a key, not with ${found}`,
    () => 'the values of one key stand on its line and are separated by blanks, without commas',
  ),
  unclosedBlock: rule<Record<string, never>>(
    'MAE106',
    'error',
    'a block that is never closed',
    () => 'this block is never closed',
    () => 'add a }',
  ),
  strayBrace: rule<Record<string, never>>(
    'MAE107',
    'error',
    'a closing brace that closes no block',
    () => 'this } closes no block',
    () => 'remove it, or add the { that it should close',
  ),
  tooDeep: rule<{ limit: number }>(
    'MAE108',
    'error',
    'blocks nested too deep',
    ({ limit }) => `blocks are nested more than ${limit} deep`,
    () => 'no key of the language nests its blocks deeper than four',
  ),
  detachedBlock: rule<Record<string, never>>(
    'MAE109',
    'error',
    'a block that does not open on the line of its key',
    () => 'a block opens on the line of its key',
    () => 'move the { up behind its key and values',
  ),
  valueAfterBlock: rule<{ found: string }>(
    'MAE110',
    'error',
    'a value behind the block of its key',
    ({ found }) => `${found} stands behind the block`,
    () => 'values come before the block: KEY value { … }',
  ),
  foreignPunctuation: rule<{ text: string }>(
    'MAE111',
    'error',
    'punctuation of another language between a key and its value',
    ({ text }) => `there is no ${quote(text)} between a key and its value`,
    () => 'a key is followed by a blank and its value: width 768',
  ),
};
