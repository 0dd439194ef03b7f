import { describe, expect, it } from 'vitest';
import { compileModel, modelCompiler } from '../../compiler/compile-model.ts';
import { Recent } from '../../compiler/recent.ts';
import { modelSpec } from '../support/specs.ts';

describe('models that are compiled one after the other', () => {
  it('are the same bytes as those compiled alone, whatever they share', () => {
    const base = modelSpec({ encoder: [16, 2, 2], decoder: [8, 1, 2] });
    const { pretrain } = base;
    const specs = [
      base,
      { ...base, name: 'renamed' },
      { ...base, name: 'brief', pretrain: { ...pretrain, epochs: 3 } },
      { ...base, name: 'recomputing', pretrain: { ...pretrain, recompute: 'blocks' as const } },
      { ...base, name: 'half', pretrain: { ...pretrain, precision: 'float16' as const } },
      { ...base, name: 'deeper', encoder: { ...base.encoder, depth: 3 } },
      { ...base, name: 'all', loss: { ...base.loss, on: 'all' as const } },
    ];
    const together = modelCompiler();
    for (const spec of specs) expect(together(spec), spec.name).toEqual(compileModel(spec));
  });
});

describe('what was made last', () => {
  it('is kept up to a number, that which was not asked for longest going first', () => {
    const made: string[] = [];
    const recent = new Recent<string>(2);
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) {
      expect(recent.get(key, () => `${made.push(key)} ${key}`)).toMatch(key);
    }
    expect(made).toEqual(['a', 'b', 'c', 'b']);
  });
});
