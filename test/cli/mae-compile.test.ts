import { chmodSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { colorsFor } from '../../compiler/cli/colors.ts';
import { compileMain } from '../../compiler/cli/compile-main.ts';
import { folderWith, maeCompile, recordingIo, twoModels } from './compile-support.ts';

afterEach(() => vi.unstubAllEnvs());

describe('mae-compile', () => {
  it('writes a folder for each model, and the second time only what has changed', async () => {
    const folder = folderWith(twoModels);
    const argv = [folder.at('spec'), '--out', folder.at('generated')];
    const first = await maeCompile(folder, argv);
    expect(first).toMatchObject({ exitCode: 0, error: '', generated: ['vit-a', 'vit-b'] });
    expect(first.out).toMatch(/^model {2}parameters/);
    expect(first.out).toMatch(/^vit-a {2}3\.0 k \(2\.0 k \+ 1\.0 k\) /m);
    expect(first.out).toMatch(/\n2 models in generated: 4 of 4 files changed\n/);
    // The test's folder lies outside of any project that has the package.
    expect(first.out).toMatch(
      /\nnote {3}what is in generated imports the package mae-compiler, which is not installed there\n$/,
    );
    expect(folder.read('generated/vit-a/spec.json')).toBe('vit-a 12 0.75 10\n');
    expect(folder.files()).toContain('generated/vit-b/onnx/encoder.onnx');

    expect((await maeCompile(folder, argv)).out).toMatch(/: 0 of 4 files changed\n/);
    folder.write('spec/b.mae', folder.read('spec/b.mae').replace('depth 12', 'depth 6'));
    expect((await maeCompile(folder, argv)).out).toMatch(/: 2 of 4 files changed\n/);
  });

  it('compiles single files, each file once, however it is named', async () => {
    const folder = folderWith(twoModels);
    const same = [folder.at('spec/a.mae'), folder.at('spec/../spec/a.mae')];
    const { generated, exitCode } = await maeCompile(folder, [...same, '-o', folder.at('generated')]);
    expect({ generated, exitCode }).toEqual({ generated: ['vit-a'], exitCode: 0 });
  });

  it('names folders of models that are no longer there', async () => {
    const folder = folderWith({ ...twoModels, 'generated/old/spec.json': '{}', 'generated/other/x': '' });
    const { out } = await maeCompile(folder, [folder.at('spec'), '--out', folder.at('generated')]);
    expect(out).toContain('note   generated/old belongs to no model of these specs');
    expect(out).not.toContain('generated/other');
  });

  it('says nothing with --quiet but what is wrong', async () => {
    const folder = folderWith(twoModels);
    const argv = [folder.at('spec'), '--out', folder.at('generated'), '--quiet'];
    expect(await maeCompile(folder, argv)).toMatchObject({ exitCode: 0, out: '', error: '' });
  });

  it('shows every mistake of every file, writes nothing, and does not load what generates', async () => {
    const folder = folderWith(twoModels);
    for (const name of ['spec/a.mae', 'spec/b.mae']) {
      folder.write(name, folder.read(name).replace('depth 12', 'dept 12').replace('75%', '175%'));
    }
    const { exitCode, out, error, generated } = await maeCompile(folder, [
      folder.at('spec'),
      '--out',
      folder.at('generated'),
    ]);
    expect({ exitCode, out, generated }).toEqual({ exitCode: 1, out: '', generated: [] });
    expect(error.match(/^spec\/.*error MAE\d+/gm)).toEqual([
      'spec/a.mae:6:25  error MAE201',
      'spec/a.mae:8:19  error MAE208',
      'spec/b.mae:6:25  error MAE201',
      'spec/b.mae:8:19  error MAE208',
    ]);
    expect(error).toContain('  6 |   encoder  { width 192, dept 12, heads 3 }\n');
    expect(error).toMatch(/\n4 errors in 2 files; nothing was written\n$/);
    expect(folder.files()).not.toContain('generated/vit-a/spec.json');
  });

  it('prints 50 diagnostics, errors before warnings, and counts the rest', async () => {
    const unknown = Array.from({ length: 60 }, (_, index) => `  zzz${index} 1`).join('\n');
    const folder = folderWith({
      'a.mae': `import "./b.mae"\nimport "./b.mae"\nmodel m {\n${unknown}\n}`,
      'b.mae': '',
    });
    const { error } = await maeCompile(folder, [folder.at('a.mae')]);
    expect(error.match(/error MAE/g)).toHaveLength(50);
    expect(error).not.toContain('warning MAE');
    expect(error).toContain('\nand 11 errors and 1 warning more; --format json prints all\n');
  });

  it('with --no-emit only checks, and does not load what generates', async () => {
    const folder = folderWith(twoModels);
    const run = await maeCompile(folder, [folder.at('spec'), '--no-emit']);
    expect(run).toEqual({ exitCode: 0, out: '2 models: nothing wrong\n', error: '', generated: [] });
    expect(folder.files()).toEqual(Object.keys(twoModels));
  });

  it('applies --set before anything is generated', async () => {
    const folder = folderWith(twoModels);
    const out = ['--out', folder.at('generated'), '--quiet'];
    const sets = ['--set', 'vit-a.mask=60%', '--set=vit-b.encoder.depth=4', '--set', 'short.epochs=3'];
    expect((await maeCompile(folder, [...sets, folder.at('spec'), ...out])).exitCode).toBe(0);
    expect(folder.read('generated/vit-a/spec.json')).toBe('vit-a 12 0.6 3\n');
    expect(folder.read('generated/vit-b/spec.json')).toBe('vit-b 4 0.75 3\n');
    const wrong = await maeCompile(folder, [folder.at('spec'), '--set', 'vit-c.mask=60%']);
    expect(wrong.exitCode).toBe(1);
    expect(wrong.error).toContain(
      '--set:1:1  error MAE305  there is no model or recipe ‘vit-c’\n  1 | vit-c.mask=60%\n',
    );
  });
});

describe('--check', () => {
  it('is content with what is up to date, whatever became of the .onnx files', async () => {
    const folder = folderWith(twoModels);
    const argv = [folder.at('spec'), '--out', folder.at('generated')];
    await maeCompile(folder, argv);
    folder.write('generated/vit-a/onnx/encoder.onnx', 'other');
    const { exitCode, out } = await maeCompile(folder, [...argv, '--check']);
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: '2 models in generated: up to date\n' });
  });

  it('names what is missing or differs, and writes nothing', async () => {
    const folder = folderWith(twoModels);
    const argv = [folder.at('spec'), '--out', folder.at('generated')];
    await maeCompile(folder, argv);
    folder.write('generated/vit-a/spec.json', 'edited');
    const { exitCode, out, error } = await maeCompile(folder, [...argv, '--check']);
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: '' });
    expect(error).toBe(
      'stale  generated/vit-a/spec.json\n1 file out of date; compile again without --check\n',
    );
    expect(folder.read('generated/vit-a/spec.json')).toBe('edited');
  });
});

describe('--warn-as-error', () => {
  const files = {
    ...twoModels,
    'spec/b.mae': `import "./recipes.mae"\nimport "./a.mae"\n${twoModels['spec/b.mae'].slice('import "./recipes.mae"'.length)}`,
  };

  it('is off by default: warnings are printed, and the models compiled', async () => {
    const folder = folderWith(files);
    const { exitCode, error, generated } = await maeCompile(folder, [
      folder.at('spec'),
      '-o',
      folder.at('out'),
    ]);
    expect({ exitCode, generated }).toEqual({ exitCode: 0, generated: ['vit-a', 'vit-b'] });
    expect(error).toContain('spec/b.mae:2:8  warning MAE308');
    expect(error).toMatch(/\n1 warning in 1 file\n$/);
  });

  it.each([
    ['alone', (spec: string) => ['--warn-as-error', spec]],
    ['at the end', (spec: string) => [spec, '--warn-as-error']],
    ['with codes', (spec: string) => ['--warn-as-error', 'MAE309,mae308', spec]],
    ['with a code behind =', (spec: string) => ['--warn-as-error=MAE308', spec]],
  ])('%s makes them errors', async (_, argv) => {
    const folder = folderWith(files);
    const { exitCode, error, generated } = await maeCompile(folder, argv(folder.at('spec')));
    expect({ exitCode, generated }).toEqual({ exitCode: 1, generated: [] });
    expect(error).toContain('spec/b.mae:2:8  error MAE308');
  });

  it('with other codes leaves them', async () => {
    const folder = folderWith(files);
    const { exitCode } = await maeCompile(folder, [
      folder.at('spec'),
      '--no-emit',
      '--warn-as-error',
      'MAE309',
    ]);
    expect(exitCode).toBe(0);
  });
});

describe('a wrong command line ends with 2', () => {
  it.each<[string[], string]>([
    [[], "missing required argument 'spec'"],
    [['spec', '--ouput', 'x'], "unknown option '--ouput'"],
    [['spec', '--format', 'xml'], 'Allowed choices are text, json, sarif, github'],
    [['spec', '--check', '--fix'], "option '--fix' cannot be used with option '--check'"],
    [['spec', '--watch', '--check'], "cannot be used with option '--check'"],
    [['spec', '--watch', '--format', 'json'], '--watch prints text or github, not one json document'],
    [['spec', '--warn-as-error', 'MAE380'], 'There is no diagnostic ‘MAE380’. Did you mean MAE308?'],
    [['spec', '--set'], "option '--set <name.key=value>' argument missing"],
  ])('%j', async (argv, message) => {
    const { exitCode, out, error } = await maeCompile(folderWith({}), argv);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(error).toContain(message);
    expect(error).toContain('(add --help for the options and examples)');
  });
});

it.each([['--help'], ['-h']])('%s prints every option and examples, and ends with 0', async (flag) => {
  const { exitCode, out, error } = await maeCompile(folderWith({}), [flag]);
  expect({ exitCode, error }).toEqual({ exitCode: 0, error: '' });
  expect(out).toContain('Examples:\n  mae-compile spec/ --out generated');
  for (const option of [
    'out',
    'set',
    'format',
    'warn-as-error',
    'no-emit',
    'fix',
    'check',
    'watch',
    'quiet',
  ]) {
    expect(out).toContain(`--${option}`);
  }
});

it('--version prints the version', async () => {
  expect(await maeCompile(folderWith({}), ['--version'])).toMatchObject({
    exitCode: 0,
    out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  });
});

describe('what is wrong outside the specs ends with 1, a message and help', () => {
  it('a path that is not there', async () => {
    const folder = folderWith({});
    const { exitCode, error } = await maeCompile(folder, [folder.at('spec')]);
    expect(exitCode).toBe(1);
    expect(error.split('\n')).toEqual([
      expect.stringMatching(/^error {2}cannot read .*spec: there is no such file or folder$/),
      'help   name a .mae file, or a folder of them, such as spec/',
      '',
    ]);
  });

  it('a folder without specs', async () => {
    const folder = folderWith({ 'spec/readme.txt': '' });
    const { exitCode, error } = await maeCompile(folder, [folder.at('spec')]);
    expect(exitCode).toBe(1);
    expect(error).toContain('error  there are no .mae files in ');
  });

  it('specs without a model', async () => {
    const folder = folderWith({ 'r.mae': twoModels['spec/recipes.mae'] });
    const { exitCode, error, generated } = await maeCompile(folder, [folder.at('r.mae')]);
    expect({ exitCode, generated }).toEqual({ exitCode: 1, generated: [] });
    expect(error).toBe('error  r.mae declares no model\nhelp   a model begins with: model NAME { … }\n');
  });

  it('a file where the output folder should be; no partial file stays behind', async () => {
    const folder = folderWith({ ...twoModels, generated: 'a file' });
    const { exitCode, error } = await maeCompile(folder, [
      folder.at('spec'),
      '--out',
      folder.at('generated'),
    ]);
    expect(exitCode).toBe(1);
    expect(error).toMatch(
      /^error {2}cannot write generated\/vit-a\/spec\.json: a part of the path is a file, not a folder\n/,
    );
    expect(folder.files()).toEqual(['generated', ...Object.keys(twoModels)]);
  });

  it('a fault of the compiler, without its stack unless MAE_DEBUG asks for it', async () => {
    const folder = folderWith(twoModels);
    const run = async () => {
      const { io, texts } = recordingIo();
      const broken = async () => () => {
        throw new Error('no such op');
      };
      const exitCode = await compileMain([folder.at('spec')], io, broken);
      return { exitCode, error: texts.error };
    };
    const { exitCode, error } = await run();
    expect(exitCode).toBe(1);
    expect(error).toBe(
      'error  internal error: no such op\n' +
        'help   this is a fault of the compiler: set MAE_DEBUG=1 to see where it happened\n',
    );
    vi.stubEnv('MAE_DEBUG', '1');
    expect((await run()).error).toMatch(/\n {4}at /);
  });

  it.skipIf(process.getuid?.() === 0)('an output folder that may not be written', async () => {
    const folder = folderWith({ ...twoModels, 'generated/vit-a/x': '' });
    chmodSync(folder.at('generated/vit-a'), 0o555);
    const { exitCode, error } = await maeCompile(folder, [
      folder.at('spec'),
      '--out',
      folder.at('generated'),
    ]);
    chmodSync(folder.at('generated/vit-a'), 0o755);
    expect(exitCode).toBe(1);
    expect(error).toMatch(/^error {2}cannot write generated\/vit-a\/spec\.json: permission denied\n/);
  });
});

describe('colours', () => {
  const esc = String.fromCharCode(27);
  it.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [false, { FORCE_COLOR: '1' }, true],
    [true, { FORCE_COLOR: '0' }, false],
    [true, { TERM: 'dumb' }, false],
    [true, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
  ])('on a terminal (%s) with %j: %s', (isTTY, environment, colored) => {
    expect(
      colorsFor({ isTTY, write: () => true }, environment)
        .red('x')
        .includes(esc),
    ).toBe(colored);
  });

  it('are those of the stream that is written to', async () => {
    for (const name of ['NO_COLOR', 'FORCE_COLOR', 'TERM']) vi.stubEnv(name, undefined);
    const folder = folderWith({ 'a.mae': 'x' });
    const argv = [folder.at('a.mae')];
    expect((await maeCompile(folder, argv, { isTTY: true })).error).toContain(`${esc}[31m`);
    expect((await maeCompile(folder, argv)).error).not.toContain(esc);
  });
});
