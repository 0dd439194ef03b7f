import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emittedClassifiers, emittedVariety } from './variety.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const require = createRequire(import.meta.url);

/** Each of the lines that carry an expectation must not compile; the others must. */
const MISUSE = `import type { Batch, Images, Matrix, Rows } from 'mae-compiler/tfjs';
import { maskingTensors, ParameterStore, restoreTokens } from 'mae-compiler/tfjs';
import * as base from './base/model.ts';
import * as huge from './huge/model.ts';
import * as sizes from './multiples/model.ts';

declare const images: Parameters<base.MaskedAutoencoder['features']>[0];
declare const host: Parameters<typeof maskingTensors>[0];
declare const bigImages: Parameters<huge.MaskedAutoencoder['features']>[0];
const parameters = new ParameterStore([]);
const model = new base.MaskedAutoencoder(parameters);
const other = new huge.MaskedAutoencoder(parameters);
const masking = maskingTensors(host, base.TOKENS);
const otherMasking = maskingTensors(host, huge.TOKENS);

export const { loss, latent } = model.forward(images, masking);
// Both take pictures of 224 x 224, so these fit; their patches do not.
export const features = other.features(images);
declare const encoded: Rows<50, 768>;
declare const otherEncoded: Rows<65, 1280>;
export const prediction: Rows<196, 768> = model.decoder.forward(encoded, masking);

// One that accepts several sizes takes pictures of any type of its channels.
const several = new sizes.MaskedAutoencoder(parameters);
declare const tall: Images<3, 64, 16>;
declare const grey: Images<1, 64, 16>;
export const batch: Batch<number, 16> = several.features(tall);
// @ts-expect-error: pictures of another number of channels.
several.features(grey);
// @ts-expect-error: it is trained on pictures of its own size.
several.forward(tall, masking);

// @ts-expect-error: 65 tokens of width 1280 for a decoder of 50 tokens of width 768.
model.decoder.forward(otherEncoded, masking);
// @ts-expect-error: the masking of another model.
model.forward(bigImages, otherMasking);
// @ts-expect-error: all tokens where the visible ones are wanted.
model.decoder.forward(model.encoder.forward(undefined as never as Rows<196, 768>), masking);
// @ts-expect-error: blocks of another width.
model.encoder.blocks[0]?.forward(otherEncoded, 65);
// @ts-expect-error: the number of tokens is not that of the rows.
model.encoder.blocks[0]?.forward(encoded, 51);
// @ts-expect-error: a table is not a batch of rows.
model.encoder.norm.forward(model.encoder.posEmbed);
// @ts-expect-error: a weight of other sides.
export const weight: Matrix<768, 768> = model.decoder.embed.weight;
// @ts-expect-error: another model's mask token.
restoreTokens(encoded, other.decoder.maskToken, masking.restore);
// @ts-expect-error: a prediction of another number of patches.
export const wrong: Rows<256, 768> = prediction;
`;

/** Sums, products and thirds of shapes; the last lines are wrong on purpose. */
const ARITHMETIC = `import type { Product, Sum, Third } from 'mae-compiler/tfjs';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
export const right: [
  Equal<Sum<1, 49>, 50>,
  Equal<Sum<999, 1>, 1000>,
  Equal<Sum<0, 0>, 0>,
  Equal<Sum<123456789, 987654321>, 1111111110>,
  Equal<Sum<number, 1>, number>,
  Equal<Product<14, 16>, 224>,
  Equal<Product<0, 16>, 0>,
  Equal<Product<16, 0>, 0>,
  Equal<Product<100, 1280>, 128000>,
  Equal<Product<99999, 99999>, 9999800001>,
  Equal<Third<3840>, 1280>,
  Equal<Third<3>, 1>,
  Equal<Third<0>, 0>,
  Equal<Third<100>, never>,
] = [true, true, true, true, true, true, true, true, true, true, true, true, true, true];

// @ts-expect-error
export const sum: Equal<Sum<1, 49>, 51> = true;
// @ts-expect-error
export const product: Equal<Product<14, 16>, 225> = true;
`;

const TSCONFIG = {
  extends: join(root, 'tsconfig.json'),
  compilerOptions: {
    noEmit: true,
    rootDir: '/',
    types: [],
    paths: { 'mae-compiler/tfjs': [join(root, 'runtime/engine/tfjs/index.ts')] },
  },
  include: ['**/*.ts'],
  exclude: [],
};

describe('generated classes', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mae-generated-'));
    for (const [name, text] of [...emittedVariety(), ...emittedClassifiers()]) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, 'model.ts'), text);
    }
    await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
    await writeFile(join(folder, 'misuse.ts'), MISUSE);
    await writeFile(join(folder, 'arithmetic.ts'), ARITHMETIC);
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const run = (command: string, ...args: string[]) => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [command, ...args], { encoding: 'utf8' });
    return { status, output: stdout + stderr };
  };

  it('are as the formatter and the linter want them, for every kind of model', () => {
    const biome = require.resolve('@biomejs/biome/bin/biome');
    const checked = run(
      biome,
      'check',
      `--config-path=${join(root, 'biome.json')}`,
      '--vcs-enabled=false',
      '--files-max-size=2000000',
      folder,
    );
    expect(checked.output.replaceAll(folder, '')).not.toContain('model.ts');
    expect(checked.output).toContain('No fixes applied');
  });

  it('compile under the strictest settings, and not where shapes do not fit', () => {
    const typescript = join(root, 'node_modules/typescript/bin/tsc');
    const { status, output } = run(typescript, '-p', join(folder, 'tsconfig.json'));
    expect(output.split('\n').slice(0, 20)).toEqual(['']);
    expect(status).toBe(0);
  });
});
