import onnxProto from 'onnx-proto';

const { onnx } = onnxProto;

/** Writes the nodes of a program; tensors and numbers are known by name. */
export interface ProgramWriter {
  emit(operator: string, inputs: readonly string[], integers?: Readonly<Record<string, number>>): string;
  /** A constant. */
  number(value: number): string;
  /** A constant list of axes. */
  axes(...axes: number[]): string;
}

/**
 * What is computed from some tensors of one parameter, of any shape, with numbers that differ from run to run. Written as a small ONNX graph,
 * since sessions of ONNX Runtime can share their buffers on the graphics device with nothing else.
 */
export interface TensorProgram<Input extends string, Output extends string> {
  /** Unlike that of any program that computes something else. */
  readonly name: string;
  readonly inputs: readonly Input[];
  /** Those of the outputs that it has. */
  readonly outputs: readonly Output[];
  /** How many numbers a run gives for each parameter. */
  readonly numbers: number;
  /** Where the outputs are left. */
  readonly location: 'gpu-buffer' | 'cpu';
  readonly write: (
    writer: ProgramWriter,
    inputs: Readonly<Record<Input, string>>,
    numbers: readonly string[],
  ) => Readonly<Partial<Record<Output, string>>>;
}

const FLOAT = 1;
const INT64 = 7;
/** Value of an attribute's type: a 64-bit integer. */
const INTEGER = 2;

/** Name of the input [lanes * numbers] that the numbers of all lanes come in. */
export const NUMBERS = 'numbers';

/** Name of an input of one of the lanes, each of which computes the same for a parameter of its own. */
export function inputName(lane: number, name: string): string {
  return `${lane}:${name}`;
}

export function outputName(lane: number, name: string): string {
  return `${lane}:next:${name}`;
}

/** The ONNX model that runs a program for so many parameters at once. */
export function writeProgram<Input extends string, Output extends string>(
  program: TensorProgram<Input, Output>,
  lanes: number,
): Uint8Array {
  const { inputs, outputs, numbers } = program;
  const nodes = new NodeList();
  const graphInputs = numbers > 0 ? [NUMBERS] : [];
  const graphOutputs: string[] = [];
  for (let lane = 0; lane < lanes; lane++) {
    const named = record(inputs, (name) => inputName(lane, name));
    graphInputs.push(...inputs.map((name) => named[name]));
    const own = Array.from({ length: numbers }, (_, index) => nodes.element(NUMBERS, lane * numbers + index));
    const written = program.write(nodes, named, own);
    for (const name of outputs) {
      const tensor = written[name];
      if (tensor === undefined) throw new Error(`the program ${program.name} writes no ${name}`);
      nodes.copy(tensor, outputName(lane, name));
      graphOutputs.push(outputName(lane, name));
    }
  }
  const model = onnx.ModelProto.create({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    producerName: 'mae-compiler',
    graph: {
      name: program.name,
      node: nodes.nodes,
      initializer: nodes.initializers,
      input: graphInputs.map(floats),
      output: graphOutputs.map(floats),
    },
  });
  return onnx.ModelProto.encode(model).finish();
}

/** A float32 tensor of any shape. */
const floats = (name: string) => ({ name, type: { tensorType: { elemType: FLOAT } } });

class NodeList implements ProgramWriter {
  readonly nodes: { opType: string; input: string[]; output: string[]; attribute: object[] }[] = [];
  readonly initializers: { name: string; dataType: number; dims: number[]; rawData: Uint8Array }[] = [];
  readonly #constants = new Map<string, string>();

  emit(operator: string, inputs: readonly string[], integers: Readonly<Record<string, number>> = {}): string {
    return this.#add(operator, inputs, `t${this.nodes.length}`, integers);
  }

  number(value: number): string {
    return this.#constant(`f${value}`, FLOAT, [], Float32Array.of(value));
  }

  axes(...axes: number[]): string {
    return this.#constant(`axes${axes}`, INT64, [axes.length], BigInt64Array.from(axes.map(BigInt)));
  }

  /** One number of a list. */
  element(list: string, index: number): string {
    const position = this.#constant(`i${index}`, INT64, [], BigInt64Array.of(BigInt(index)));
    return this.emit('Gather', [list, position], { axis: 0 });
  }

  copy(from: string, to: string): void {
    this.#add('Identity', [from], to, {});
  }

  #add(
    opType: string,
    inputs: readonly string[],
    output: string,
    integers: Readonly<Record<string, number>>,
  ): string {
    const attribute = Object.entries(integers).map(([name, i]) => ({ name, i, type: INTEGER }));
    this.nodes.push({ opType, input: [...inputs], output: [output], attribute });
    return output;
  }

  #constant(name: string, dataType: number, dims: number[], data: Float32Array | BigInt64Array): string {
    if (!this.#constants.has(name)) {
      this.#constants.set(name, name);
      this.initializers.push({ name, dataType, dims, rawData: new Uint8Array(data.buffer) });
    }
    return name;
  }
}

function record<Key extends string>(keys: readonly Key[], nameOf: (key: Key) => string): Record<Key, string> {
  return Object.fromEntries(keys.map((key) => [key, nameOf(key)])) as Record<Key, string>;
}
