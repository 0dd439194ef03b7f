import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/ir/builder.ts';
import { add } from '../../compiler/ir/ops/add.ts';
import { linear } from '../../compiler/ir/ops/linear.ts';
import { meanError } from '../../compiler/ir/ops/mean-error.ts';
import { multiply } from '../../compiler/ir/ops/multiply.ts';
import { float32, perExample } from '../../compiler/ir/shape.ts';
import { maskedAutoencoderGraph, pretrainingGraph } from '../../compiler/model/masked-autoencoder.ts';
import { differentiate } from '../../compiler/passes/differentiate.ts';
import { foldGelu } from '../../compiler/passes/fold-gelu.ts';
import { optimizeStep } from '../../compiler/passes/optimize-step.ts';
import { simplify } from '../../compiler/passes/simplify.ts';
import { verify, verifyModules } from '../../compiler/passes/verify.ts';
import { openGraph } from '../support/run-graph.ts';
import { modelSpec } from '../support/specs.ts';

const builderOf = () => new GraphBuilder('test', { kind: 'Test', documentation: '' });

describe('verify', () => {
  const graph = maskedAutoencoderGraph(modelSpec());

  it('accepts what the builder records', () => {
    expect(verifyModules(verify(graph, 'recording'))).toBe(graph);
  });

  it('finds a value that is read before it is assigned, and names the pass', () => {
    const nodes = [...graph.nodes].reverse();
    expect(() => verify({ ...graph, nodes }, 'shuffle')).toThrow(/after shuffle.*before it is assigned/);
  });

  it('finds a node whose output is not what its op says', () => {
    const nodes = graph.nodes.map((node, index) =>
      index === 5 ? { ...node, outputs: node.outputs.map((output) => ({ ...output, shape: [3, 3] })) } : node,
    );
    expect(() => verify({ ...graph, nodes }, 'edit')).toThrow(/output 0 is \[3, 3\]/);
  });

  it('finds a missing output and a doubled name', () => {
    expect(() => verify({ ...graph, nodes: graph.nodes.slice(0, 3) }, 'cut')).toThrow(/is never assigned/);
    expect(() => verify({ ...graph, outputs: [...graph.outputs, ...graph.outputs] }, 'copy')).toThrow(
      /is used twice/,
    );
  });

  it('finds a module that reads past its inputs', () => {
    const builder = builderOf();
    const x = builder.input('x', 'images', float32(perExample(1), 2));
    const y = builder.input('y', 'images', float32(perExample(1), 2));
    builder.module({ name: 'm', kind: 'M', documentation: '' }, { x }, () => add(builder, x, y));
    expect(() => verifyModules(builder.finish())).toThrow(/no input of it/);
  });
});

describe('simplify', () => {
  it('merges equal nodes and drops unused ones', () => {
    const builder = builderOf();
    const x = builder.input('x', 'images', float32(perExample(1), 2));
    const unused = builder.input('unused', 'targets', float32(perExample(1), 2));
    add(builder, x, unused);
    const sum = add(builder, add(builder, x, x), add(builder, x, x));
    builder.output('y', 'features', sum);
    const simple = simplify(builder.finish());
    expect(simple.nodes).toHaveLength(2);
    expect(simple.inputs.map(({ name }) => name)).toEqual(['x']);
  });
});

describe('differentiate', () => {
  it('adds up the gradients of a value that is read several times', async () => {
    const builder = builderOf();
    const x = builder.input('x', 'images', float32(perExample(1), 2));
    const weight = builder.parameter('weight', { shape: [2, 2], initializer: { kind: 'zeros' } });
    const frozen = builder.parameter('frozen', {
      shape: [2, 2],
      initializer: { kind: 'zeros' },
      trainable: false,
    });
    const y = linear(builder, linear(builder, x, frozen, undefined, 'in-out'), weight, undefined, 'in-out');
    builder.output('loss', 'loss', meanError(builder, multiply(builder, y, y), x, 'squared'));
    const graph = differentiate(builder.finish());
    expect(graph.outputs.map(({ name }) => name)).toEqual(['loss', 'gradient:weight']);
    const run = await openGraph(graph, 1);
    const numbers = {
      x: Float32Array.of(1, 2),
      weight: Float32Array.of(1, 0, 0, 1),
      frozen: Float32Array.of(1, 0, 0, 1),
    };
    // loss = mean((y² - x)²) with y = x: d loss / d y = 2 (y² - x) y, and d loss / d weight = xᵀ dy.
    const results = await run({ ...numbers, 'loss-weight': Float32Array.of(0.5) });
    const dy = [0.5 * 2 * (1 - 1) * 1, 0.5 * 2 * (4 - 2) * 2];
    expect(Array.from(results['gradient:weight'] ?? [])).toEqual([
      dy[0],
      dy[1],
      2 * (dy[0] ?? 0),
      2 * (dy[1] ?? 0),
    ]);
    expect(results.loss?.[0]).toBe(2);
  });
});

describe('fold-gelu', () => {
  it('replaces every GELU between two linears and keeps the shape of the graph', () => {
    const graph = pretrainingGraph(modelSpec({ encoder: [16, 3, 2], decoder: [8, 2, 2] }));
    const folded = foldGelu(graph);
    const count = (name: string, nodes = folded.nodes) => nodes.filter(({ op }) => op.name === name).length;
    expect(count('gelu', graph.nodes)).toBe(5);
    expect(count('gelu')).toBe(0);
    expect(count('erf-gate')).toBe(5);
    expect(folded.nodes).toHaveLength(graph.nodes.length);
  });
});

describe('optimize-step', () => {
  it('yields next parameters and moments instead of gradients, with decay by the official rule', () => {
    const constants = { betas: [0.9, 0.95], epsilon: 1e-8, weightDecay: 0.05 } as const;
    const step = optimizeStep(differentiate(foldGelu(pretrainingGraph(modelSpec()))), constants);
    const factors = step.nodes.find(({ op }) => op.name === 'adamw-factors');
    expect(factors?.attributes.weightDecay).toBe(0.05);
    const decayed = new Map(
      step.nodes
        .filter(({ op }) => op.name === 'adamw')
        .map(({ inputs }) => {
          const parameter = step.parameters.find(({ value }) => value.id === inputs[0]?.id);
          expect(inputs.slice(4)).toEqual(factors?.outputs.slice(0, inputs.length - 4));
          return [parameter?.name, inputs.length === 7];
        }),
    );
    expect(decayed.get('cls_token')).toBe(true);
    expect(decayed.get('mask_token')).toBe(true);
    expect(decayed.get('blocks.0.attn.qkv.weight')).toBe(true);
    expect(decayed.get('blocks.0.attn.qkv.bias')).toBe(false);
    expect(decayed.get('decoder_norm.weight')).toBe(false);
    expect(decayed.has('pos_embed')).toBe(false);
    expect(step.outputs.some(({ role }) => role === 'gradient')).toBe(false);
    expect(step.outputs).toHaveLength(1 + 3 * decayed.size);
  });
});
