import onnxProto from 'onnx-proto';
import { describe, expect, it } from 'vitest';
import { diffOnnx } from '../../../compiler/diff/onnx/diff-onnx.ts';
import { readOnnx } from '../../../compiler/diff/onnx/onnx-file.ts';
import { onnxRules } from '../../../compiler/diff/onnx/onnx-rules.ts';
import { renderHtml } from '../../../compiler/diff/render/html/page.ts';
import { renderMarkdown } from '../../../compiler/diff/render/markdown.ts';
import { renderText } from '../../../compiler/diff/render/text.ts';
import type { OnnxDiff } from '../../../compiler/diff/report.ts';
import { specHash } from '../../../compiler/emit/spec-json.ts';
import { modelSpec } from '../../support/specs.ts';
import { compiled, edited, exported, fileOf, type Graph, sha256, sideOf } from './support.ts';

const { onnx } = onnxProto;

const spec = modelSpec({ name: 'small' });
const encoder = compiled(spec);
const filled = exported(encoder);

const initializer = (graph: Graph, name: string) => {
  const found = graph.initializer?.find((tensor) => tensor.name === name);
  if (!found) throw new Error(`no initializer ${name}`);
  return found;
};

/** A pair for each rule, at its gravest. */
const cases: Readonly<
  Record<string, { readonly old: Uint8Array; readonly new: Uint8Array; readonly message: RegExp }>
> = {
  'onnx-weight-shapes': {
    old: filled,
    new: edited(filled, (_, graph) => {
      initializer(graph, 'norm.bias').dims = [8];
    }),
    message: /^1 weight has another shape or type: norm\.bias$/,
  },
  'onnx-inputs': {
    old: encoder,
    new: edited(encoder, (_, graph) => {
      const dim = graph.input?.find(({ name }) => name === 'images')?.type?.tensorType?.shape?.dim;
      if (dim?.[2]) dim[2].dimValue = 32;
    }),
    message: /^input images float32 \[batch, 3, 16, 16\] → float32 \[batch, 3, 32, 16\]$/,
  },
  'onnx-outputs': {
    old: encoder,
    new: edited(encoder, (_, graph) => {
      const type = graph.output?.[0]?.type?.tensorType;
      if (type) type.elemType = onnx.TensorProto.DataType.FLOAT16;
    }),
    message: /^output features float32 \[batch, 17, 16\] → float16 \[batch, 17, 16\]$/,
  },
  'onnx-embedded': { old: encoder, new: filled, message: /^30 weights are in the file now, and no inputs$/ },
  'onnx-opset': {
    old: encoder,
    new: edited(encoder, (model) => {
      model.opsetImport = [{ domain: '', version: 18 }];
    }),
    message: /^opset 17 → 18$/,
  },
  'onnx-operators': {
    old: encoder,
    new: edited(encoder, (_, graph) => {
      const node = graph.node?.find(({ opType }) => opType === 'Erf');
      if (node) node.opType = 'Tanh';
    }),
    message: /^(\d+) operators → \1 operators: Erf 2 → 1 and Tanh 0 → 1$/,
  },
  'onnx-weight-values': {
    old: filled,
    new: edited(filled, (_, graph) => {
      for (const block of [0, 1])
        initializer(graph, `blocks.${block}.norm1.bias`).rawData = new Uint8Array(64);
    }),
    message: /^2 weights have other numbers, by at most 1: blocks\.\*\.norm1\.bias$/,
  },
  'onnx-metadata': {
    old: encoder,
    new: edited(encoder, (model) => {
      model.metadataProps = [...(model.metadataProps ?? []), { key: 'author', value: 'someone' }];
    }),
    message: /^author none → someone$/,
  },
};

const diff = (old: Uint8Array, now: Uint8Array) => diffOnnx(sideOf(old), sideOf(now));

function onnxOf(report: ReturnType<typeof diffOnnx>): OnnxDiff {
  if (report.onnx === undefined) throw new Error('no ONNX files');
  return report.onnx;
}

describe('every rule of ONNX files', () => {
  it('has a fixture pair', () => {
    expect(Object.keys(cases)).toEqual(onnxRules.map(({ id }) => id));
  });

  it.each(onnxRules)('$id finds its change, and nothing else does', ({ id, gravest }) => {
    const { old, new: now, message } = cases[id] ?? { old: encoder, new: encoder, message: /none/ };
    const { changes } = onnxOf(diff(old, now));
    expect(changes.map(({ rule, class: grade }) => [rule, grade])).toEqual([[id, gravest]]);
    expect(changes[0]?.message).toMatch(message);
    expect(changes[0]?.old).not.toBe(changes[0]?.new);
  });

  it.each(onnxRules)('$id is mirrored', ({ id }) => {
    const { old, new: now } = cases[id] ?? { old: encoder, new: encoder };
    const [[forth], [back]] = [onnxOf(diff(old, now)).changes, onnxOf(diff(now, old)).changes];
    expect([back?.rule, back?.old, back?.new]).toEqual([forth?.rule, forth?.new, forth?.old]);
  });
});

describe('two ONNX files', () => {
  it('that are equal differ in nothing', () => {
    const report = diff(filled, exported(encoder));
    expect([report.gravest, onnxOf(report).changes, onnxOf(report).compiledFrom]).toEqual([null, [], null]);
    expect(new Set(onnxOf(report).weights.map(({ fate }) => fate))).toEqual(new Set(['kept']));
  });

  it('may name what is between operators as they like, and say what they like of it', () => {
    const renamed = edited(encoder, (_, graph) => {
      const own = new Set([...(graph.input ?? []), ...(graph.output ?? [])].map(({ name }) => name ?? ''));
      const other = (name: string) => (own.has(name) || name === '' ? name : `other/${name}`);
      // Constants keep their names, as it is by these that they are known.
      const constants = new Set((graph.initializer ?? []).map(({ name }) => name ?? ''));
      const rename = (name: string) => (constants.has(name) ? name : other(name));
      for (const node of graph.node ?? []) {
        node.input = node.input?.map(rename) ?? [];
        node.output = node.output?.map(rename) ?? [];
        node.name = 'x';
        node.docString = 'y';
      }
    });
    expect(fileOf(renamed).facts.graphHash).toBe(fileOf(encoder).facts.graphHash);
  });

  it.each([
    ['a constant', (graph: Graph) => initializer(graph, 'constant_0').rawData?.fill(3)],
    [
      'an attribute',
      (graph: Graph) => {
        const attribute = graph.node
          ?.find(({ opType }) => opType === 'LayerNormalization')
          ?.attribute?.find(({ name }) => name === 'epsilon');
        if (attribute) attribute.f = 0.5;
      },
    ],
    [
      'a connection',
      (graph: Graph) => {
        const add = graph.node?.find(({ opType }) => opType === 'Add');
        if (add) add.input = [...(add.input ?? [])].reverse();
      },
    ],
  ])('with the same operators differ by %s', (_, edit) => {
    const changes = onnxOf(
      diff(
        encoder,
        edited(encoder, (__, graph) => void edit(graph)),
      ),
    ).changes;
    expect(changes.map(({ rule }) => rule)).toEqual(['onnx-operators']);
    expect(changes[0]?.message).toMatch(
      /^the same \d+ operators, but with other attributes, constants or connections$/,
    );
  });

  it('account for every weight once, with its hash', () => {
    const { weights } = onnxOf(diff(encoder, filled));
    const names = weights.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const bias = weights.find(({ name }) => name === 'norm.bias');
    expect(bias).toEqual({
      name: 'norm.bias',
      fate: 'embedded',
      old: { type: 'float32', shape: [16], sha256: null },
      new: {
        type: 'float32',
        shape: [16],
        sha256: sha256(new Uint8Array(new Float32Array(16).fill(1).buffer)),
      },
    });
  });

  it('hash weights that lie in a file of their own the same', () => {
    const data = new Uint8Array(new Float32Array(16).fill(1).buffer);
    const outside = edited(filled, (_, graph) => {
      const tensor = initializer(graph, 'norm.bias');
      tensor.rawData = new Uint8Array();
      tensor.externalData = Object.entries({ location: 'x.data', offset: '4096', length: '64' }).map(
        ([key, value]) => ({ key, value }),
      );
    });
    const asked: unknown[] = [];
    const file = readOnnx(outside, {
      sha256,
      external: (...place) => {
        asked.push(place);
        return data;
      },
    });
    expect(asked).toEqual([['x.data', 4096, 64]]);
    expect('weights' in file && file.weights.get('norm.bias')?.sha256).toBe(sha256(data));
    expect(readOnnx(outside, { sha256, external: () => ({ because: 'it is gone' }) })).toMatchObject({
      because: 'it is gone',
    });
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['text', new TextEncoder().encode('model vit {}')],
  ])('are not %s', (_, bytes) => {
    expect(readOnnx(bytes, { sha256, external: () => bytes })).toMatchObject({
      because: 'it is no ONNX model',
    });
  });
});

describe('an ONNX file and a spec', () => {
  const against = (file: Uint8Array, other = spec) =>
    onnxOf(diffOnnx(sideOf(compiled(other), 'spec'), sideOf(file)));

  it.each([
    ['as compiled', encoder],
    ['with weights', filled],
  ])('that it was compiled from, %s', (_, file) => {
    const { compiledFrom, changes } = against(file);
    expect(changes).toEqual([]);
    expect(compiledFrom?.yes).toBe(true);
    expect(compiledFrom?.answer).toMatch(/^yes: encoder of small was compiled from this spec: the hash, /);
    expect(compiledFrom?.answer.includes('the shapes of the 30 weights in it')).toBe(file === filled);
  });

  it('in the other order', () => {
    expect(onnxOf(diffOnnx(sideOf(filled), sideOf(encoder, 'spec'))).compiledFrom?.yes).toBe(true);
  });

  it('whose decoder is another: the encoder computes the same', () => {
    const { compiledFrom, changes } = against(encoder, modelSpec({ name: 'small', decoder: [16, 2, 2] }));
    expect(compiledFrom).toEqual({
      yes: false,
      answer: 'no: it was compiled from another spec, which differs in nothing that this graph computes',
    });
    expect(changes.map(({ message }) => message)).toEqual([
      expect.stringMatching(new RegExp(`^mae\\.spec\\.hash \\w{16}… → ${specHash(spec).slice(0, 16)}…$`)),
    ]);
  });

  it('whose encoder is another', () => {
    const { compiledFrom, changes } = against(filled, modelSpec({ name: 'small', encoder: [16, 3, 2] }));
    expect(compiledFrom?.answer).toBe('no: it was compiled from another spec, and computes something else');
    expect(changes.map(({ rule }) => rule)).toEqual([
      'onnx-weight-shapes',
      'onnx-operators',
      'onnx-metadata',
    ]);
  });

  it('whose graph was tampered with, hash and all', () => {
    const { compiledFrom } = against(cases['onnx-operators']?.new ?? encoder);
    expect(compiledFrom?.answer).toMatch(
      /^no: it has the hash of this spec, but not its graph: it was changed afterwards/,
    );
    const lying = edited(compiled(modelSpec({ name: 'small', encoder: [16, 3, 2] })), (model) => {
      for (const entry of model.metadataProps ?? [])
        if (entry.key === 'mae.spec.hash') entry.value = specHash(spec);
    });
    expect(against(lying).compiledFrom?.yes).toBe(false);
  });
});

describe('an audit', () => {
  const report = diffOnnx(
    sideOf(compiled(modelSpec({ name: 'small', encoder: [16, 3, 2] })), 'spec'),
    sideOf(filled),
  );

  it('reads as text', async () => {
    await expect(`${renderText(report)}\n`).toMatchFileSnapshot('../golden/onnx.txt');
  });

  it('reads as markdown and as a page', () => {
    const text = renderMarkdown(report);
    expect(text).toContain('no: it was compiled from another spec, and computes something else');
    expect(text).toContain(
      '| weights | `onnx-weight-shapes` | 12 weights have no counterpart in the new file',
    );
    const page = renderHtml(report);
    expect(page).toContain('<h2 id="answer">Was it compiled from this spec?</h2>');
    expect(page).toContain('<td>dropped</td><th scope="row"><code>blocks.2.norm1.weight</code>');
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });
});
