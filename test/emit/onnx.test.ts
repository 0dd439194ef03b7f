import onnxProto from 'onnx-proto';
import { InferenceSession } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { type CompiledGraph, compileClassifiers, compileGraphs } from '../../compiler/compile-graphs.ts';
import { specHash } from '../../compiler/emit/spec-json.ts';
import { modelSpec } from '../support/specs.ts';

const { onnx } = onnxProto;
const wide = modelSpec({
  image: [12, 20, 5],
  patch: [3, 5],
  target: 'normalized-pixels',
  finetune: { dropPath: 0.1, dropout: 0.1, precision: 'float16' },
  linearProbe: { pooling: 'class-token' },
});
const spec = { ...wide, pretrain: { ...wide.pretrain, precision: 'float16' as const } };

/** Every graph of the model, by the name of its file. */
function allGraphs(): Map<string, CompiledGraph> {
  const classifiers = Object.values(compileClassifiers(spec));
  const all = [...Object.values(compileGraphs(spec)), ...classifiers.flatMap((each) => Object.values(each))];
  return new Map(all.map((graph) => [graph.file.replace(/^onnx\/|\.onnx$/g, ''), graph]));
}

const graphs = allGraphs();

function graphNamed(name: string, among = graphs): CompiledGraph {
  const found = among.get(name);
  if (found === undefined) throw new Error(`no graph ${name}`);
  return found;
}

const secondTime = allGraphs();
const decoded = [...graphs].map(([name, { bytes }]) => [name, onnx.ModelProto.decode(bytes)] as const);

/** Operators that no WebGPU provider of ONNX Runtime has, or that it hands to the CPU. */
const NOT_ON_WEBGPU = [
  'Range',
  'OneHot',
  'Sum',
  'RandomUniform',
  'RandomNormal',
  'Dropout',
  'LogSoftmax',
  'Shape',
  'TopK',
];

describe.each(decoded)('the %s file', (name, model) => {
  it('is an ONNX model of opset 17 that says what it was made from', () => {
    expect(Number(model.irVersion)).toBe(8);
    expect(model.opsetImport.map(({ domain, version }) => [domain, Number(version)])).toEqual([['', 17]]);
    const metadata = Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value]));
    expect(metadata).toEqual({ 'mae.model': spec.name, 'mae.graph': name, 'mae.spec.hash': specHash(spec) });
  });

  it('opens in ONNX Runtime with symbolic batches and named parameters', async () => {
    const session = await InferenceSession.create(graphNamed(name).bytes);
    expect(session.inputNames).toContain('images');
    for (const { name: parameter } of graphNamed(name).graph.parameters) {
      expect(session.inputNames).toContain(parameter);
    }
    const images = session.inputMetadata.find((input) => input.name === 'images');
    expect(images && 'shape' in images ? images.shape : undefined).toEqual(['batch', 5, 12, 20]);
  });

  it('names every node after its module', () => {
    const nodes = model.graph?.node ?? [];
    expect(new Set(nodes.map((node) => node.name)).size).toBe(nodes.length);
    expect(nodes.some((node) => node.name?.startsWith('encoder.blocks.1.attn'))).toBe(true);
  });

  it('is the same every time', () => {
    const again = Buffer.from(graphNamed(name, secondTime).bytes);
    expect(again.equals(Buffer.from(graphNamed(name).bytes))).toBe(true);
  });
});

describe('training steps', () => {
  const steps = [
    'pretrain-gradients',
    'pretrain-step',
    'finetune-gradients',
    'linear-probe-gradients',
    'pretrain-gradients-float16',
    'pretrain-step-float16',
    'finetune-gradients-float16',
  ];
  it.each(steps)('%s uses nothing that WebGPU lacks', (name) => {
    const model = onnx.ModelProto.decode(graphNamed(name).bytes);
    const used = new Set((model.graph?.node ?? []).map(({ opType }) => opType));
    expect(NOT_ON_WEBGPU.filter((op) => used.has(op))).toEqual([]);
  });

  it('are there in float16 only where the recipe asks for it, beside those in float32', () => {
    const names = Object.keys(compileGraphs(wide));
    expect(names).toEqual(['encoder', 'masked-autoencoder', 'pretrain-gradients', 'pretrain-step']);
    expect([...graphs.keys()].filter((name) => name.endsWith('float16'))).toEqual(steps.slice(4));
    expect([...graphs.keys()]).toEqual(expect.arrayContaining(steps));
  });

  it('in float16 have inputs and outputs in float32, and constants in both', () => {
    const step = onnx.ModelProto.decode(graphNamed('pretrain-step-float16').bytes).graph;
    const types = [...(step?.input ?? []), ...(step?.output ?? [])].map(
      ({ type }) => type?.tensorType?.elemType,
    );
    expect([...new Set(types)].sort()).toEqual([1, 6]);
    const half = (step?.initializer ?? []).filter(({ dataType }) => dataType === 10);
    expect(half.length).toBeGreaterThan(0);
    for (const { dims, rawData } of half) {
      const count = (dims ?? []).reduce((product, side) => product * Number(side), 1);
      expect(rawData?.length).toBe(2 * count);
    }
  });

  it('hold no weights: the file of a large model stays small', () => {
    const weights = onnx.ModelProto.decode(graphNamed('pretrain-gradients').bytes).graph?.initializer ?? [];
    const bytes = weights.reduce((sum, { rawData }) => sum + (rawData?.length ?? 0), 0);
    expect(bytes).toBeLessThan(4096);
  });
});
