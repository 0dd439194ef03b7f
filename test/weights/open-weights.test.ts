import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { loadWeights } from '../../runtime/weights/checkpoint.ts';
import { namingScheme } from '../../runtime/weights/naming/schemes.ts';
import { openWeights } from '../../runtime/weights/open-weights.ts';
import { writeSafetensors } from '../../runtime/weights/safetensors.ts';
import { dictionary, pickle, tensor } from './pth/build-pickle.ts';
import { buildZip } from './pth/build-zip.ts';
import { refusal } from './refusal.ts';
import { smallSpec } from './small-spec.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { sourceOf, targetOf } from './transfer/official-parameters.ts';

const temporary = temporaryFolder();

/** A file of weights for the parameters, with the names of a library. */
async function written(name: string, naming: 'official' | 'huggingface'): Promise<string> {
  const path = temporary(name);
  const tensors = namingScheme(naming).fromOfficial(sourceOf(targetOf().parameters));
  const data = await Promise.all(
    [...tensors.values()].map(async ({ name: tensorName, shape, read }) => ({
      name: tensorName,
      shape,
      data: await read(),
    })),
  );
  await writeSafetensors(path, data, { made_by: 'a test' });
  return path;
}

describe('what a file is shows in its content', () => {
  test.each(['official', 'huggingface'] as const)(
    'safetensors with %s names, whatever its own name',
    async (naming) => {
      const weights = await openWeights(await written(`${naming}.pth`, naming));
      expect(weights).toMatchObject({ format: 'safetensors', naming, model: undefined });
      expect(Object.fromEntries(weights.metadata)).toEqual({ made_by: 'a test' });
      expect([...weights.tensors.keys()].sort()).toEqual(
        targetOf()
          .parameters.map(({ name }) => name)
          .sort(),
      );
      await weights.close();
    },
  );

  test('a PyTorch checkpoint, whatever its own name', async () => {
    const path = temporary('named.safetensors');
    const view = { stored: 2, shape: [2], strides: [1] };
    const data = pickle(
      dictionary([
        ['module.norm.weight', tensor(view)],
        ['module.blocks.0.attn.qkv.weight', tensor(view)],
      ]),
    );
    const numbers = Buffer.from(Float32Array.of(3, 4).buffer);
    await writeFile(
      path,
      buildZip([
        ['a/data.pkl', data],
        ['a/data/0', numbers],
      ]),
    );
    const weights = await openWeights(path);
    expect(weights).toMatchObject({ format: 'pytorch', naming: 'timm' });
    expect(await weights.tensors.get('norm.weight')?.read()).toEqual(Float32Array.of(3, 4));
    await weights.close();
  });

  test.each<[string, Buffer, string]>([
    ['an empty file', Buffer.alloc(0), 'it has only 0 bytes'],
    ['a text', Buffer.from('these are no weights'), 'its first bytes are of no known format'],
    ['Keras', Buffer.from('\x89HDF\r\n\x1a\n and so on', 'latin1'), 'it is an HDF5 file'],
    ['GGUF', Buffer.from('GGUF and so on'), 'it is a GGUF file'],
    ['NumPy', Buffer.from('\x93NUMPY and so on', 'latin1'), 'it is a NumPy array'],
    [
      'tar',
      Buffer.concat([Buffer.alloc(257, 'x'), Buffer.from('ustar'), Buffer.alloc(250)]),
      'it is a tar archive',
    ],
  ])('%s is told apart', async (_, bytes, reason) => {
    const path = temporary('strange.bin');
    await writeFile(path, bytes);
    const { message, help } = await refusal(openWeights(path));
    expect(message).toContain(`${path} is no file of weights that can be read: ${reason}`);
    expect(help).toContain('.pth');
  });

  test('a file that is missing, or a folder', async () => {
    expect((await refusal(openWeights(temporary('none')))).message).toContain('no such file or folder');
    expect((await refusal(openWeights(temporary('.')))).message).toContain('it is a folder, not a file');
  });
});

describe('the weights of a model', () => {
  const spec = { ...smallSpec(), ...targetOf(), parameters: [...targetOf().parameters] };

  test('come from files of any naming scheme, if all of them fit', async () => {
    const [official, theirs] = await Promise.all(
      (['official', 'huggingface'] as const).map(async (naming) =>
        loadWeights(await written(naming, naming), spec),
      ),
    );
    expect(theirs).toEqual(official);
    expect(official).toHaveLength(spec.parameters.length);
  });

  test('are refused when one is not a number', async () => {
    const path = temporary('diverged.safetensors');
    const tensors = spec.parameters.map(({ name, shape }) => {
      const data = new Float32Array(shape.reduce((product, side) => product * side, 1));
      if (name === 'norm.bias') data[3] = Number.NaN;
      return { name, shape, data };
    });
    await writeSafetensors(path, tensors);
    const { message, help } = await refusal(loadWeights(path, spec));
    expect(message).toContain('not finite: 1 of the 8 of tensor norm.bias, the first is NaN');
    expect(help).toContain('diverged');
  });
});
