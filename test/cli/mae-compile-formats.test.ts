import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { JsonReport } from '../../compiler/cli/formats/json.ts';
import { diagnosticRules } from '../../compiler/language/diagnostics.ts';
import { COMPILER_VERSION } from '../../compiler/version.ts';
import { folderWith, maeCompile, twoModels } from './compile-support.ts';

/** A mistake with a related place, one with a fix, and a warning, in a file with a byte order mark and Windows line ends. */
const wrong = {
  ...twoModels,
  'spec/b %.mae': `\uFEFFimport "./recipes.mae"\r\nimport "./a.mae"\r\n${twoModels['spec/b.mae']
    .slice('import "./recipes.mae"\n'.length)
    .replace('width 192', 'width 193')
    .replace('mask ', 'maks ')
    .replaceAll('\n', '\r\n')}`,
};
const { 'spec/b.mae': _, ...files } = wrong;

describe('--format json', () => {
  it('is one document on stdout, with every part of every diagnostic', async () => {
    const folder = folderWith(files);
    const { exitCode, out, error } = await maeCompile(folder, [folder.at('spec'), '--format', 'json']);
    expect({ exitCode, error }).toEqual({ exitCode: 1, error: '' });
    const report: JsonReport = JSON.parse(out);
    const rangeOf = (line: number, column: number, written: string) => {
      const offset = files['spec/b %.mae'].indexOf(written);
      return {
        start: { line, column, offset },
        end: { line, column: column + written.length, offset: offset + written.length },
      };
    };
    expect(report).toMatchObject({
      version: 1,
      compiler: COMPILER_VERSION,
      errors: 2,
      warnings: 0,
      models: ['vit-a'],
      fixed: [],
    });
    expect(report.diagnostics).toEqual([
      {
        code: 'MAE204',
        severity: 'error',
        title: 'a width that its attention heads cannot share equally',
        file: 'spec/b %.mae',
        range: rangeOf(7, 14, 'width 193'),
        message: 'width 193 is not a multiple of heads 3',
        help: 'the nearest widths are 192 and 204',
        related: [
          {
            file: 'spec/b %.mae',
            range: rangeOf(7, 35, 'heads 3'),
            message: '3 heads',
          },
        ],
      },
      {
        code: 'MAE201',
        severity: 'error',
        title: 'a key that the language does not have',
        file: 'spec/b %.mae',
        range: rangeOf(9, 3, 'maks'),
        message: 'a model has no key ‘maks’',
        help: 'did you mean mask?',
        related: [],
        fix: {
          title: 'write mask',
          edits: [
            {
              file: 'spec/b %.mae',
              range: rangeOf(9, 3, 'maks'),
              text: 'mask',
            },
          ],
        },
      },
    ]);
  });

  it('is an empty list where nothing is wrong, and nothing else is on stdout', async () => {
    const folder = folderWith(twoModels);
    const argv = [folder.at('spec'), '--format', 'json', '--out', folder.at('generated')];
    const { exitCode, out, generated } = await maeCompile(folder, argv);
    expect({ exitCode, generated }).toEqual({ exitCode: 0, generated: ['vit-a', 'vit-b'] });
    expect(JSON.parse(out)).toEqual({
      version: 1,
      compiler: COMPILER_VERSION,
      errors: 0,
      warnings: 0,
      models: ['vit-a', 'vit-b'],
      diagnostics: [],
      fixed: [],
    });
  });

  it('says what --fix has fixed, with the places as they were', async () => {
    const folder = folderWith({
      ...twoModels,
      'spec/b.mae': twoModels['spec/b.mae'].replace('mask ', 'maks '),
    });
    const { out } = await maeCompile(folder, [folder.at('spec'), '--format', 'json', '--fix', '--no-emit']);
    const report: JsonReport = JSON.parse(out);
    expect(report).toMatchObject({ errors: 0, diagnostics: [] });
    expect(report.fixed.map(({ code, range }) => [code, range.start.line, range.end.column])).toEqual([
      ['MAE201', 8, 7],
    ]);
  });
});

it('the example of the documentation is what is printed', async () => {
  const page = readFileSync(new URL('../../docs/command-line.md', import.meta.url), 'utf8');
  const block = (language: string) =>
    page.match(new RegExp(`\\n\`\`\`${language}\\n(.*?)\`\`\`\\n`, 's'))?.[1] ?? '';
  const folder = folderWith({ 'short.mae': block('mae') });
  const { out } = await maeCompile(folder, [folder.at('short.mae'), '--format', 'json']);
  expect(JSON.parse(out)).toEqual({ ...JSON.parse(block('json')), compiler: COMPILER_VERSION });
});

/** The parts of SARIF 2.1.0 (OASIS standard, sections 3.13 to 3.57) that the compiler writes, nothing else allowed. */
const message = z.strictObject({ text: z.string().min(1) });
const region = z
  .strictObject({
    startLine: z.int().min(1),
    startColumn: z.int().min(1),
    endLine: z.int().min(1),
    endColumn: z.int().min(1),
  })
  .refine((at) => at.endLine > at.startLine || at.endColumn >= at.startColumn);
const artifactLocation = z.strictObject({ uri: z.string().regex(/^(?:[\w\-.!~*'()%/]|file:\/\/\/)+$/) });
const physicalLocation = z.strictObject({ artifactLocation, region });
const location = z.union([
  z.strictObject({ physicalLocation }),
  z.strictObject({ logicalLocations: z.tuple([z.strictObject({ fullyQualifiedName: z.string() })]) }),
]);
const relatedLocation = z.union([
  z.strictObject({ id: z.int().min(0), physicalLocation, message }),
  z.strictObject({ id: z.int().min(0), logicalLocations: z.array(z.unknown()).length(1), message }),
]);
const fix = z.strictObject({
  description: message,
  artifactChanges: z
    .array(
      z.strictObject({
        artifactLocation,
        replacements: z
          .array(
            z.strictObject({ deletedRegion: region, insertedContent: z.strictObject({ text: z.string() }) }),
          )
          .min(1),
      }),
    )
    .min(1),
});
const level = z.enum(['error', 'warning']);
const sarifLog = z.strictObject({
  $schema: z.url(),
  version: z.literal('2.1.0'),
  runs: z.tuple([
    z.strictObject({
      tool: z.strictObject({
        driver: z.strictObject({
          name: z.literal('mae-compile'),
          semanticVersion: z.string().regex(/^\d+\.\d+\.\d+$/),
          rules: z.array(
            z.strictObject({
              id: z.string().regex(/^MAE\d{3}$/),
              shortDescription: z.strictObject({ text: z.string().regex(/^.+\.$/) }),
              help: z.strictObject({ text: z.string().min(1), markdown: z.string().min(1) }),
              defaultConfiguration: z.strictObject({ level }),
            }),
          ),
        }),
      }),
      columnKind: z.literal('utf16CodeUnits'),
      invocations: z.tuple([z.strictObject({ executionSuccessful: z.boolean(), exitCode: z.int() })]),
      results: z.array(
        z.strictObject({
          ruleId: z.string(),
          ruleIndex: z.int().min(0),
          level,
          message,
          locations: z.tuple([location]),
          relatedLocations: z.array(relatedLocation),
          fixes: z.array(fix).min(1).optional(),
        }),
      ),
    }),
  ]),
});

describe('--format sarif', () => {
  it('is a valid log with all rules, and regions, related places and fixes of the results', async () => {
    const folder = folderWith(files);
    const argv = [
      folder.at('spec'),
      '--format',
      'sarif',
      '--set',
      'vit-c.mask=60%',
      '--set',
      'vit-a.encoder.heads=5',
    ];
    const { exitCode, out, error } = await maeCompile(folder, argv);
    expect({ exitCode, error }).toEqual({ exitCode: 1, error: '' });
    // Files outside the working folder are named absolutely.
    const [run] = sarifLog.parse(JSON.parse(out.replaceAll('file://', ''))).runs;
    const { rules } = run.tool.driver;
    expect(rules.map(({ id }) => id)).toEqual(diagnosticRules.map(({ code }) => code));
    expect(run.invocations).toEqual([{ executionSuccessful: true, exitCode: 1 }]);
    for (const { ruleId, ruleIndex, relatedLocations } of run.results) {
      expect(rules[ruleIndex]?.id).toBe(ruleId);
      expect(relatedLocations.map(({ id }) => id)).toEqual(relatedLocations.map((_each, index) => index));
    }
    expect(run.results).toEqual([
      {
        ruleId: 'MAE204',
        ruleIndex: expect.any(Number),
        level: 'error',
        message: { text: 'width 192 is not a multiple of heads 5. help: the nearest widths are 180 and 200' },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: 'spec/a.mae' },
              region: { startLine: 6, startColumn: 14, endLine: 6, endColumn: 23 },
            },
          },
        ],
        relatedLocations: [
          {
            id: 0,
            logicalLocations: [{ fullyQualifiedName: '--set vit-a.encoder.heads=5' }],
            message: { text: '5 heads' },
          },
        ],
      },
      {
        ruleId: 'MAE204',
        ruleIndex: expect.any(Number),
        level: 'error',
        message: { text: 'width 193 is not a multiple of heads 3. help: the nearest widths are 192 and 204' },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: 'spec/b%20%25.mae' },
              region: { startLine: 7, startColumn: 14, endLine: 7, endColumn: 23 },
            },
          },
        ],
        relatedLocations: [
          {
            id: 0,
            physicalLocation: {
              artifactLocation: { uri: 'spec/b%20%25.mae' },
              region: { startLine: 7, startColumn: 35, endLine: 7, endColumn: 42 },
            },
            message: { text: '3 heads' },
          },
        ],
      },
      {
        ruleId: 'MAE201',
        ruleIndex: expect.any(Number),
        level: 'error',
        message: { text: 'a model has no key ‘maks’. help: did you mean mask?' },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: 'spec/b%20%25.mae' },
              region: { startLine: 9, startColumn: 3, endLine: 9, endColumn: 7 },
            },
          },
        ],
        relatedLocations: [],
        fixes: [
          {
            description: { text: 'write mask' },
            artifactChanges: [
              {
                artifactLocation: { uri: 'spec/b%20%25.mae' },
                replacements: [
                  {
                    deletedRegion: { startLine: 9, startColumn: 3, endLine: 9, endColumn: 7 },
                    insertedContent: { text: 'mask' },
                  },
                ],
              },
            ],
          },
        ],
      },
      {
        ruleId: 'MAE305',
        ruleIndex: expect.any(Number),
        level: 'error',
        message: { text: 'there is no model or recipe ‘vit-c’. help: did you mean vit-a?' },
        locations: [{ logicalLocations: [{ fullyQualifiedName: '--set vit-c.mask=60%' }] }],
        relatedLocations: [],
      },
    ]);
  });

  it('has no results where nothing is wrong', async () => {
    const folder = folderWith(twoModels);
    const { exitCode, out } = await maeCompile(folder, [folder.at('spec'), '--format', 'sarif', '--no-emit']);
    const [run] = sarifLog.parse(JSON.parse(out)).runs;
    expect({ exitCode, results: run.results }).toEqual({ exitCode: 0, results: [] });
  });
});

describe('--format github', () => {
  it('is a workflow command for each diagnostic on stdout, escaped', async () => {
    const folder = folderWith(files);
    const argv = [folder.at('spec'), '--format', 'github', '--set', 'vit-c.mask=60%'];
    const { exitCode, out, error } = await maeCompile(folder, argv);
    expect(exitCode).toBe(1);
    expect(out).toBe(
      [
        '::error file=spec/b %25.mae,line=7,col=14,endColumn=23,title=MAE204::width 193 is not a multiple of heads 3%0Ahelp: the nearest widths are 192 and 204',
        '::error file=spec/b %25.mae,line=9,col=3,endColumn=7,title=MAE201::a model has no key ‘maks’%0Ahelp: did you mean mask?',
        '::error title=MAE305::there is no model or recipe ‘vit-c’%0Ahelp: did you mean vit-a?',
        '',
      ].join('\n'),
    );
    expect(error).toBe('3 errors in 2 files; nothing was written\n');
  });

  it('keeps the table of the models', async () => {
    const folder = folderWith(twoModels);
    const argv = [folder.at('spec'), '--format', 'github', '--out', folder.at('generated')];
    expect((await maeCompile(folder, argv)).out).toMatch(/^model {2}.*2 models in generated/s);
  });
});
