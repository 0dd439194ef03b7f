import { describe, expect, it } from 'vitest';
import { emitModelClasses } from '../../../compiler/emit/tfjs/emit-model-classes.ts';
import { RESULT_NAMES } from '../../../compiler/emit/tfjs/local-names.ts';
import { GraphBuilder } from '../../../compiler/ir/builder.ts';
import type { Graph, Value } from '../../../compiler/ir/graph.ts';
import { add } from '../../../compiler/ir/ops/add.ts';
import { dropout } from '../../../compiler/ir/ops/dropout.ts';
import { gelu } from '../../../compiler/ir/ops/gelu.ts';
import { linear } from '../../../compiler/ir/ops/linear.ts';
import { multiply } from '../../../compiler/ir/ops/multiply.ts';
import { OPS } from '../../../compiler/ir/ops/registry.ts';
import { float32, perExample } from '../../../compiler/ir/shape.ts';
import * as operations from '../../../runtime/engine/tfjs/index.ts';
import { modelSpec } from '../../support/specs.ts';
import { emitted, emittedVariety, INFO, VARIETY } from './variety.ts';

/** The classes of a text by name, each without its first and last line. */
function classes(text: string): Map<string, string> {
  const found = text.matchAll(/^export class (\w+)[^\n]*\{\n([\s\S]*?)^\}/gm);
  return new Map(Array.from(found, ([, name = '', body = '']) => [name, body]));
}

/** The statements of a method. */
function statements(text: string, owner: string, method: string): string[] {
  const body = classes(text).get(owner) ?? '';
  const match = new RegExp(`^  ${method}[<(][^\\n]*\\n([\\s\\S]*?)^  \\}`, 'm').exec(body);
  return (match?.[1] ?? '').split('\n').flatMap((line) => (line === '' ? [] : [line.slice(4)]));
}

/** A graph of a root class `Model` with one input `images` [batch*4, 8]. */
function graphOf(record: (builder: GraphBuilder, x: Value) => Value): Graph {
  const builder = new GraphBuilder('model', { kind: 'Model', officialName: '', documentation: 'A model.' });
  const x = builder.input('tokens', 'images', float32(perExample(4), 8));
  builder.output('features', 'features', record(builder, x));
  return builder.finish();
}

function dense(builder: GraphBuilder, name: string, outputs: number, x: Value): Value {
  return builder.module({ name, kind: 'Dense', documentation: 'Dense.' }, { x }, () => {
    const shape = [Number(x.shape[1]), outputs];
    return linear(
      builder,
      x,
      builder.parameter('weight', { shape, initializer: { kind: 'zeros' } }),
      undefined,
      'in-out',
    );
  });
}

describe('emitModelClasses', () => {
  it('writes a small model as a person would', async () => {
    const text = emitted(modelSpec({ target: 'normalized-pixels' }));
    await expect(text).toMatchFileSnapshot('golden/small-model.ts');
  });

  it('yields the same text whenever it is asked, whatever it wrote before', () => {
    const first = emittedVariety();
    const again = Object.entries(VARIETY)
      .toReversed()
      .map(([name, options]) => [name, emitted(modelSpec({ name, ...options }))])
      .toReversed();
    expect(again).toEqual(first);
  });

  it('says what it was made from', () => {
    const [first, second] = emitted(modelSpec()).split('\n');
    expect(`${first}\n${second}`).toMatchInlineSnapshot(`
      "// Made by mae-compile 1.2.3 from spec/test.mae (architecture 0123456789ab).
      // Change the spec and compile it again rather than this file."
    `);
  });

  it('has a name for the result of every op that classes can contain', () => {
    const names = OPS.filter(({ hasTfjs }) => hasTfjs).map(({ name }) => name);
    expect(Object.keys(RESULT_NAMES).sort()).toEqual(names.sort());
    expect(Object.values(RESULT_NAMES).filter((name) => name in operations)).toEqual([]);
  });
});

describe('classes', () => {
  it('are one for each distinct module, and tell the encoder’s from the decoder’s', () => {
    expect([...classes(emitted(modelSpec())).keys()]).toEqual([
      'PatchEmbedding',
      'LayerNorm',
      'Linear',
      'EncoderAttention',
      'NarrowingLinear',
      'EncoderMlp',
      'EncoderBlock',
      'Encoder',
      'DecoderAttention',
      'DecoderMlp',
      'DecoderBlock',
      'Decoder',
      'MaskedAutoencoder',
    ]);
  });

  it('are shared by the encoder and the decoder where their blocks are equal', () => {
    const text = emitted(modelSpec({ encoder: [16, 2, 2], decoder: [16, 3, 2] }));
    expect([...classes(text).keys()].filter((name) => /Block|Attention|Mlp/.test(name))).toEqual([
      'Attention',
      'Mlp',
      'Block',
    ]);
    expect(text).toContain(
      'this.blocks = Array.from({ length: 2 }, (_, index) => new Block(parameters, `blocks.',
    );
    expect(text).toContain('new Block(parameters, `decoder_blocks.');
  });

  it('differ where modules of one kind differ in more than widths', () => {
    const spec = modelSpec();
    const text = emitted({ ...spec, decoder: { ...spec.decoder, normEpsilon: 1e-5, qkvBias: false } });
    const names = [...classes(text).keys()];
    expect(names.filter((name) => /Norm|Linear/.test(name))).toEqual([
      'EncoderLayerNorm',
      'Linear',
      'NarrowingLinear',
      'DecoderLayerNorm',
      'LinearWithoutBias',
    ]);
  });
});

describe('method bodies', () => {
  it('take the number of tokens only where it varies and matters', () => {
    const text = emitted(modelSpec());
    expect(text).toContain(
      'forward<Tokens extends number>(x: Rows<Tokens, 16>, tokens: Tokens): Rows<Tokens, 16> {',
    );
    expect(statements(text, 'EncoderAttention', 'forward')).toEqual([
      'return this.proj.forward(attention(this.qkv.forward(x), tokens, 2));',
    ]);
    expect(statements(text, 'DecoderAttention', 'forward')).toEqual([
      'return this.proj.forward(attention(this.qkv.forward(x), 17, 2));',
    ]);
    expect(text).toContain('  forward<Tokens extends number>(x: Rows<Tokens, 16>): Rows<Tokens, 16> {');
  });

  it('name what is used twice after what it is', () => {
    expect(statements(emitted(modelSpec()), 'EncoderBlock', 'forward')).toEqual([
      'const attended = add(x, this.attn.forward(this.norm1.forward(x), tokens));',
      'return add(attended, this.mlp.forward(this.norm2.forward(attended)));',
    ]);
  });

  it('loop over lists', () => {
    expect(statements(emitted(modelSpec()), 'Encoder', 'forward')).toEqual([
      'const placed = addPerToken(this.patchEmbed.forward(patches), sliceRows(this.posEmbed, 1, 16));',
      'let tokens = prependTokens(add(this.clsToken, sliceRows(this.posEmbed, 0, 1)), placed, 16);',
      'for (const block of this.blocks) tokens = block.forward(tokens, 17);',
      'return this.norm.forward(tokens);',
    ]);
  });

  it('give loops the inputs that stay the same', () => {
    const graph = graphOf((builder, x) => {
      const gate = gelu(builder, x);
      let y = x;
      for (const index of [0, 1]) {
        const declaration = { name: `gates.${index}`, kind: 'Gate', documentation: 'A gate.' };
        y = builder.module(declaration, { y, gate }, (inputs) => {
          return multiply(builder, dense(builder, 'project', 8, inputs.y), inputs.gate);
        });
      }
      return add(builder, y, x);
    });
    const text = emitModelClasses([graph], INFO);
    expect(statements(text, 'Model', 'forward')).toEqual([
      'let x = tokens;',
      'const gate = gelu(tokens);',
      'for (const gatesItem of this.gates) x = gatesItem.forward(x, gate);',
      'return add(x, tokens);',
    ]);
    expect(statements(text, 'Gate', 'forward')).toEqual(['return multiply(this.project.forward(y), gate);']);
  });

  it('keep names apart', () => {
    const graph = graphOf((builder, x) => {
      const [a, b] = [gelu(builder, x), gelu(builder, add(builder, x, x))];
      const squares = [multiply(builder, a, a), multiply(builder, b, b)] as const;
      return add(builder, ...squares);
    });
    expect(statements(emitModelClasses([graph], INFO), 'Model', 'forward')).toEqual([
      'const activated = gelu(tokens);',
      'const activated2 = gelu(add(tokens, tokens));',
      'return add(multiply(activated, activated), multiply(activated2, activated2));',
    ]);
  });

  it('nest calls three deep and no deeper', () => {
    const graph = graphOf((builder, x) => [1, 2, 3, 4, 5].reduce((y) => gelu(builder, y), x));
    expect(statements(emitModelClasses([graph], INFO), 'Model', 'forward')).toEqual([
      'const activated = gelu(gelu(gelu(tokens)));',
      'return gelu(gelu(activated));',
    ]);
  });

  it('hand several results of a module on by name', () => {
    const graph = graphOf((builder, x) => {
      const declaration = { name: 'fork', kind: 'Fork', documentation: 'Two ways.' };
      const { left, right } = builder.module(declaration, { x }, () => {
        return { left: dense(builder, 'a', 8, x), right: dense(builder, 'b', 8, x) };
      });
      return multiply(builder, left, right);
    });
    const text = emitModelClasses([graph], INFO);
    expect(statements(text, 'Fork', 'forward')).toEqual([
      'return {',
      '  left: this.a.forward(x),',
      '  right: this.b.forward(x),',
      '};',
    ]);
    expect(text).toContain('export interface ForkOutput {');
    expect(statements(text, 'Model', 'forward')).toEqual([
      'const forkOutput = this.fork.forward(tokens);',
      'return multiply(forkOutput.left, forkOutput.right);',
    ]);
  });
});

describe('classes of a model that accepts several sizes', () => {
  const text = emitted(modelSpec({ accept: 'any', registers: 2 }));

  it('measure the pictures, and write what follows from their size with their grid', () => {
    expect(statements(text, 'MaskedAutoencoder', 'features')).toEqual([
      'const padded = padToMultiple(images, [4, 4]);',
      'const grid = patchGrid(padded, [4, 4]);',
      'const latent = this.encoder.forwardOnGrid(patchifyOnGrid(padded, grid, [4, 4]), grid);',
      'return splitBatch(latent, 3 + grid.patches);',
    ]);
    expect(statements(text, 'Encoder', 'forwardOnGrid')).toEqual([
      'const positions = resizePositions(sliceRows(this.posEmbed, 1, 16), [4, 4], grid);',
      'const placed = addPerToken(this.patchEmbed.forward(patches), positions);',
      'const clsToken = add(this.clsToken, sliceRows(this.posEmbed, 0, 1));',
      'const tokens = prependTokens(this.regToken, placed, grid.patches);',
      'let x = prependTokens(clsToken, tokens, 2 + grid.patches);',
      'for (const block of this.blocks) x = block.forward(x, 3 + grid.patches);',
      'return this.norm.forward(x);',
    ]);
  });

  it('say which sizes they take', () => {
    expect(text).toContain(
      'features<Height extends number, Width extends number>(images: Images<3, Height, Width>): Batch<number, 16> {',
    );
    expect(text).toContain(`  /**
   * images [batch, 3, height, width] → [batch, 3 + patches, 16]. Height and width may be any: zeros on the
   * right and at the bottom make them multiples of 4.
   */`);
    expect(text).toContain('/** patches [batch*patches, 48] and their grid → [batch*(3 + patches), 16]. */');
    const multiples = emitted(modelSpec({ accept: 'multiples', patch: [4, 8] }));
    expect(multiples).toContain('Height and width are multiples of 4 and 8.');
  });

  it('train on pictures of one size', () => {
    const one = emitted(modelSpec({ registers: 2 }));
    for (const [owner, method] of [
      ['MaskedAutoencoder', 'forward'],
      ['Encoder', 'forwardVisible'],
      ['Decoder', 'forward'],
      ['EncoderBlock', 'forward'],
    ] as const) {
      expect(statements(text, owner, method).length).toBeGreaterThan(0);
      expect(statements(text, owner, method)).toEqual(statements(one, owner, method));
    }
  });
});

describe('what training leaves out at random', () => {
  const spec = modelSpec({ encoder: [16, 3, 2], dropPath: 0.1, dropout: 0.2 });
  const text = emitted(spec);
  const factorsOf = (purpose: string, layer: string) => `drops?.get(\`${purpose}:\${this.name}.${layer}\`)`;

  it('is an argument that may be left out, of the methods that need it', () => {
    expect(text).toContain(
      'forward(images: Images<3, 16, 16>, masking: Masking<4, 12, 1>, drops?: Drops): MaskedAutoencoderOutput {',
    );
    // In use nothing is left out.
    expect(text).toContain('features(images: Images<3, 16, 16>): Batch<17, 16> {');
    expect(text).toContain('  forward(patches: Rows<16, 48>): Rows<17, 16> {');
    expect(statements(text, 'Encoder', 'forward')).toContain(
      'for (const block of this.blocks) tokens = block.forward(tokens, 17);',
    );
    expect(statements(text, 'Encoder', 'forwardVisible')).toContain(
      'for (const block of this.blocks) tokens = block.forward(tokens, 5, drops);',
    );
  });

  it('is found by the name of the module, also where the first block has no drop path', () => {
    expect(statements(text, 'EncoderBlock', 'forward')).toEqual([
      'const attended = dropPath(',
      '  this.attn.forward(this.norm1.forward(x), tokens, drops),',
      `  ${factorsOf('drop-path', 'attn')},`,
      '  tokens,',
      ');',
      'const sum = add(x, attended);',
      'const transformed = dropPath(',
      '  this.mlp.forward(this.norm2.forward(sum), drops),',
      `  ${factorsOf('drop-path', 'mlp')},`,
      '  tokens,',
      ');',
      'return add(sum, transformed);',
    ]);
    expect(statements(text, 'EncoderAttention', 'forward')).toEqual([
      'const mixed = attention(this.qkv.forward(x), tokens, 2);',
      `return dropout(this.proj.forward(mixed), ${factorsOf('dropout', 'proj')});`,
    ]);
    expect(statements(text, 'EncoderMlp', 'forward')).toEqual([
      `const activated = dropout(gelu(this.fc1.forward(x)), ${factorsOf('dropout', 'fc1')});`,
      `return dropout(this.fc2.forward(activated), ${factorsOf('dropout', 'fc2')});`,
    ]);
    expect(classes(text).get('EncoderMlp')).toContain('  readonly name: string;\n');
    expect(classes(text).get('EncoderMlp')).toContain('    this.name = name;\n');
  });

  it('changes nothing where nothing is left out', () => {
    // A single block of each stack has the rate 0.
    const single = { encoder: [16, 1, 2], decoder: [8, 1, 2] } as const;
    expect(emitted(modelSpec({ ...single, dropPath: 0.1 }))).toBe(emitted(modelSpec(single)));
  });

  it('does not keep equal blocks from sharing a class', () => {
    const stacks = { encoder: [16, 3, 2], decoder: [16, 1, 2] } as const;
    const names = [...classes(emitted(modelSpec({ ...stacks, dropPath: 0.1 }))).keys()];
    expect(names).toEqual([...classes(emitted(modelSpec(stacks))).keys()]);
    expect(names.filter((name) => name.endsWith('Block'))).toEqual(['Block']);
  });

  it('must be all that is made of a value', () => {
    const graph = graphOf((builder, x) => {
      const y = gelu(builder, x);
      return add(builder, dropout(builder, y, builder.random('dropout', 'gelu', y, 0.5)), y);
    });
    expect(() => emitModelClasses([graph], INFO)).toThrow('its input is also read as it is');
  });

  it('is called by its own name where its module has none', () => {
    const graph = graphOf((builder, x) => {
      const y = gelu(builder, x);
      return dropout(builder, y, builder.random('dropout', 'gelu', y, 0.5));
    });
    expect(statements(emitModelClasses([graph], INFO), 'Model', 'forward')).toEqual([
      "return dropout(gelu(tokens), drops?.get('dropout:gelu'));",
    ]);
  });
});

describe('it is a bug of the compiler', () => {
  it('to use only some modules of a list, or not one after the other', () => {
    const graph = graphOf((builder, x) => {
      const layer = (index: number, y: Value) => dense(builder, `layers.${index}`, 8, y);
      return add(builder, layer(0, x), layer(1, x));
    });
    expect(() => emitModelClasses([graph], INFO)).toThrow(
      'the modules of layers are not called one after the other',
    );
  });

  it('to record one method in two ways', () => {
    const graphs = [gelu, (builder: GraphBuilder, x: Value) => add(builder, x, x)].map(graphOf);
    expect(() => emitModelClasses(graphs, INFO)).toThrow('the root has two different methods forward');
  });
});
