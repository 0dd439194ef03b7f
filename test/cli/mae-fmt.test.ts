import { chmodSync, statSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { main } from '../../cli/main.ts';
import { type Folder, folderWith, recordingIo, twoModels } from './compile-support.ts';

const start = process.cwd();
afterEach(() => process.chdir(start));

/** Runs `mae fmt` in a folder. */
async function fmt(folder: Folder, argv: readonly string[], stdin?: string | Uint8Array) {
  process.chdir(folder.path);
  const { io, texts } = recordingIo({}, stdin);
  const exitCode = await main(['fmt', ...argv], io);
  return { exitCode, ...texts };
}

const untidy = 'recipe  r {epochs 3\n\n\nbatch 4}';
const tidy = 'recipe r {\n  epochs 3\n\n  batch 4\n}\n';
const wrong = 'recipe r { epochs: 3 }\n';

describe('mae fmt', () => {
  it('formats spec/ if there is one, this folder if not, and says which files changed', async () => {
    const folder = folderWith({ ...twoModels, 'spec/c.mae': untidy, 'd.mae': untidy });
    expect(await fmt(folder, [])).toEqual({
      exitCode: 0,
      out: 'formatted  spec/c.mae\n1 of 4 files changed\n',
      error: '',
    });
    expect([folder.read('spec/c.mae'), folder.read('d.mae')]).toEqual([tidy, untidy]);
    const flat = folderWith({ 'd.mae': untidy, 'e/f.mae': tidy });
    expect((await fmt(flat, [])).out).toBe('formatted  d.mae\n1 of 2 files changed\n');
    expect(flat.read('d.mae')).toBe(tidy);
  });

  it('takes files and folders', async () => {
    const folder = folderWith({ 'a/b.mae': untidy, 'c.mae': untidy, 'd.mae': untidy });
    expect((await fmt(folder, ['c.mae', 'a'])).out).toBe(
      'formatted  c.mae\nformatted  a/b.mae\n2 of 2 files changed\n',
    );
    expect(folder.read('d.mae')).toBe(untidy);
  });

  it('does not write what is formatted, and keeps permissions', async () => {
    const folder = folderWith({ 'a.mae': tidy, 'b.mae': untidy });
    chmodSync(folder.at('b.mae'), 0o640);
    const before = statSync(folder.at('a.mae'));
    await fmt(folder, ['.']);
    expect(statSync(folder.at('a.mae')).ino).toBe(before.ino);
    expect(statSync(folder.at('b.mae')).mode & 0o777).toBe(0o640);
    expect(folder.files()).toEqual(['a.mae', 'b.mae']);
  });

  it('leaves files with mistakes in their syntax alone, says what they are, and formats the others', async () => {
    const folder = folderWith({ 'a.mae': wrong, 'b.mae': untidy, 'c.mae': Uint8Array.of(0xe9) });
    const { exitCode, out, error } = await fmt(folder, []);
    expect({ exitCode, out }).toEqual({
      exitCode: 1,
      out: 'formatted  b.mae\n1 of 3 files changed, 2 files left alone\n',
    });
    expect(error).toContain('a.mae:1:18  error MAE111');
    expect(error).toContain('1 error in 1 file; the file was left alone\n');
    expect(error).toContain(
      'error  cannot read c.mae: it is not UTF-8 text: byte 0xe9 in line 1\nhelp   save it as UTF-8\n',
    );
    expect(folder.read('a.mae')).toBe(wrong);
  });

  it('formats files that are wrong in what they mean', async () => {
    const folder = folderWith({ 'a.mae': 'model  m { wdith 3 }' });
    expect(await fmt(folder, [])).toMatchObject({ exitCode: 0, error: '' });
    expect(folder.read('a.mae')).toBe('model m { wdith 3 }\n');
  });
});

describe('mae fmt --check', () => {
  it('names the files that are not formatted, writes nothing, and ends with 1', async () => {
    const folder = folderWith({ 'a.mae': tidy, 'b.mae': untidy });
    expect(await fmt(folder, ['--check'])).toEqual({
      exitCode: 1,
      out: '',
      error: 'not formatted  b.mae\n1 file not formatted; run mae fmt without --check\n',
    });
    expect(folder.read('b.mae')).toBe(untidy);
  });

  it('ends with 0 when all are', async () => {
    const folder = folderWith({ 'a.mae': tidy });
    expect(await fmt(folder, ['--check'])).toEqual({ exitCode: 0, out: '0 of 1 file changed\n', error: '' });
  });
});

describe('mae fmt -', () => {
  it('formats stdin to stdout', async () => {
    expect(await fmt(folderWith({}), ['-'], untidy)).toEqual({ exitCode: 0, out: tidy, error: '' });
    expect(await fmt(folderWith({}), ['-'], '')).toEqual({ exitCode: 0, out: '', error: '' });
  });

  it('prints nothing but the mistakes where there are some', async () => {
    const { exitCode, out, error } = await fmt(folderWith({}), ['-'], wrong);
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: '' });
    expect(error).toContain('stdin:1:18  error MAE111');
    expect(await fmt(folderWith({}), ['-'], Uint8Array.of(0xe9))).toMatchObject({
      exitCode: 1,
      out: '',
      error: expect.stringContaining('cannot read stdin: it is not UTF-8 text'),
    });
  });

  it('with --check only says whether it is formatted', async () => {
    expect(await fmt(folderWith({}), ['-', '--check'], tidy)).toEqual({ exitCode: 0, out: '', error: '' });
    expect(await fmt(folderWith({}), ['--check', '-'], untidy)).toEqual({
      exitCode: 1,
      out: '',
      error: 'stdin is not formatted\n',
    });
  });
});

it.each([
  [['-', 'a.mae'], '- stands alone'],
  [['--chekc'], 'Did you mean --check?'],
])('a wrong command line ends with 2: %j', async (argv, message) => {
  const { exitCode, out, error } = await fmt(folderWith({}), argv);
  expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
  expect(error).toContain(message);
});

it('what is not there ends with 1', async () => {
  expect(await fmt(folderWith({}), ['none.mae'])).toMatchObject({
    exitCode: 1,
    error: expect.stringContaining('cannot read none.mae: there is no such file or folder'),
  });
  expect((await fmt(folderWith({}), [])).error).toContain('there are no .mae files in .');
});

it('--help shows examples', async () => {
  const { exitCode, out } = await fmt(folderWith({}), ['--help']);
  expect(exitCode).toBe(0);
  expect(out).toContain('mae fmt - < draft.mae');
});
