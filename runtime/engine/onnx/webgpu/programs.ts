import type { ProgramWriter, TensorProgram } from './tensor-program.ts';

/** Brings tensors of the host to the graphics device. */
export const UPLOAD: TensorProgram<'tensor', 'copy'> = {
  name: 'upload',
  inputs: ['tensor'],
  outputs: ['copy'],
  numbers: 0,
  location: 'gpu-buffer',
  write: (_, { tensor }) => ({ copy: tensor }),
};

/** Brings tensors back: reading one directly ends the process (ONNX Runtime 1.30). */
export const DOWNLOAD: TensorProgram<'tensor', 'copy'> = { ...UPLOAD, name: 'download', location: 'cpu' };

/** What micro-batches' gradients add up to. */
export const ADD: TensorProgram<'sum' | 'tensor', 'sum'> = {
  name: 'add',
  inputs: ['sum', 'tensor'],
  outputs: ['sum'],
  numbers: 0,
  location: 'gpu-buffer',
  write: (writer, { sum, tensor }) => ({ sum: writer.emit('Add', [sum, tensor]) }),
};

/** A tensor times a number. */
export const SCALE: TensorProgram<'tensor', 'scaled'> = {
  name: 'scale',
  inputs: ['tensor'],
  outputs: ['scaled'],
  numbers: 1,
  location: 'gpu-buffer',
  write: (writer, { tensor }, factor) => ({ scaled: writer.emit('Mul', [tensor, ...factor]) }),
};

/** An average moved towards a value by a share of the way. */
export const MOVE: TensorProgram<'average' | 'value', 'average'> = {
  name: 'move',
  inputs: ['average', 'value'],
  outputs: ['average'],
  numbers: 1,
  location: 'gpu-buffer',
  write: (writer, { average, value }, share) => {
    const way = writer.emit('Mul', [writer.emit('Sub', [value, average]), ...share]);
    return { average: writer.emit('Add', [average, way]) };
  },
};

/** A tensor's sum of squares. */
export const SQUARES: TensorProgram<'tensor', 'squares'> = {
  name: 'squares',
  inputs: ['tensor'],
  outputs: ['squares'],
  numbers: 0,
  location: 'cpu',
  write: (writer, { tensor }) => ({ squares: sumOfSquares(writer, tensor) }),
};

/** Of a tensor of at least one dimension: row by row first, which the device does side by side, and which rounds less. */
export function sumOfSquares(writer: ProgramWriter, tensor: string): string {
  const rows = writer.emit('ReduceSum', [writer.emit('Mul', [tensor, tensor]), writer.axes(-1)], {
    keepdims: 0,
  });
  return writer.emit('ReduceSum', [rows], { keepdims: 0 });
}
