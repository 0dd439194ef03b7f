import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Tensor } from '@tensorflow/tfjs';
import { EngineError } from '../engine.ts';
import type { Drops } from './drops.ts';
import type { Masking, MaskingCounts } from './masking.ts';
import type { ParameterSource } from './parameters.ts';
import type { Batch, Images, Rows, Scalar } from './shapes.ts';

/** What the engine knows of a generated class `MaskedAutoencoder`; its own types say more. */
export interface GeneratedModel {
  forward(
    images: Images<number, number, number>,
    masking: Masking<number, number, number>,
    drops?: Drops,
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

/** What the engine knows of a generated class of a classifier. */
export interface GeneratedClassifier {
  forward(images: Images<number, number, number>): {
    readonly logits: Rows<1, number>;
    readonly features: Rows<1, number>;
  };
  /** Results beside the loss are named by the class: statistics, for one. */
  train(
    images: Images<number, number, number>,
    targets: Rows<1, number>,
    drops?: Drops,
  ): { readonly loss: Scalar } & Readonly<Record<string, Tensor>>;
}

type GeneratedClassifierClass = new (parameters: ParameterSource) => GeneratedClassifier;

/** The file of a compiled model's folder that each classifier's class is in, and the class. */
const CLASSIFIERS = {
  finetune: { file: 'classifier.js', className: 'Classifier' },
  'linear-probe': { file: 'linear-classifier.js', className: 'LinearProbe' },
} as const;

/** Loads the class of a classifier. Throws an `EngineError` when its file is not there or is something else. */
export async function loadGeneratedClassifier(
  directory: string | URL,
  training: keyof typeof CLASSIFIERS,
): Promise<GeneratedClassifierClass> {
  const { file, className } = CLASSIFIERS[training];
  const { path, loaded } = await load(directory, file);
  const found = className in loaded ? loaded[className] : undefined;
  if (!isClassifier(found)) throw new EngineError(`${path} is no generated classifier`, COMPILE);
  return found;
}

function isClassifier(found: unknown): found is GeneratedClassifierClass {
  return typeof found === 'function';
}

/** Loads `model.js` of a compiled model's folder. Throws an `EngineError` when it is not there or is something else. */
export async function loadGeneratedModule(directory: string | URL): Promise<GeneratedModule> {
  const { path, loaded } = await load(directory, 'model.js');
  if (!isGeneratedModule(loaded)) throw new EngineError(`${path} is no generated model`, COMPILE);
  return loaded;
}

async function load(
  directory: string | URL,
  file: string,
): Promise<{ readonly path: string; readonly loaded: Readonly<Record<string, unknown>> }> {
  const folder = typeof directory === 'string' ? directory : fileURLToPath(directory);
  const path = resolve(folder, file);
  const exists = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!exists) throw new EngineError(`there are no generated classes at ${path}`, COMPILE);
  const loaded: Readonly<Record<string, unknown>> = await import(/* @vite-ignore */ pathToFileURL(path).href);
  return { path, loaded };
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
