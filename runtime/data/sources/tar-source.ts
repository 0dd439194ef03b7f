import { basename, dirname } from 'node:path';
import { UserError } from '../../user-error.ts';
import { PICTURE_ENDINGS } from '../folder.ts';
import { labelsFromTexts } from '../labels.ts';
import { type Block, bufferedOrder } from '../order.ts';
import { readRange } from '../read-range.ts';
import { makeSource, type PictureSource } from '../source.ts';
import { bestNameFor, splitNamed, splitWordOf } from '../split.ts';
import { readClassList } from './class-list.ts';
import { filesEnding, type OpenedData, type SourceKind } from './source-kind.ts';
import { ofSameClasses } from './split-folders.ts';
import { readTarMembers, type TarMember } from './tar.ts';

/** Pictures that wait to be mixed with those after them: it costs nothing but a less regular walk through the shard. */
const BUFFER = 4096;
/** More than any label takes. */
const LONGEST_LABEL = 1 << 16;

/** WebDataset: tar shards whose members belong together when their names are equal up to the first dot. */
export const tarKind: SourceKind = {
  name: 'tar shards',
  async recognises(place) {
    if (place.type === 'folder' && (await place.pictures()).paths.length > 0) return false;
    return filesEnding(place, /\.(tar|tar\.gz|tgz)$/i).length > 0;
  },
  async open(place) {
    const packed = filesEnding(place, /\.(tar\.gz|tgz)$/i)[0];
    if (packed !== undefined) {
      throw new UserError(
        `${packed} is compressed: pictures in it cannot be read one by one`,
        `decompress it (gunzip ${basename(packed)}) and keep the .tar; pictures are compressed as they are`,
      );
    }
    return openInSplits(filesEnding(place, /\.tar$/i), place.path, (location, files) =>
      tarSource(location, files, dirname(files[0] ?? '')),
    );
  },
};

/** Files as one source, or, where names begin with "train" and "val" or the like, as two. */
export async function openInSplits(
  files: readonly string[],
  location: string,
  openFiles: (location: string, files: readonly string[]) => Promise<PictureSource>,
): Promise<OpenedData> {
  const words = files.flatMap((file) => splitWordOf(basename(file)) ?? []);
  const [train, validation] = [bestNameFor('train', words), bestNameFor('validation', words)];
  if (train === undefined || validation === undefined) return { train: await openFiles(location, files) };
  const of = (word: string) => files.filter((file) => splitWordOf(basename(file)) === word);
  // What names no split, or a second one for validation, stays out.
  return ofSameClasses(
    await openFiles(`${location} (${splitNamed(train)})`, of(train)),
    await openFiles(`${location} (${splitNamed(validation)})`, of(validation)),
  );
}

/** A picture and what belongs to it. */
interface Sample {
  readonly shard: string;
  readonly picture: TarMember;
  readonly label: string | undefined;
}

async function tarSource(
  location: string,
  shards: readonly string[],
  folder: string,
): Promise<PictureSource> {
  const samples: Sample[] = [];
  const blocks: Block[] = [];
  const others = new Set<string>();
  for (const shard of shards) {
    const first = samples.length;
    for (const sample of await samplesOf(shard, others)) samples.push(sample);
    if (samples.length > first) blocks.push({ first, count: samples.length - first });
  }
  if (samples.length === 0) throw noPicturesIn(location, others);
  const texts = samples.map(({ label }) => label);
  return makeSource({
    kind: tarKind.name,
    location,
    names: samples.map(({ shard, picture }) => `${basename(shard)}/${picture.name}`),
    labels: labelsFromTexts({
      texts,
      listed: await readClassList(folder),
      where: (index) => `of ${samples[index]?.picture.name} in ${samples[index]?.shard}`,
    }),
    content: 'encoded',
    identifiedBy: `\n${texts.join('\n')}`,
    locate: (index) => `${samples[index]?.shard}: ${samples[index]?.picture.name}`,
    read: async (index) => {
      const { shard, picture } = samples[index] ?? { shard: location, picture: { offset: 0, size: 0 } };
      return readRange(shard, picture.offset, picture.size);
    },
    order: (seed, epoch) => bufferedOrder(blocks, BUFFER, seed, epoch),
  });
}

function noPicturesIn(location: string, others: ReadonlySet<string>): UserError {
  const found = others.size === 0 ? 'no files at all' : `members that end in ${[...others].join(', ')}`;
  return new UserError(
    `no pictures in ${location}: there are ${found}`,
    'a picture is a member such as 000017.jpg, its class number the member 000017.cls beside it',
  );
}

/** The samples of a shard in the order of their first members. */
async function samplesOf(shard: string, others: Set<string>): Promise<Sample[]> {
  const groups = new Map<string, Map<string, TarMember>>();
  for (const member of await readTarMembers(shard)) {
    const { key, ending } = keyOf(member.name);
    if (basename(key).startsWith('.') || basename(member.name).startsWith('.')) continue;
    const group = groups.get(key) ?? new Map<string, TarMember>();
    groups.set(key, group);
    if (!group.has(ending)) group.set(ending, member);
  }
  const samples: Sample[] = [];
  for (const group of groups.values()) {
    const picture = [...group].find(([ending]) => PICTURE_ENDINGS.has(ending))?.[1];
    if (picture === undefined) for (const ending of group.keys()) others.add(ending);
    else samples.push({ shard, picture, label: await labelIn(shard, group) });
  }
  return samples;
}

/** A member's name up to the first dot of its last part, and what follows, in lower case. */
function keyOf(name: string): { key: string; ending: string } {
  const start = name.lastIndexOf('/') + 1;
  const dot = name.indexOf('.', start + 1);
  if (dot < 0) return { key: name, ending: '' };
  return { key: name.slice(0, dot), ending: name.slice(dot).toLowerCase() };
}

/** How labels are written, best first. */
const LABELS: readonly { readonly ending: string; readonly read: (text: string) => string | undefined }[] = [
  { ending: '.cls', read: (text) => text },
  { ending: '.json', read: labelInJson },
  { ending: '.txt', read: (text) => text },
];

async function labelIn(shard: string, group: ReadonlyMap<string, TarMember>): Promise<string | undefined> {
  for (const { ending, read } of LABELS) {
    const member = group.get(ending);
    if (member === undefined || member.size > LONGEST_LABEL) continue;
    const label = read(new TextDecoder().decode(await readRange(shard, member.offset, member.size)))?.trim();
    if (label !== undefined && label !== '') return label;
  }
  return undefined;
}

function labelInJson(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('label' in value)) return undefined;
    const { label } = value;
    return typeof label === 'string' || typeof label === 'number' ? String(label) : undefined;
  } catch {
    return undefined;
  }
}
