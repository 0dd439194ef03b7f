import { mergedOrder } from './order.ts';
import { hash48, type PictureSource } from './source.ts';

/** Some of a source's pictures, renumbered; `part` says which ones, in messages. */
export function partOf(source: PictureSource, indices: readonly number[], part: string): PictureSource {
  const places = new Int32Array(source.count).fill(-1);
  indices.forEach((index, place) => {
    places[index] = place;
  });
  const inSource = (place: number): number => indices[place] ?? 0;
  const names = indices.map((index) => source.name(index));
  return {
    ...source,
    location: `${source.location} (${part})`,
    count: indices.length,
    identity: hash48(`${source.identity}\n${names.join('\n')}`),
    name: (place) => source.name(inSource(place)),
    locate: (place) => source.locate(inSource(place)),
    label: (place) => source.label(inSource(place)),
    read: (place) => source.read(inSource(place)),
    order: (seed, epoch) =>
      source
        .order(seed, epoch)
        .map((index) => places[index] ?? -1)
        .filter((place) => place >= 0),
  };
}

/** Sources of the same classes as one; each picture keeps its name, after that of its part. */
export function joined(
  location: string,
  parts: readonly { readonly name: string; readonly source: PictureSource }[],
): PictureSource {
  const starts: number[] = [];
  let count = 0;
  for (const { source } of parts) {
    starts.push(count);
    count += source.count;
  }
  const find = (index: number) => {
    const part = starts.findLastIndex((start) => start <= index);
    const found = parts[part];
    if (found === undefined) throw new RangeError(`there is no picture ${index}`);
    return { ...found, index: index - (starts[part] ?? 0) };
  };
  const sources = parts.map(({ source }) => source);
  return {
    kind: sources[0]?.kind ?? '',
    location,
    count,
    classes: sources[0]?.classes,
    unlabelled: sources.find(({ unlabelled }) => unlabelled !== undefined)?.unlabelled,
    content: sources.every(({ content }) => content === 'raw') ? 'raw' : 'encoded',
    identity: hash48(parts.map(({ name, source }) => `${name} ${source.identity}`).join('\n')),
    name: (at) => {
      const { name, source, index } = find(at);
      return `${name}/${source.name(index)}`;
    },
    locate: (at) => {
      const { source, index } = find(at);
      return source.locate(index);
    },
    label: (at) => {
      const { source, index } = find(at);
      return source.label(index);
    },
    read: (at) => {
      const { source, index } = find(at);
      return source.read(index);
    },
    order: (seed, epoch) =>
      mergedOrder(
        sources.map((source, part) => source.order(seed, epoch).map((index) => index + (starts[part] ?? 0))),
        seed,
        epoch,
      ),
  };
}

/** A source whose labels are places in a list of classes that begins with its own. */
export function withClasses(source: PictureSource, classes: readonly string[]): PictureSource {
  return { ...source, classes };
}

/** A source whose labels do not count, and why. */
export function withoutLabels(source: PictureSource, why: string): PictureSource {
  return { ...source, classes: undefined, unlabelled: why, label: () => undefined };
}
