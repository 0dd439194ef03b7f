import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { explainSystemError } from '../../files.ts';
import { UserError } from '../../user-error.ts';
import { readRange } from '../read-range.ts';
import type { Pixels } from '../resize.ts';
import { makeSource, type PictureSource } from '../source.ts';
import { filesEnding, type Place, type SourceKind } from './source-kind.ts';

const SIDE = 32;
const PLANE = SIDE * SIDE;
/** A label, then the red, the green and the blue plane. */
const RECORD = 1 + 3 * PLANE;
const CLASSES = 10;

/** CIFAR-10 in its binary version: data_batch_1.bin to data_batch_5.bin, test_batch.bin, batches.meta.txt. */
export const cifarKind: SourceKind = {
  name: 'CIFAR-10',
  recognises: (place) => place.type === 'folder' && trainFiles(place).length > 0,
  async open(place) {
    const classes = await classNames(join(place.path, 'batches.meta.txt'));
    const test = filesEnding(place, /^test_batch\.bin$/);
    const train = await cifarSource(place.path, trainFiles(place), classes);
    return test.length === 0
      ? { train }
      : { train, validation: await cifarSource(test[0] ?? '', test, classes) };
  },
};

const trainFiles = (place: Place): string[] => filesEnding(place, /^data_batch_\d+\.bin$/);

async function classNames(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  const names = text?.split(/\r?\n/).filter((line) => line.trim() !== '');
  return names?.length === CLASSES ? names : Array.from({ length: CLASSES }, (_, label) => String(label));
}

async function cifarSource(
  location: string,
  files: readonly string[],
  classes: readonly string[],
): Promise<PictureSource> {
  const labels: number[] = [];
  const records: { readonly file: string; readonly record: number }[] = [];
  for (const file of files) {
    for (const [record, label] of (await readLabels(file)).entries()) {
      records.push({ file, record });
      labels.push(label);
    }
  }
  return makeSource({
    kind: cifarKind.name,
    location,
    names: records.map(({ file, record }) => `${basename(file)}#${record}`),
    labels: { classes, of: Int32Array.from(labels) },
    content: 'raw',
    identifiedBy: `\n${labels.join('')}`,
    locate: (index) => `${records[index]?.file}, picture ${records[index]?.record}`,
    read: async (index) => {
      const { file, record } = records[index] ?? { file: location, record: 0 };
      return interleaved(await readRange(file, record * RECORD + 1, 3 * PLANE));
    },
  });
}

/** The first byte of each record. */
async function readLabels(file: string): Promise<number[]> {
  const labels: number[] = [];
  let position = 0;
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
      const bytes: Uint8Array = chunk;
      const first = (RECORD - (position % RECORD)) % RECORD;
      for (let at = first; at < bytes.length; at += RECORD) labels.push(bytes[at] ?? 0);
      position += bytes.length;
    }
  } catch (error) {
    throw explainSystemError('read', file, error);
  }
  if (position === 0 || position % RECORD !== 0) {
    throw new UserError(
      `${file} is cut short: it has ${position} bytes, and records take ${RECORD} bytes each`,
      'unpack the archive again (the binary version of CIFAR-10)',
    );
  }
  const wrong = labels.findIndex((label) => label >= CLASSES);
  if (wrong >= 0) {
    throw new UserError(
      `${file}, picture ${wrong}: the label is ${labels[wrong]}, and CIFAR-10 has the classes 0 to 9`,
      'this is not the binary version of CIFAR-10, or the file is damaged',
    );
  }
  return labels;
}

function interleaved(planes: Uint8Array): Pixels {
  const data = new Uint8Array(planes.length);
  for (let pixel = 0; pixel < PLANE; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      data[pixel * 3 + channel] = planes[channel * PLANE + pixel] ?? 0;
    }
  }
  return { height: SIDE, width: SIDE, channels: 3, data };
}
