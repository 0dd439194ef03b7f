import { describe, expect, it } from 'vitest';
import { compile, expectDiagnostics, specOf } from './support.ts';

describe('one run shows every mistake', () => {
  it('five of different kinds in one spec', () => {
    const spec = specOf({
      image: '⟦image 225x224x3⟧',
      patch: 'patch 16',
      encoder: 'encoder { ⟦width 1281⟧, depth 32, heads 16 }',
      decoder: 'decoder { width 96, ⟦dpeth⟧ 2, heads 3 }',
      mask: 'mask random ⟦100%⟧',
      loss: 'loss mse { target ⟦12abc⟧ }',
    });
    expectDiagnostics(spec, ['MAE212', 'MAE204', 'MAE201', 'MAE208', 'MAE101']);
  });

  it('five mistakes of syntax', () => {
    const spec = specOf({
      image: 'image 32x32x3, ⟦75%⟧',
      encoder: 'encoder ⟦{⟧ width 192, depth 12, heads 3',
      decoder: 'decoder\n  ⟦{⟧ width 96, depth 2, heads 3 }',
      mask: 'mask⟦:⟧ random 75%',
      loss: "loss mse { target ⟦'pixels⟧ }",
    });
    expectDiagnostics(spec, ['MAE105', 'MAE106', 'MAE109', 'MAE111', 'MAE101']);
  });

  it('of every file, each file’s in order', () => {
    const diagnostics = expectDiagnostics(
      {
        'a.mae': 'import "./b.mae"\nmodel a extends vit-test { mask random ⟦0⟧ }\nmodel b extends ⟦vit-tset⟧',
        'b.mae': specOf({ warmup: 'warmup ⟦-1⟧', seed: 'seed ⟦x⟧' }),
      },
      ['MAE208', 'MAE305', 'MAE208', 'MAE205'],
    );
    expect(diagnostics.map(({ span }) => span.file)).toEqual(['a.mae', 'a.mae', 'b.mae', 'b.mae']);
  });

  it('of each value of a statement', () => {
    const optimizer = 'optimizer adamw { lr ⟦0⟧ per ⟦0⟧, betas ⟦1⟧ ⟦yes⟧ }';
    expectDiagnostics(specOf({ optimizer }), ['MAE208', 'MAE208', 'MAE208', 'MAE205']);
  });

  it('also in the second of two equal keys', () => {
    const encoder = 'encoder { width 192, depth 12, heads 3 }\n  ⟦encoder⟧ { width ⟦0⟧ }';
    expectDiagnostics(specOf({ encoder }), ['MAE202', 'MAE208']);
  });
});

describe('one mistake has one diagnostic', () => {
  it('where several models inherit it', () => {
    const spec = `${specOf({ encoder: 'encoder { ⟦width 1281⟧, depth 1, heads 16 }', mask: '' }).replace('vit-test', '⟦vit-test⟧')}
      model b extends vit-test { decoder { depth 1 } }
      model c extends b { patch 8 }`;
    expectDiagnostics(spec, ['MAE203', 'MAE204']);
  });

  it('where several models use a recipe that has it', () => {
    const spec = `${specOf({ warmup: '⟦warmup 10⟧' })}model b extends vit-test { pretrain using test-recipe }`;
    expectDiagnostics(spec, ['MAE215']);
  });

  it('and what was wrong can be put right by who inherits it', () => {
    const { diagnostics } = compile(
      `${specOf({ encoder: 'encoder { width 190, depth 1, heads 3 }' })}model b extends vit-test { encoder { width 192 } }`,
    );
    expect(diagnostics.map(({ code }) => code)).toEqual(['MAE204']);
  });

  it.each([
    ['an unclosed encoder', specOf({ encoder: 'encoder ⟦{⟧ width 192, depth 12, heads 3' })],
    ['an unclosed loss in the middle of a line', specOf({ loss: 'loss mse ⟦{⟧ target pixels' })],
    [
      'an unclosed model',
      specOf().replace('model vit-test {', 'model vit-test ⟦{⟧').replace('\n}\nrecipe', '\nrecipe'),
    ],
  ])('a missing brace: %s', (_, spec) => {
    expectDiagnostics(spec, ['MAE106']);
  });

  it.each([
    ['after a block', specOf({ encoder: 'encoder { width 192, depth 12, heads 3 }⟦}⟧' })],
    ['on a line of its own', specOf({ patch: 'patch 4\n  ⟦}⟧' })],
    ['at the end', `${specOf()}\n⟦}⟧\n`],
  ])('a brace too many: %s', (_, spec) => {
    expectDiagnostics(spec, ['MAE107']);
  });

  it('a missing brace in a spec of one line: the blocks that it leaves open, and nothing of what is in them', () => {
    const spec = specOf({ encoder: 'encoder { width 192, depth 12, heads 3' }).replaceAll('\n', ' ;');
    expectDiagnostics(spec.replace('model vit-test {', 'model vit-test ⟦{⟧'), ['MAE106']);
  });

  it('a declaration whose name is wrong leaves no unknown name behind', () => {
    expectDiagnostics(specOf().replace('recipe test-recipe', 'recipe ⟦3⟧'), ['MAE205']);
    expectDiagnostics(specOf().replace('recipe test-recipe', 'recipe test ⟦recipe⟧'), ['MAE207']);
  });
});

describe('models with mistakes', () => {
  it('are not returned, and those without are', () => {
    const { models } = compile({
      'a.mae': 'import "./b.mae"\nmodel a extends b { mask random 0.5 }',
      'b.mae': `${specOf({ mask: '' })}model b extends vit-test { mask random 60% }`,
    });
    expect(models.map(({ name }) => name)).toEqual([]);
    const other = compile({
      'a.mae': 'import "./b.mae"\nmodel a extends vit-test',
      'b.mae': `${specOf()}model b extends vit-test { mask random 0% }`,
    });
    expect(other.diagnostics.map(({ code }) => code)).toEqual(['MAE208']);
    expect(other.models.map(({ name }) => name)).toEqual(['a']);
  });
});
