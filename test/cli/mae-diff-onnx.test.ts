import { describe, expect, it } from 'vitest';
import { compiledFile } from '../../compiler/diff/onnx/compiled-file.ts';
import { edited, exported } from '../diff/onnx/support.ts';
import { modelSpec } from '../support/specs.ts';
import { folderWith } from './compile-support.ts';
import { enter, mae } from './diff-support.ts';

describe('mae diff of ONNX files', () => {
  const model = modelSpec({ name: 'vit-small' });
  const encoder = compiledFile(model, 'encoder') ?? new Uint8Array();
  const small = `model vit-small {
  image 16x16x3; patch 4
  encoder { width 16, depth 2, heads 2 }
  decoder { width 8, depth 1, heads 2 }
  mask random 75%; loss mse { target pixels }
  pretrain { batch 64, epochs 10, warmup 0, optimizer adamw { weight-decay 0.05, lr 1e-3 per 256 } }
}`;

  it('tells whether a file was compiled from a spec', async () => {
    // The test's model has another mean and deviation.
    const spec = small.replace('16x16x3;', '16x16x3 { mean 0.5 0.5 0.5, deviation 0.5 0.5 0.5 };');
    const folder = folderWith({
      'a.mae': spec,
      'other.mae': spec.replace('depth 2', 'depth 3'),
      'encoder.onnx': encoder,
    });
    const file = folder.at('encoder.onnx');
    const yes = await mae(folder, ['diff', folder.at('a.mae'), file, '--fail-on', 'cosmetic']);
    expect([yes.exitCode, yes.error]).toEqual([0, '']);
    expect(yes.out).toContain('yes: encoder of vit-small was compiled from this spec');
    const no = await mae(folder, [
      'diff',
      file,
      folder.at('other.mae'),
      '--fail-on',
      'cosmetic',
      '--format',
      'json',
    ]);
    expect([no.exitCode, JSON.parse(no.out).onnx.compiledFrom.yes]).toEqual([1, false]);
    const annotated = await mae(folder, ['diff', file, folder.at('other.mae'), '--format', 'github']);
    expect(annotated.out).toContain('other.mae: 12 weights have no counterpart in the old file');
  });

  it.each([
    ['none.onnx', 'cannot read none.onnx: there is no such file or folder', 'name an .onnx file on disk'],
    ['text.onnx', 'cannot read text.onnx: it is no ONNX model', 'is it an .onnx file, and whole?'],
    [
      'foreign.onnx',
      'cannot compare foreign.onnx with a.mae: its metadata does not say what it was compiled from',
      'only files that mae-compile or mae export wrote can be; compare it with another .onnx file or a checkpoint instead',
    ],
    [
      'odd.onnx',
      'cannot compare odd.onnx with a.mae: vit-small compiles to no odd.onnx',
      'compare it with a spec that asks for it',
    ],
    [
      'outside.onnx',
      'cannot read outside.onnx: its weights lie at "../secret", not beside it',
      'keep the files',
    ],
    [
      'short.onnx',
      'cannot read short.onnx: short.data, which has its weights, ends too early',
      'keep the files',
    ],
    [
      'apart.onnx',
      'cannot read apart.onnx: its weights in gone.data cannot be read: there is no such',
      'keep the files',
    ],
  ])('%s is refused with a reason', async (name, message, help) => {
    const describedAs = (graph?: string) =>
      edited(encoder, (proto) => {
        proto.metadataProps =
          graph === undefined
            ? []
            : [
                { key: 'mae.model', value: 'x' },
                { key: 'mae.graph', value: graph },
              ];
      });
    const external = (location: string) =>
      edited(exported(encoder), (_, graph) => {
        const tensor = graph.initializer?.at(-1);
        if (tensor)
          tensor.externalData = [
            { key: 'location', value: location },
            { key: 'length', value: '64' },
          ];
      });
    const folder = folderWith({
      'a.mae': small,
      'text.onnx': 'model',
      'foreign.onnx': describedAs(),
      'odd.onnx': describedAs('odd'),
      'outside.onnx': external('../secret'),
      'short.onnx': external('short.data'),
      'short.data': 'x',
      'apart.onnx': external('gone.data'),
    });
    enter(folder);
    const { exitCode, out, error } = await mae(folder, ['diff', name, 'a.mae']);
    expect([exitCode, out]).toEqual([2, '']);
    expect(error).toContain(`error  ${message}`);
    expect(error).toContain(`help   ${help}`);
  });
});
