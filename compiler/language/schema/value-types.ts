import { listOf, percent } from '../words.ts';
import type { Bounds, Reading, ValueType } from './value-type.ts';

/** An integer: `32`, `4_096`. */
export function count(bounds: Bounds): ValueType {
  return {
    label: labelled('a count', bounds),
    read: (value) => (value.kind === 'count' ? within(value.value, bounds) : wrongKind),
  };
}

/** A real number; a count is one too. */
export function number(bounds: Bounds): ValueType {
  return {
    label: labelled('a number', bounds),
    read: (value) =>
      value.kind === 'count' || value.kind === 'number' ? within(value.value, bounds) : wrongKind,
  };
}

/** A part of a whole: `75%` or `0.75`. */
export function share(bounds: Bounds): ValueType {
  return {
    label: labelled('a percentage', bounds, percent),
    read(value) {
      if (value.kind !== 'percentage' && value.kind !== 'number' && value.kind !== 'count') return wrongKind;
      const reading = within(value.value, bounds, percent);
      const forgotten = value.kind === 'count' && value.value > 1 && value.value < 100;
      return 'wrong' in reading && forgotten ? { ...reading, help: `did you mean ${value.text}%?` } : reading;
    },
  };
}

/** An absolute count, or a multiple of another value: `4x`. */
export function countOrMultiple(counts: Bounds, multiples: Bounds): ValueType {
  const absolute = count(counts);
  const times = (factor: number) => `${factor}x`;
  return {
    label: `a multiple ${boundsText(multiples, times)} or ${absolute.label}`,
    read(value) {
      if (value.kind !== 'multiple') return absolute.read(value);
      const reading = within(value.factor, multiples, times);
      return 'wrong' in reading ? reading : { value: { factor: value.factor } };
    },
  };
}

/** Extents joined by `x`, one for each axis: `224x224x3`. */
export function size(axes: readonly { readonly axis: string; readonly bounds: Bounds }[]): ValueType {
  const shape = axes.map(({ axis }) => axis).join(' x ');
  return {
    label: `a size ${shape}`,
    read(value) {
      if (value.kind !== 'size' || value.extents.length !== axes.length) return wrongKind;
      for (const [index, { axis, bounds }] of axes.entries()) {
        const reading = within(value.extents[index] ?? Number.NaN, bounds);
        if ('bounds' in reading) return { ...reading, bounds: `${reading.bounds} in ${axis}` };
      }
      return { value: value.extents };
    },
  };
}

/** The side of a square, or `HxW`; always resolved to both. */
export function sideOrSize(bounds: Bounds): ValueType {
  const both = size([
    { axis: 'height', bounds },
    { axis: 'width', bounds },
  ]);
  return {
    label: `one side ${boundsText(bounds)} or ${both.label}`,
    read(value) {
      if (value.kind !== 'count') return both.read(value);
      const reading = within(value.value, bounds);
      return 'wrong' in reading ? reading : { value: [value.value, value.value] };
    },
  };
}

/** A closed interval `low..high`; both ends keep the bounds. `asShare` writes them as percentages. */
export function range(bounds: Bounds, asShare: boolean): ValueType {
  const show = asShare ? percent : String;
  return {
    label: `a range ${boundsText(bounds, show)}`,
    read(value) {
      if (value.kind !== 'range') return wrongKind;
      for (const end of [value.low, value.high]) {
        const reading = within(end, bounds, show);
        if ('wrong' in reading) return reading;
      }
      return value.low > value.high ? { wrong: 'order' } : { value: [value.low, value.high] };
    },
  };
}

/** One of a few names. */
export function choice(options: Readonly<Record<string, string>>): ValueType {
  return {
    label: listOf(Object.keys(options), 'or'),
    options,
    read(value) {
      if (value.kind !== 'name') return wrongKind;
      return Object.hasOwn(options, value.text) ? { value: value.text } : { wrong: 'option' };
    },
  };
}

/** `yes` or `no`; the bare key means yes. */
export const flag: ValueType = {
  ...choice({ yes: 'switched on; so is the key alone', no: 'switched off' }),
  bare: true,
  read(value) {
    if (value.kind !== 'name') return wrongKind;
    return value.text === 'yes' || value.text === 'no'
      ? { value: value.text === 'yes' }
      : { wrong: 'option' };
  },
};

/** A count, or `yes` for one and `no` for none. */
export function countOrFlag(bounds: Bounds): ValueType {
  const absolute = count(bounds);
  return {
    label: `yes, no or ${absolute.label}`,
    options: { yes: 'one; so is the key alone', no: 'none of them' },
    bare: 1,
    read(value) {
      if (value.kind !== 'name') return absolute.read(value);
      const reading = flag.read(value);
      return 'wrong' in reading ? reading : { value: reading.value === true ? 1 : 0 };
    },
  };
}

/** The name that a declaration gives. */
export const declaredName: ValueType = {
  label: 'a name of its own',
  read: (value) => (value.kind === 'name' ? { value: value.text } : wrongKind),
};

/** A name that a declaration had before; nothing has it any more. */
export const formerName: ValueType = { ...declaredName, label: 'the name that it had before' };

/** The name of something declared in the file or in one it imports. */
export function reference(refersTo: 'model' | 'recipe'): ValueType {
  return { ...declaredName, label: `the name of a ${refersTo}`, refersTo };
}

/** What a constant may stand for; no key but `import` takes a string, and that is read before constants are known. */
export const anyValue: ValueType = {
  label: 'a number, percentage, multiple, size, range or name',
  read(value) {
    switch (value.kind) {
      case 'count':
      case 'number':
      case 'percentage':
        return { value: value.value };
      case 'multiple':
        return { value: { factor: value.factor } };
      case 'size':
        return { value: value.extents };
      case 'range':
        return { value: [value.low, value.high] };
      case 'name':
        return { value: value.text };
      default:
        return wrongKind;
    }
  },
};

/** A file, relative to the one that names it. */
export const path: ValueType = {
  label: 'a path in quotation marks',
  read: (value) => (value.kind === 'string' ? { value: value.content } : wrongKind),
};

const wrongKind: Reading = { wrong: 'kind' };

function within(value: number, bounds: Bounds, show: (value: number) => string = String): Reading {
  const { least = Number.NEGATIVE_INFINITY, above = Number.NEGATIVE_INFINITY } = bounds;
  const { most = Number.POSITIVE_INFINITY, below = Number.POSITIVE_INFINITY } = bounds;
  const inside = value >= least && value > above && value <= most && value < below;
  return inside ? { value } : { wrong: 'bounds', bounds: boundsText(bounds, show) };
}

function labelled(what: string, bounds: Bounds, show?: (value: number) => string): string {
  return [what, boundsText(bounds, show)].filter((part) => part !== '').join(' ');
}

/** `from 1 to 4096`, `above 0% and below 100%`, `at least 0`; empty where there are no bounds. */
function boundsText(bounds: Bounds, show: (value: number) => string = String): string {
  const { least, above, most, below } = bounds;
  if (least !== undefined && most !== undefined) return `from ${show(least)} to ${show(most)}`;
  const low =
    least !== undefined ? `at least ${show(least)}` : above !== undefined ? `above ${show(above)}` : '';
  const high =
    most !== undefined ? `at most ${show(most)}` : below !== undefined ? `below ${show(below)}` : '';
  return [low, high].filter((part) => part !== '').join(' and ');
}
