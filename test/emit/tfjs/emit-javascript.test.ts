import { describe, expect, it } from 'vitest';
import { emitJavaScript } from '../../../compiler/emit/tfjs/emit-javascript.ts';
import { modelSpec } from '../../support/specs.ts';
import { emitted } from './variety.ts';

describe('emitJavaScript', () => {
  it('drops the types and keeps the rest', () => {
    const source = `// The header.

import { add, type Rows } from 'mae-compiler/tfjs';
import { recipe } from './recipe.ts';

/** Twice x. */
export function twice<T extends number>(x: Rows<T, 8>): Rows<T, 8> {
  // As short as can be.
  return add(x, x);
}

export const { epochs } = recipe as const;
await Promise.resolve();
`;
    expect(emitJavaScript(source)).toMatchInlineSnapshot(`
      "// The header.
      import { add } from 'mae-compiler/tfjs';
      import { recipe } from "./recipe.js";
      /** Twice x. */
      export function twice(x) {
          // As short as can be.
          return add(x, x);
      }
      export const { epochs } = recipe;
      await Promise.resolve();
      "
    `);
  });

  it('makes modules that Node can parse, with the classes and nothing of the types', () => {
    const javascript = emitJavaScript(emitted(modelSpec()));
    expect(javascript).toMatch(/^\/\/ Made by mae-compile/);
    expect(javascript).toContain('export class MaskedAutoencoder {');
    expect(javascript).toContain('/** Layer norm over the channels of each token. */');
    expect(javascript).not.toMatch(/\b(readonly|interface|Rows<|type )\b/);
    const imports = /import \{([^}]*)\} from 'mae-compiler\/tfjs';/.exec(javascript)?.[1] ?? '';
    expect(imports.split(',').map((name) => name.trim())).toContain('prependTokens');
    expect(imports).not.toContain('ParameterSource');
  });
});
