import { describe, expect, it } from 'vitest';
import { diagnostics } from '../../compiler/language/diagnostics.ts';
import { type Palette, plainPalette, renderDiagnostic } from '../../compiler/language/render.ts';
import { SourceText } from '../../compiler/language/source-text.ts';
import { compileMarked, type Files, specOf } from './support.ts';

function render(input: string | Files, palette?: Palette): string {
  const { diagnostics: found, sources } = compileMarked(input).compiled;
  return found.map((diagnostic) => renderDiagnostic(diagnostic, sources, palette)).join('\n');
}

describe('a printed diagnostic', () => {
  it('marks the place and a related one on the same line', () => {
    const text = specOf({ encoder: 'encoder { width 1281, depth 32, heads 16 }' });
    expect(render({ 'spec/vit-huge.mae': text })).toBe(
      [
        'spec/vit-huge.mae:4:13  error MAE204  width 1281 is not a multiple of heads 16',
        '  4 |   encoder { width 1281, depth 32, heads 16 }',
        '    |             ^^^^^^^^^^            -------- 16 heads',
        '  help: the nearest widths are 1280 and 1296',
      ].join('\n'),
    );
  });

  it('puts a label that would run into the mark on a line of its own', () => {
    expect(render(specOf({ image: 'image 32x32x3 { mean 0.5 }' }))).toBe(
      [
        'main.mae:2:19  error MAE218  mean has 1 number for 3 channels',
        '  2 |   image 32x32x3 { mean 0.5 }',
        '    |                   ^^^^^^^^',
        '    |   ------------- 3 channels',
        '  help: give mean one number for each channel: 3 of them',
      ].join('\n'),
    );
  });

  it('puts a mark and a label before the place on one line where there is room', () => {
    const batch = 'accumulate 5,                   batch 64';
    expect(render(specOf({ batch })).split('\n')[2]).toBe(
      '     |   ------------ 5 micro-batches    ^^^^^^^^',
    );
  });

  it('shows related places on other lines and in other files with their own text', () => {
    const files = {
      'a.mae': `import "./b.mae"\n\n\n\n\n\n\n\n\nmodel vit-test extends other`,
      'b.mae': `${specOf()}model other extends vit-test`,
    };
    expect(render(files)).toBe(
      [
        'b.mae:1:7  error MAE304  model ‘vit-test’ is declared twice',
        '   1 | model vit-test {',
        '     |       ^^^^^^^^',
        '  a.mae:10:7',
        '  10 | model vit-test extends other',
        '     |       -------- first declared here',
        '  help: give one of them another name',
      ].join('\n'),
    );
    expect(render(specOf({ warmup: 'warmup 10' }))).toBe(
      [
        'main.mae:12:3  error MAE215  warmup 10 is not less than epochs 10',
        '  12 |   warmup 10',
        '     |   ^^^^^^^^^',
        '  11 |   epochs 10',
        '     |   --------- 10 epochs',
        '  help: the recipes of the paper warm up for 5% to 10% of the epochs',
      ].join('\n'),
    );
  });

  it('counts tabs, wide characters and accents as a terminal does', () => {
    const lines = render('\tmodel\t漢字 e\u0301 👍 "ü"\n').split('\n');
    const [, first, marks] = lines;
    expect(first).toBe('  1 |     model   漢字 e\u0301 👍 "ü"');
    expect(marks).toBe('    |             ^^^^');
  });

  it('shows no character that could disturb a terminal', () => {
    const text = render(`model \u001b[31mred\u202e "\u0007"`);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(text).toContain('‘\\u{1b}[31mred\\u{202e}’');
    expect(text).toContain('  1 | model \\u{1b}[31mred\\u{202e} "\\u{7}"');
    expect(text).toContain(`    |       ${'^'.repeat(6 + 7 + 8)}`);
  });

  it('clips long lines around the place', () => {
    const text = `${'recipe a {} '.repeat(50)}§ ${'# '.repeat(200)}`;
    const [line = '', marks = ''] = render(text).split('\n').slice(-3, -1);
    expect(line).toMatch(/^ {2}1 \| ….*§ # .*…$/);
    expect(line.length).toBe('  1 | '.length + 102);
    expect(marks.indexOf('^')).toBe(line.indexOf('§'));
    expect(marks.trimEnd().length).toBe(line.indexOf('§') + 1);
  });

  it('shows far places of one long line one after the other, and no half characters', () => {
    const filler = '👍'.repeat(100);
    const sources = new Map([['a', new SourceText('a', `one${filler}two`)]]);
    const source = sources.get('a');
    if (source === undefined) throw new Error('no source');
    const related = [{ span: source.span(0, 3), message: 'first' }];
    const diagnostic = diagnostics.unknownKey.at(
      source.span(203, 206),
      { key: 'two', place: 'a' },
      { related },
    );
    const lines = renderDiagnostic(diagnostic, sources).split('\n');
    expect(lines[1]).toMatch(/^ {2}1 \| …(👍)+two$/u);
    expect(lines[2]).toMatch(/^ {4}\| +\^\^\^$/);
    expect(lines[3]).toMatch(/^ {2}1 \| one(👍)+…$/u);
    expect(lines[4]).toBe('    | --- first');
  });

  it('marks the end of a text, and of a place over several lines its first line', () => {
    const source = new SourceText('a', 'one {\n}');
    const sources = new Map([['a', source]]);
    const end = renderDiagnostic(diagnostics.strayBrace.at(source.span(7, 7), {}, { help: 'h' }), sources);
    expect(end.split('\n').slice(1)).toEqual(['  2 | }', '    |  ^', '  help: h']);
    const lines = renderDiagnostic(diagnostics.unclosedBlock.at(source.span(4, 7), {}), sources);
    expect(lines.split('\n')[2]).toBe('    |     ^');
  });

  it('is one line and the help where there is no text', () => {
    const span = { file: 'none.mae', start: 0, end: 0, line: 1, column: 1 };
    expect(renderDiagnostic(diagnostics.unreadableFile.at(span, { file: 'none.mae' }), new Map())).toBe(
      'none.mae:1:1  error MAE301  cannot read ‘none.mae’\n  help: is the path right, and may the file be read?',
    );
  });

  it('is coloured by the palette without moving anything', () => {
    const tag = (name: string) => (text: string) => `<${name}>${text}</${name}>`;
    const palette: Palette = {
      location: tag('location'),
      severity: { error: tag('error'), warning: tag('warning') },
      message: tag('message'),
      gutter: tag('gutter'),
      related: tag('related'),
      help: tag('help'),
    };
    const text = specOf({ encoder: 'encoder { width 1281, depth 32, heads 16 }' });
    const coloured = render(text, palette);
    expect(coloured).toContain('<error>error MAE204</error>  <message>width 1281');
    expect(coloured).toContain(
      '<gutter>    |</gutter>             <error>^^^^^^^^^^</error>            <related>-------- 16 heads',
    );
    expect(coloured.replace(/<\/?\w+>/g, '')).toBe(render(text, plainPalette));
    expect(render({ 'a.mae': `import "./b.mae"\n${specOf()}`, 'b.mae': '' }, palette)).toContain(
      '<warning>^^^^',
    );
  });
});
