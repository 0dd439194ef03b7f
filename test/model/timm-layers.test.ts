import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { GraphBuilder } from '../../compiler/ir/builder.ts';
import type { Graph } from '../../compiler/ir/graph.ts';
import { float32, perExample } from '../../compiler/ir/shape.ts';
import { blocks } from '../../compiler/model/block.ts';
import { imagePatches } from '../../compiler/model/image-patches.ts';
import { embedPatches } from '../../compiler/model/patch-embedding.ts';
import { toStoredLayout } from '../../runtime/weights/layout.ts';
import { relativeDeviation } from '../reference/reference-case.ts';
import { openGraph } from '../support/run-graph.ts';
import { modelSpec } from '../support/specs.ts';

/** What timm computed, and what it dropped; made by record/timm-layers.py, which says how the inputs are made. */
const recorded = z
  .object({
    blocks: z.object({
      output: z.array(z.number()),
      drops: z.record(z.string(), z.object({ factor: z.number(), kept: z.string() })),
    }),
    patches: z.object({ output: z.array(z.number()) }),
  })
  .parse(JSON.parse(readFileSync(new URL('timm-layers.json', import.meta.url), 'utf8')));

function wave(tensor: number, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => 0.3 * Math.sin(1.7 * tensor + 0.9 * i));
}

/** The parameters of a graph by the recording's rule, in the layouts of the graph. */
function waveParameters({ parameters }: Graph): Record<string, Float32Array> {
  const sorted = [...parameters].sort((a, b) => (a.name < b.name ? -1 : 1));
  return Object.fromEntries(
    sorted.map((parameter, index) => {
      const { name, shape } = parameter;
      const isScale = name.includes('norm') && name.endsWith('.weight');
      const count = shape.reduce((product, side) => product * side, 1);
      const official = wave(index + 1, count).map((value) => value + (isScale ? 1 : 0));
      const stored = new Float32Array(count);
      toStoredLayout(parameter, official, stored);
      return [name, stored];
    }),
  );
}

const builderOf = () => new GraphBuilder('test', { kind: 'Test', officialName: '', documentation: '' });

it('blocks drop what timm’s drop, where timm’s do, and scale what stays as timm’s do', async () => {
  const { encoder } = modelSpec({ encoder: [8, 3, 2], mlpRatio: 2, dropPath: 0.5, dropout: 0.2 });
  const builder = builderOf();
  const x = builder.input('x', 'images', float32(perExample(3), 8));
  builder.output('y', 'features', blocks(builder, encoder, 'blocks', encoder, x));
  const graph = builder.finish();
  const asked = graph.inputs.flatMap(({ name, random }) => (random ? [[name, random.keep] as const] : []));
  const drops = Object.entries(recorded.blocks.drops);
  expect(asked.map(([name]) => name).sort()).toEqual(drops.map(([name]) => name).sort());
  for (const [name, keep] of asked)
    expect(1 / keep, name).toBeCloseTo(recorded.blocks.drops[name]?.factor ?? 0, 4);
  const factors = drops.map(([name, { kept }]) => {
    const factor = 1 / (asked.find(([asks]) => asks === name)?.[1] ?? 0);
    return [name, Float32Array.from(kept, (bit) => (bit === '1' ? factor : 0))] as const;
  });
  const run = await openGraph(graph, 4);
  const values = { ...waveParameters(graph), ...Object.fromEntries(factors), x: wave(1, 4 * 3 * 8) };
  const { y } = await run(values);
  expect(relativeDeviation(y ?? [], recorded.blocks.output)).toBeLessThan(1e-6);
});

it('patches are padded and normed as timm’s PatchEmbed does', async () => {
  const spec = modelSpec({
    image: [6, 13, 2],
    patch: [4, 5],
    encoder: [8, 1, 2],
    pad: true,
    patchNorm: true,
  });
  const builder = builderOf();
  builder.output('y', 'features', embedPatches(builder, spec, imagePatches(builder, spec)));
  const graph = builder.finish();
  expect(graph.parameters.map(({ name }) => name)).toEqual([
    'patch_embed.proj.weight',
    'patch_embed.proj.bias',
    'patch_embed.norm.weight',
    'patch_embed.norm.bias',
  ]);
  const run = await openGraph(graph, 2);
  const { y } = await run({ ...waveParameters(graph), images: wave(1, 2 * 2 * 6 * 13) });
  expect(relativeDeviation(y ?? [], recorded.patches.output)).toBeLessThan(1e-6);
});
