// Writes the pages of docs/ that are made of the language's tables; with --check only compares them.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { diagnosticsPage } from '../dist/compiler/language/reference/diagnostics-page.js';
import { languagePage } from '../dist/compiler/language/reference/language-page.js';

const pages = { 'language.md': languagePage, 'diagnostics.md': diagnosticsPage };

for (const [name, page] of Object.entries(pages)) {
  const file = fileURLToPath(new URL(`../docs/${name}`, import.meta.url));
  const text = page();
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (contentOf(file) !== text) {
    console.error(`docs/${name} is not what the language's tables make: run npm run build:docs`);
    process.exitCode = 1;
  }
}

function contentOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
