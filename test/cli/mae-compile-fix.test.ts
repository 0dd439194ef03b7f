import { chmodSync, lstatSync, statSync, symlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { replaceText } from '../../compiler/cli/replace-file.ts';
import { applyFixes } from '../../compiler/language/apply-fixes.ts';
import type { Diagnostic } from '../../compiler/language/diagnostic.ts';
import { SourceText } from '../../compiler/language/source-text.ts';
import { folderWith, maeCompile, twoModels } from './compile-support.ts';

describe('--fix', () => {
  it('applies the fixes of all files, says what it changed, and compiles the result', async () => {
    const folder = folderWith({
      ...twoModels,
      'spec/a.mae': twoModels['spec/a.mae'].replace('width 192', 'Width: 192').replace('mask ', 'maks '),
      'spec/recipes.mae': twoModels['spec/recipes.mae'].replace('epochs', 'epochz'),
    });
    const argv = [folder.at('spec'), '--fix', '--out', folder.at('generated')];
    const { exitCode, out, error, generated } = await maeCompile(folder, argv);
    expect({ exitCode, error, generated }).toEqual({ exitCode: 0, error: '', generated: ['vit-a', 'vit-b'] });
    expect(out.split('\n').filter((line) => line.startsWith('fixed'))).toEqual([
      'fixed  spec/a.mae:6:19  MAE111  there is no ‘:’ between a key and its value: remove :',
      'fixed  spec/a.mae:8:3  MAE201  a model has no key ‘maks’: write mask',
      'fixed  spec/recipes.mae:2:3  MAE201  a recipe has no key ‘epochz’: write epochs',
      // What the first fix brought to light.
      'fixed  spec/a.mae:6:14  MAE102  the name ‘Width’ is not kebab-case: write width',
    ]);
    expect(folder.read('spec/a.mae')).toBe(twoModels['spec/a.mae'].replace('width 192', 'width  192'));
    expect(folder.read('spec/recipes.mae')).toBe(twoModels['spec/recipes.mae']);
    expect(folder.read('spec/b.mae')).toBe(twoModels['spec/b.mae']);
  });

  it('leaves what it cannot fix, and says so with the places as they are then', async () => {
    const text = twoModels['spec/a.mae'].replace('mask ', 'maks ').replace('patch    4', 'patch    5');
    const folder = folderWith({ ...twoModels, 'spec/a.mae': text });
    const { exitCode, out, error, generated } = await maeCompile(folder, [folder.at('spec'), '--fix']);
    expect({ exitCode, generated }).toEqual({ exitCode: 1, generated: [] });
    expect(out).toMatch(/^fixed {2}spec\/a\.mae:8:3 {2}MAE201.*\n$/);
    expect(error).toContain('spec/a.mae:4:3  error MAE212');
    expect(error).toMatch(/\n1 error in 1 file; nothing was written\n$/);
    expect(folder.read('spec/a.mae')).toBe(text.replace('maks', 'mask'));
  });

  it('keeps a byte order mark, line ends, permissions and links', async () => {
    const text = `\uFEFF${twoModels['spec/a.mae']}`.replaceAll('\n', '\r\n');
    const folder = folderWith({ ...twoModels, 'real.txt': text.replace('mask ', 'maks ') });
    chmodSync(folder.at('real.txt'), 0o640);
    symlinkSync('../real.txt', folder.at('spec/c.mae'));
    folder.write('spec/a.mae', '');
    await maeCompile(folder, [folder.at('spec'), '--fix', '--no-emit']);
    expect(folder.read('real.txt')).toBe(text);
    expect(statSync(folder.at('real.txt')).mode & 0o777).toBe(0o640);
    expect(lstatSync(folder.at('spec/c.mae')).isSymbolicLink()).toBe(true);
  });

  it('does not touch a file that it cannot read, nor one without fixes', async () => {
    const bytes = Uint8Array.of(0x23, 0xff, 0x0a);
    const folder = folderWith({ ...twoModels, 'spec/z.mae': bytes });
    const before = statSync(folder.at('spec/b.mae')).mtimeMs;
    const { exitCode, error } = await maeCompile(folder, [folder.at('spec'), '--fix']);
    expect(exitCode).toBe(1);
    expect(error).toContain('cannot read ‘spec/z.mae’: it is not UTF-8 text: byte 0xff in line 1');
    expect(folder.read('spec/z.mae')).toBe(Buffer.from(bytes).toString());
    expect(statSync(folder.at('spec/b.mae')).mtimeMs).toBe(before);
    expect(folder.files()).toEqual([...Object.keys(twoModels), 'spec/z.mae']);
  });

  it('does not touch the command line', async () => {
    const folder = folderWith(twoModels);
    const { exitCode, out, error } = await maeCompile(folder, [
      folder.at('spec'),
      '--fix',
      '--set',
      'vit-c.mask=60%',
    ]);
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: '' });
    expect(error).toContain('did you mean vit-a?');
  });

  it('does not overwrite what another program has written in the meantime', () => {
    const folder = folderWith({ 'a.mae': 'new' });
    expect(() => replaceText(folder.at('a.mae'), 'old', 'fixed')).toThrow('changed by another program');
    expect(folder.read('a.mae')).toBe('new');
  });
});

describe('applying fixes', () => {
  const source = new SourceText('a.mae', 'one two three');
  const sources = new Map([['a.mae', source]]);
  const diagnostic = (...edits: [start: number, end: number, text: string][]): Diagnostic => ({
    code: 'MAE101',
    severity: 'error',
    message: '',
    span: source.span(0, 0),
    related: [],
    fix: { title: '', edits: edits.map(([start, end, text]) => ({ span: source.span(start, end), text })) },
  });
  const apply = (...diagnostics: Diagnostic[]) => {
    const { texts, applied } = applyFixes(diagnostics, sources);
    return [texts.get('a.mae'), applied.map((each) => diagnostics.indexOf(each))];
  };

  it('makes all edits of a fix, in the order of the text', () => {
    expect(apply(diagnostic([8, 13, '3'], [0, 3, '1']))).toEqual(['1 two 3', [0]]);
  });

  it('leaves out a fix that overlaps an earlier one, whole', () => {
    expect(
      apply(diagnostic([4, 7, '2']), diagnostic([0, 3, '1'], [5, 6, 'x']), diagnostic([8, 13, '3'])),
    ).toEqual(['one 2 3', [0, 2]]);
  });

  it('takes edits that adjoin for overlapping: which goes first is not said', () => {
    expect(apply(diagnostic([3, 3, ',']), diagnostic([3, 4, ';']))).toEqual(['one, two three', [0]]);
  });

  it('changes nothing where there is nothing to fix', () => {
    const { fix: _, ...without } = diagnostic();
    expect(applyFixes([without], sources).texts.size).toBe(0);
  });
});
