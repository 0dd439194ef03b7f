import { InternalError } from '../../ir/assert.ts';
import type { Port } from '../../ir/graph.ts';
import { float32, perExample } from '../../ir/shape.ts';
import type { NodeWriter } from './node-writer.ts';

/** Where the rows of ones and the reciprocal of the batch come from that some lowerings use. */
export interface AuxiliarySource {
  ones(count: number): string;
  batchReciprocal(): string;
  /** The shape [batch, -1, ...sides]: as many tokens as there are. */
  byPicture(sides: readonly number[]): string;
  /** The graph inputs that were needed, with what they mean. */
  readonly ports: readonly AuxiliaryPort[];
}

export type AuxiliaryPort = Omit<Port, 'value' | 'of'> & { readonly type: ReturnType<typeof float32> };

/** Training steps get them as inputs: no shape arithmetic inside, which some providers would do on the CPU. */
export function auxiliaryInputs(): AuxiliarySource {
  const ports = new Map<string, AuxiliaryPort>();
  const input = (port: AuxiliaryPort) => {
    if (!ports.has(port.name)) ports.set(port.name, port);
    return port.name;
  };
  return {
    ones: (count) => input({ name: `ones.${count}`, role: 'ones', type: float32(1, perExample(count)) }),
    batchReciprocal: () => input({ name: 'batch-reciprocal', role: 'batch-reciprocal', type: float32() }),
    byPicture: () => {
      throw new InternalError('a training step takes pictures of one size');
    },
    get ports() {
      return [...ports.values()];
    },
  };
}

/** Exported models make them from the batch of their pictures: whoever runs the file feeds pictures only. */
export function auxiliaryFromBatch(writer: NodeWriter, images: string): AuxiliarySource {
  const made = new Map<string, string>();
  const once = (name: string, make: () => void) => {
    if (!made.has(name)) {
      made.set(name, name);
      make();
    }
    return name;
  };
  const int64 = (value: number) => writer.constant('int64', [value], [1]);
  const batch = () =>
    once('batch_size', () => {
      writer.emit('Shape', [images], ['images_shape'], {});
      writer.emit('Slice', ['images_shape', int64(0), int64(1)], ['batch_size'], {});
    });
  return {
    ones(count) {
      const size = batch();
      return once(`ones_${count}`, () => {
        const [rows, shape] = [`ones_${count}_rows`, `ones_${count}_shape`];
        writer.emit('Mul', [size, int64(count)], [rows], {});
        writer.emit('Concat', [int64(1), rows], [shape], { axis: { int: 0 } });
        writer.emit('Expand', [writer.constant('float32', [1], []), shape], [`ones_${count}`], {});
      });
    },
    batchReciprocal() {
      const size = batch();
      return once('batch_reciprocal', () => {
        writer.emit('Cast', [size], ['batch_float'], { to: { int: 1 } });
        writer.emit('Squeeze', ['batch_float', int64(0)], ['batch_scalar'], {});
        writer.emit('Reciprocal', ['batch_scalar'], ['batch_reciprocal'], {});
      });
    },
    byPicture(sides) {
      const size = batch();
      return once(`by_picture_${sides.join('_')}`, () => {
        const rest = writer.constant('int64', [-1, ...sides], [sides.length + 1]);
        writer.emit('Concat', [size, rest], [`by_picture_${sides.join('_')}`], { axis: { int: 0 } });
      });
    },
    ports: [],
  };
}
