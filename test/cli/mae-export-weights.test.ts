import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { stripVTControlCharacters } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { main } from '../../cli/main.ts';
import { loadWeights } from '../../runtime/weights/checkpoint.ts';
import { openWeights } from '../../runtime/weights/open-weights.ts';
import { SafetensorsFile, writeSafetensors } from '../../runtime/weights/safetensors.ts';
import { smallSpec } from '../weights/small-spec.ts';
import { temporaryFolder } from '../weights/temporary-folder.ts';
import { sourceOf, targetOf } from '../weights/transfer/official-parameters.ts';

const temporary = temporaryFolder();
const { model, parameters } = targetOf();
const spec = { ...smallSpec(), model, parameters: [...parameters] };

async function mae(...argv: string[]) {
  const written: string[] = [];
  const stream = { isTTY: false, columns: 100, write: (text: string) => written.push(text) };
  const exitCode = await main(argv, { stdout: stream, stderr: stream });
  return { exitCode, text: stripVTControlCharacters(written.join('')) };
}

const exported = (out: string, ...more: string[]) =>
  mae(
    'export',
    temporary('model'),
    '--checkpoint',
    temporary('weights.safetensors'),
    '--weights',
    temporary(out),
    ...more,
  );

beforeAll(async () => {
  await mkdir(temporary('model'));
  await writeFile(temporary('model/spec.json'), JSON.stringify(spec));
  const tensors = [...sourceOf(parameters).values()];
  const data = await Promise.all(
    tensors.map(async ({ name, shape, read }) => ({ name, shape, data: await read() })),
  );
  await writeSafetensors(temporary('weights.safetensors'), data);
});

describe('mae export --weights', () => {
  test.each([
    { naming: 'official', count: 50, name: 'blocks.1.attn.qkv.weight' },
    // Three for each of six tensors of queries, keys and values.
    { naming: 'huggingface', count: 62, name: 'vit.encoder.layer.1.attention.attention.key.weight' },
  ])('writes $naming names that give the same weights again', async ({ naming, count, name }) => {
    const out = `${naming}.safetensors`;
    expect(await exported(out, '--naming', naming)).toEqual({
      exitCode: 0,
      text: `weights   weights.safetensors: parameters\nwrote     ${temporary(out)} (${count} tensors, names: ${naming})\n`,
    });
    const file = await SafetensorsFile.open(temporary(out));
    expect(Object.fromEntries(file.metadata)).toEqual({ format: 'pt' });
    expect(file.tensors.size).toBe(count);
    expect([...file.tensors.keys()]).toContain(name);
    await file.close();
    expect(await loadWeights(temporary(out), spec)).toEqual(
      await loadWeights(temporary('weights.safetensors'), spec),
    );
  });

  test('writes the encoder for timm', async () => {
    expect((await exported('timm.safetensors', '--naming', 'timm')).exitCode).toBe(0);
    const [weights, whole] = await Promise.all(
      ['timm.safetensors', 'weights.safetensors'].map((name) => openWeights(temporary(name))),
    );
    expect(weights?.naming).toBe('timm');
    expect([...(weights?.tensors.keys() ?? [])].sort()).toEqual(
      parameters
        .map(({ name }) => name)
        .filter((name) => !/^(decoder_|mask_token)/.test(name))
        .sort(),
    );
    for (const [name, { read }] of weights?.tensors ?? []) {
      expect(await read()).toEqual(await whole?.tensors.get(name)?.read());
    }
    await weights?.close();
    await whole?.close();
  });

  test('takes the official names if none are given', async () => {
    expect((await exported('plain.safetensors')).text).toContain('names: official');
  });

  test('never writes over the checkpoint', async () => {
    const before = await readFile(temporary('weights.safetensors'));
    const { exitCode, text } = await exported('weights.safetensors');
    expect({ exitCode, text }).toMatchObject({
      exitCode: 1,
      text: expect.stringContaining('is the checkpoint itself'),
    });
    expect(await readFile(temporary('weights.safetensors'))).toEqual(before);
  });

  test('says what a library has no place for', async () => {
    const other = { ...spec, model: { ...model, mask: { ...model.mask, tokensInEncoder: true } } };
    await writeFile(temporary('model/spec.json'), JSON.stringify(other));
    const { exitCode, text } = await exported('no.safetensors', '--naming', 'huggingface');
    await writeFile(temporary('model/spec.json'), JSON.stringify(spec));
    expect(exitCode).toBe(1);
    expect(text).toContain(
      "small cannot be written for Hugging Face's ViT and ViTMAE: they have no mask tokens",
    );
  });

  test.each([
    [
      ['--naming', 'timm', '--out', 'x'],
      "option '--weights <file>' cannot be used with option '--out <file>'",
    ],
    [['--naming', 'keras'], 'official, timm, huggingface'],
  ])('%j is a wrong command line', async (more, part) => {
    const { exitCode, text } = await exported('never.safetensors', ...more);
    expect(exitCode).toBe(2);
    expect(text).toContain(part);
  });

  test('--naming alone is a wrong command line', async () => {
    const { exitCode, text } = await mae('export', 'x', '--checkpoint', 'c', '--naming', 'timm');
    expect(exitCode).toBe(2);
    expect(text).toContain('--naming needs --weights');
  });
});
