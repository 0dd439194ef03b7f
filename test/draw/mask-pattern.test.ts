import { describe, expect, it } from 'vitest';
import { maskPattern } from '../../compiler/draw/mask-pattern.ts';
import { factsOf } from './support.ts';

const kinds = ['random', 'block', 'grid', 'regular'] as const;

const patternOf = (mask: NonNullable<Parameters<typeof factsOf>[0]>['mask'], side = 64) => {
  const { architecture, tokens } = factsOf({ image: [side, side, 3], mask: mask ?? {} });
  return { pattern: maskPattern(architecture, tokens.visible), tokens };
};

describe('a drawn mask', () => {
  it.each(kinds)('%s leaves as many patches as the model sees', (kind) => {
    const unit = kind === 'grid' ? { height: 4, width: 4 } : { height: 1, width: 1 };
    const { pattern, tokens } = patternOf({ kind, unit });
    expect([pattern.rows, pattern.columns, pattern.cells.length]).toEqual([16, 16, 256]);
    expect(pattern.cells.filter(({ visible }) => visible).length).toBe(tokens.visible);
    expect(patternOf({ kind, unit }).pattern).toEqual(pattern);
  });

  it('of a grid removes whole units', () => {
    const { cells } = patternOf({ kind: 'grid', unit: { height: 4, width: 4 } }).pattern;
    const units = new Map<string, Set<boolean>>();
    for (const { row, column, visible } of cells) {
      const key = `${Math.floor(row / 4)} ${Math.floor(column / 4)}`;
      units.set(key, (units.get(key) ?? new Set()).add(visible));
    }
    expect(units.size).toBe(16);
    for (const states of units.values()) expect(states.size).toBe(1);
  });

  it('that is regular keeps every second row and column at 75%', () => {
    const { cells } = patternOf({ kind: 'regular' }).pattern;
    for (const { row, column, visible } of cells) expect(visible).toBe(row % 2 === 0 && column % 2 === 0);
  });

  it('is coarser where patches are too many to be told apart', () => {
    const { pattern } = patternOf({ kind: 'random' }, 256);
    expect([pattern.rows, pattern.columns]).toEqual([32, 32]);
    expect(pattern.cells.filter(({ visible }) => visible).length).toBe(256);
  });
});
