import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { EngineError } from '../engine.ts';
import type { Masking, MaskingCounts } from './masking.ts';
import type { ParameterSource } from './parameters.ts';
import type { Batch, Images, Scalar } from './shapes.ts';

/** What the engine knows of a generated class `MaskedAutoencoder`; its own types say more. */
export interface GeneratedModel {
  forward(
    images: Images<number, number, number>,
    masking: Masking<number, number, number>,
  ): {
    readonly loss: Scalar;
    readonly prediction: Batch<number, number>;
    readonly latent: Batch<number, number>;
  };
  features(images: Images<number, number, number>): Batch<number, number>;
}

interface GeneratedModule {
  readonly MaskedAutoencoder: new (parameters: ParameterSource) => GeneratedModel;
  readonly TOKENS: MaskingCounts<number, number, number>;
}

const COMPILE = 'compile it: mae-compile spec/ --out generated';

/** Loads `model.js` of a compiled model's folder. Throws an `EngineError` when it is not there or is something else. */
export async function loadGeneratedModule(directory: string | URL): Promise<GeneratedModule> {
  const folder = typeof directory === 'string' ? directory : fileURLToPath(directory);
  const path = resolve(folder, 'model.js');
  const exists = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!exists) throw new EngineError(`there are no generated classes at ${path}`, COMPILE);
  const loaded: unknown = await import(/* @vite-ignore */ pathToFileURL(path).href);
  if (!isGeneratedModule(loaded)) throw new EngineError(`${path} is no generated model`, COMPILE);
  return loaded;
}

function isGeneratedModule(loaded: unknown): loaded is GeneratedModule {
  return (
    typeof loaded === 'object' &&
    loaded !== null &&
    'MaskedAutoencoder' in loaded &&
    typeof loaded.MaskedAutoencoder === 'function' &&
    'TOKENS' in loaded &&
    typeof loaded.TOKENS === 'object'
  );
}
