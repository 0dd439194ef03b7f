import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { labelled, labelledForTraining } from '../../../runtime/data/labels.ts';
import { openSource } from '../../../runtime/data/open-source.ts';
import { labelsOf } from '../../../runtime/data/source.ts';
import { parseCsv } from '../../../runtime/data/sources/csv.ts';
import { scratchFolder } from '../scratch-folder.ts';

const open = async (text: string, more: Record<string, string> = {}) => {
  const folder = await scratchFolder({ 'list.csv': text, ...more });
  const path = join(folder, 'list.csv');
  return { folder, path, source: openSource(path) };
};

describe('the rows of a CSV text', () => {
  it('may be quoted, with commas, quotes and line ends, after a byte order mark, with CRLF', () => {
    const text = '\ufeffpath,label\r\n"a, ""b"".png",1\r\n\r\n"two\nlines", x \r\nc,';
    expect(parseCsv(text, 'f')).toEqual([
      { line: 1, fields: ['path', 'label'] },
      { line: 2, fields: ['a, "b".png', '1'] },
      { line: 4, fields: ['two\nlines', 'x'] },
      { line: 6, fields: ['c', ''] },
    ]);
  });

  it.each([
    ['a\n"open,b\n', 2],
    ['a\nb"c\n', 2],
    ['"a"b\n', 1],
  ])('with quotes out of place are an error: %j', (text, line) => {
    expect(() => parseCsv(text, 'f.csv')).toThrow(
      `f.csv, line ${line}: a quote is not where a field begins or ends`,
    );
  });
});

describe('a CSV file', () => {
  it('gives paths from its folder, labels and splits', async () => {
    const { folder, path } = await open(
      'split,path,label,note\ntrain,a/1.png,dog,x\nval,2.png,cat,y\ntrain,/abs/3.png,cat,z\n',
    );
    const train = await openSource(path, { split: 'train' });
    const validation = await openSource(path, { split: 'validation' });
    expect(train.classes).toEqual(['cat', 'dog']);
    expect([train.count, validation.count]).toEqual([2, 1]);
    expect([...labelsOf(train, [0, 1])]).toEqual([1, 0]);
    expect(await Promise.all([0, 1].map((index) => train.read(index)))).toEqual([
      join(folder, 'a/1.png'),
      '/abs/3.png',
    ]);
    expect(validation.locate(0)).toBe(join(folder, '2.png'));
  });

  it('has numbers for classes, or none at all', async () => {
    const numbers = await (await open('path,label\na.png,2\nb.png,10\nc.png,0\n')).source;
    expect(numbers.classes).toHaveLength(11);
    expect(() => labelledForTraining(numbers)).toThrow(
      '8 classes without pictures: 1, 3, 4, 5, 6 and 3 more',
    );
    const none = await (await open('path\na.png\n')).source;
    expect(() => labelled(none)).toThrow('has no labels');
  });

  it.each([
    ['file,label\na.png,1\n', 'has no column "path": its first line is file,label'],
    ['', 'has no column "path": its first line is missing'],
    ['path,label\n', 'has no pictures: there is nothing below its first line'],
    ['path,label\na.png\n', ', line 2: there are 1 fields where the first line has 2'],
    ['path,label\n,1\n', ', line 2: the path is empty'],
    ['path,split\na.png,train\nb.png,holdout\n', ', line 3: the split is "holdout"'],
  ])('that is wrong is an error: %j', async (text, message) => {
    const { path, source } = await open(text);
    await expect(source).rejects.toThrow(`${path}${message.startsWith(',') ? '' : ' '}${message}`);
  });

  it('with labels that are missing or in no list of classes cannot train a classifier', async () => {
    const partly = await open('path,label\na.png,cat\nb.png,\n');
    const source = await partly.source;
    expect(() => labelled(source)).toThrow(
      `${partly.path} has 1 of 2 pictures without a label, first in line 3`,
    );
    const other = await open('path,label\na.png,cat\nb.png,cow\n', { 'classes.txt': 'cat\ndog\n' });
    const unlisted = await other.source;
    expect(() => labelled(unlisted)).toThrow(
      `has the label cow (in line 3) that is not in ${join(other.folder, 'classes.txt')}, which are cat, dog`,
    );
    const negative = await (await open('path,label\na.png,-1\nb.png,1\n')).source;
    expect(() => labelled(negative)).toThrow(
      'has the label -1 (in line 2); class numbers go from 0 to 999999',
    );
  });
});
