import { describe, expect, it } from 'vitest';
import { diffSides } from '../../compiler/diff/diff-sides.ts';
import type { Change, DiffReport } from '../../compiler/diff/report.ts';
import { allRules, modelRules } from '../../compiler/diff/rules/registry.ts';
import { changeClasses, gravest, rankOf } from '../../compiler/language/schema/change-class.ts';
import { schema } from '../../compiler/language/schema.ts';
import { compile, specOf } from '../language/support.ts';
import { modelSpec } from '../support/specs.ts';
import { ruleCases } from './rule-cases.ts';
import { diffSpecs, diffTexts, sideOf } from './support.ts';

/** What a rule is tested with: two texts of the language. */
const fixtures = new Map<string, { readonly old: string; readonly new: string }>([
  ...Object.entries(ruleCases).map(
    ([id, parts]) => [id, { old: specOf(parts.old), new: specOf(parts.new) }] as const,
  ),
  ['model-name', { old: specOf(), new: specOf().replace('model vit-test', 'model vit-other') }],
  ['model-description', { old: specOf(), new: `# Another one.\n${specOf()}` }],
  ['recipe-name', { old: specOf(), new: specOf().replaceAll('test-recipe', 'other-recipe') }],
]);

function fixtureOf(id: string) {
  const fixture = fixtures.get(id);
  if (fixture === undefined) throw new Error(`rule ${id} has no fixture pair`);
  return fixture;
}

const changesOf = (id: string): readonly Change[] => {
  const { old, new: now } = fixtureOf(id);
  return diffTexts(old, now).changes;
};

describe('every rule', () => {
  it('has an id of its own, a title in one line and a fixture pair', () => {
    const ids = allRules.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, title } of allRules) {
      expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(title).toMatch(/^[a-z][^\n.]{10,100}$/i);
    }
    expect([...fixtures.keys()].sort()).toEqual(modelRules.map(({ id }) => id).sort());
  });

  it.each(modelRules)(
    '$id finds its change at its gravest, and where it stands',
    ({ id, gravest: worst }) => {
      const found = changesOf(id).filter(({ rule }) => rule === id);
      expect(found.map((change) => change.class)).toEqual([worst]);
      const [change] = found;
      expect(change?.old).not.toBe(change?.new);
      if (change?.path !== '') expect(change?.at.old ?? change?.at.new).not.toBeNull();
    },
  );

  it.each(modelRules)('$id finds nothing in two equal models', (rule) => {
    const { old } = fixtureOf(rule.id);
    expect(diffTexts(old, old).changes).toEqual([]);
  });

  it.each(modelRules)('$id is mirrored', ({ id, mirror = id, gravest: worst }) => {
    const { old, new: now } = fixtureOf(id);
    const [back] = diffTexts(now, old).changes.filter(({ rule }) => rule === mirror);
    const [forth] = changesOf(id).filter(({ rule }) => rule === id);
    expect([back?.old, back?.new]).toEqual([forth?.new, forth?.old]);
    if (mirror === id) expect(back?.class).toBe(worst);
  });

  it('says what it found in a sentence', async () => {
    const lines = modelRules.flatMap(({ id }) =>
      changesOf(id).map((change) => `${id}: [${change.class}] ${change.rule}: ${change.message}`),
    );
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('golden/rules.txt');
  });

  it('is the only one to find something in its fixtures, or names the cause', () => {
    // A pad can only change with the size, and a unit of a grid only shows with another kind.
    const together = new Map([
      ['patch-pad', ['image-size', 'patch-pad']],
      ['mask-kind', ['mask-kind', 'mask-unit']],
    ]);
    for (const { id } of modelRules) {
      const rules = changesOf(id).map(({ rule }) => rule);
      expect(new Set(rules), id).toEqual(new Set(together.get(id) ?? [id]));
    }
  });
});

describe('every key of the language', () => {
  const names = schema.flatMap((entry) =>
    entry.places.map((place) => ({ name: `${place}.${entry.key}`, entry })),
  );

  /** Keys that change nothing by themselves: what they lead to is compared. */
  const withoutRule = ['file.import', 'file.let', 'model.encoder', 'model.decoder', 'recipe.augment'];
  /** A key with one possible value cannot change. */
  const withOneValue = ['recipe.schedule'];
  /** The name of a recipe is compared by one rule, wherever it is used. */
  const byRecipe = ['model.pretrain'];

  it('declares the gravest class that the rules of its values find', () => {
    for (const { name, entry } of names) {
      const rules = allRules.filter(({ keys }) => keys.includes(name));
      if ([...withoutRule, ...byRecipe].includes(name)) {
        expect([rules.length, entry.change], name).toEqual([0, 'cosmetic']);
      } else if (withOneValue.includes(name)) {
        expect(entry.slots.map(({ type }) => Object.keys(type.options ?? {}).length)).toEqual([1]);
      } else {
        expect(gravest(rules.map((rule) => rule.gravest)), name).toBe(entry.change);
      }
    }
  });

  it('is one that exists, where a rule names it', () => {
    const known = new Set(names.map(({ name }) => name));
    for (const { id, keys } of allRules) {
      for (const key of keys) expect(known.has(key), `${id}: ${key}`).toBe(true);
    }
  });

  it('is listed with its class in the reference order of gravity', () => {
    expect(changeClasses.map(rankOf)).toEqual([0, 1, 2, 3, 4]);
    expect(gravest(['cosmetic', 'io', 'recipe'])).toBe('io');
    expect(gravest([])).toBeUndefined();
  });
});

describe('the class of a change depends on the change', () => {
  const classOf = (
    rule: string,
    old: Parameters<typeof modelSpec>[0],
    now: Parameters<typeof modelSpec>[0],
  ) => diffSpecs(modelSpec(old), modelSpec(now)).changes.find((change) => change.rule === rule)?.class;

  it.each([
    [
      'a size without tables of positions',
      'image-size',
      { positions: 'none' },
      { positions: 'none', image: [32, 16, 3] },
      'io',
    ],
    ['a size and a patch that leave the grid', 'image-size', {}, { image: [32, 32, 3], patch: [8, 8] }, 'io'],
    ['heads without norms', 'encoder-heads', {}, { encoder: [16, 2, 4] }, 'numerics'],
    [
      'another start of layer scale',
      'encoder-layer-scale',
      { layerScale: 0.1 },
      { layerScale: 1e-5 },
      'recipe',
    ],
    ['a table that is trained', 'encoder-positions', {}, { positions: 'learned' }, 'recipe'],
    ['a ratio that rounds to the same', 'mask-ratio', { maskRatio: 0.75 }, { maskRatio: 0.7499 }, 'cosmetic'],
    ['another kind of as many patches', 'mask-kind', {}, { mask: { kind: 'block' } }, 'recipe'],
    ['units that no mask uses', 'mask-unit', {}, { mask: { unit: { height: 2, width: 2 } } }, 'cosmetic'],
    [
      'a ratio where the encoder sees all',
      'mask-ratio',
      { mask: { tokensInEncoder: true } },
      { mask: { tokensInEncoder: true }, maskRatio: 0.5 },
      'numerics',
    ],
    ['padding of nothing', 'patch-pad', {}, { pad: true }, 'cosmetic'],
    [
      'the pooling of a probe',
      'pooling',
      { linearProbe: {} },
      { linearProbe: { pooling: 'class-token' } },
      'numerics',
    ],
  ] as const)('%s', (_, rule, old, now, expected) => {
    expect(classOf(rule, old, now)).toBe(expected);
  });

  it('a setting of something that is off is cosmetic', () => {
    const { old, new: now } = {
      old: specOf({ classifiers: 'finetune using test-recipe { augment { rand-augment 0 } }' }),
      new: specOf({
        classifiers: 'finetune using test-recipe { augment { rand-augment 0 { operations 3 } } }',
      }),
    };
    expect(diffTexts(old, now).changes.map(({ rule, class: grade }) => [rule, grade])).toEqual([
      ['rand-augment-operations', 'cosmetic'],
    ]);
  });
});

describe('models of folders', () => {
  const [a, b] = [modelSpec({ name: 'a' }), modelSpec({ name: 'b', encoder: [32, 1, 2] })];

  it('are matched by name, then by structure', () => {
    const renamed = { ...b, name: 'c' };
    const report = diffSides(sideOf([a, b]), sideOf([renamed, a]));
    expect(report.models.map(({ status, old, new: now }) => [status, old?.name, now?.name])).toEqual([
      ['renamed', 'b', 'c'],
      ['same', 'a', 'a'],
    ]);
    expect(report.gravest).toBe('cosmetic');
  });

  it('are matched by what they were called before, whatever else has changed, in both directions', () => {
    const now = compile({
      'main.mae': specOf({ decoder: 'decoder { width 96, depth 1, heads 3 }' }).replace(
        'model vit-test {',
        'model vit-new was vit-test {',
      ),
    });
    const [model] = now.models;
    const [old] = compile(specOf()).models;
    if (model === undefined || old === undefined) throw new Error('no model');
    const pairOf = (report: DiffReport) =>
      report.models.map(({ status, old: before, new: after, changes }) => [
        status,
        before?.name,
        after?.name,
        changes.map(({ rule }) => rule),
      ]);
    const rules = ['decoder-depth', 'model-name'];
    expect(pairOf(diffSides(sideOf([a, old]), sideOf([model, a])))).toEqual([
      ['renamed', 'vit-test', 'vit-new', rules],
      ['same', 'a', 'a', []],
    ]);
    expect(pairOf(diffSides(sideOf([model]), sideOf([old])))).toEqual([
      ['renamed', 'vit-new', 'vit-test', rules],
    ]);
    // One that is still there is no former name.
    expect(pairOf(diffSides(sideOf([old]), sideOf([model, old]))).map(([status]) => status)).toEqual([
      'added',
      'same',
    ]);
  });

  it('come and go', () => {
    const summary = (old: readonly (typeof a)[], now: readonly (typeof a)[]) =>
      diffSides(sideOf(old), sideOf(now)).models.map(({ status, changes: [change] }) => [
        status,
        change?.rule,
        change?.class,
      ]);
    expect(summary([a], [a, b])).toEqual([
      ['same', undefined, undefined],
      ['added', 'model-added', 'cosmetic'],
    ]);
    expect(summary([b], [a])).toEqual([
      ['added', 'model-added', 'cosmetic'],
      ['removed', 'model-removed', 'weights'],
    ]);
  });
});
