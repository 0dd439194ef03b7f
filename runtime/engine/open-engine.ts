import type { CompiledClassifier, CompiledSpec } from '../model/compiled-spec.ts';
import { chooseDevice, type DeviceChoice, type EngineKind } from './choose-engine.ts';
import type { ChosenDevice, Device } from './device.ts';
import { type ClassifierEngine, EngineError, type NamedTensor, type PretrainingEngine } from './engine.ts';
import type { LayerEncoder } from './onnx/layer-encoder.ts';
import type { BackendName } from './tfjs/backends.ts';

export { ENGINE_KINDS, type EngineKind } from './choose-engine.ts';

/** What every engine is made from. */
export interface EngineOptions {
  readonly spec: CompiledSpec;
  /** Folder of spec.json: the compiled graphs and the generated classes are found from here. */
  readonly directory: string;
  /** Threads of the engine; its own choice when left out. An engine that has no such choice ignores it. */
  readonly threads?: number;
  /** `auto` takes the best that is here. When left out, the onnx engine is on the CPU and the tfjs engine on its best backend. */
  readonly device?: DeviceChoice;
}

/** Each engine's library is loaded only when it is asked for. */
const ENGINES = {
  onnx: async (options: EngineOptions, device?: Device): Promise<PretrainingEngine> => {
    const { createOnnxEngine } = await import('./onnx/onnx-engine.ts');
    const { spec, directory, threads } = options;
    return createOnnxEngine({ spec, directory, ...defined({ threads, device }) });
  },
  tfjs: async ({ spec, directory }: EngineOptions, device?: Device): Promise<PretrainingEngine> => {
    const { createTfjsEngine } = await import('./tfjs/tfjs-engine.ts');
    return createTfjsEngine({ spec, directory, ...(await backendOn(device)) });
  },
} satisfies Record<EngineKind, unknown>;

/**
 * Opens an engine without parameters: load some before a step. Throws an `EngineError` where it cannot run, or not on the device
 * that was named.
 */
export async function openEngine(kind: EngineKind, options: EngineOptions): Promise<PretrainingEngine> {
  return openOn(kind, options, (device) => ENGINES[kind](options, device));
}

/** What a classifier's engine is made from. */
export interface ClassifierEngineOptions extends EngineOptions {
  /** Which of the spec's classifiers it is. */
  readonly training: 'finetune' | 'linear-probe';
}

const CLASSIFIER_ENGINES = {
  onnx: async (options: OpenClassifier, device?: Device): Promise<ClassifierEngine> => {
    const { createOnnxClassifier } = await import('./onnx/classifier-engine.ts');
    const { spec, directory, training, classifier, threads } = options;
    return createOnnxClassifier({ spec, directory, training, classifier, ...defined({ threads, device }) });
  },
  tfjs: async (options: OpenClassifier, device?: Device): Promise<ClassifierEngine> => {
    const { createTfjsClassifier } = await import('./tfjs/classifier-engine.ts');
    const { spec, directory, training, classifier } = options;
    return createTfjsClassifier({ spec, directory, training, classifier, ...(await backendOn(device)) });
  },
} satisfies Record<EngineKind, unknown>;

interface OpenClassifier extends ClassifierEngineOptions {
  readonly classifier: CompiledClassifier;
}

/** As `openEngine`, of a classifier. Throws an `EngineError` where the spec has none of that training. */
export async function openClassifierEngine(
  kind: EngineKind,
  options: ClassifierEngineOptions,
): Promise<ClassifierEngine> {
  const { spec, training } = options;
  const classifier = spec.classifiers[training];
  if (classifier === undefined) {
    throw new EngineError(
      `${spec.model.name} has no ${training} recipe, so no classifier was compiled for it`,
      `add one to its spec, such as ${training} using mae-${training}, and compile it again`,
    );
  }
  return openOn(kind, options, (device) => CLASSIFIER_ENGINES[kind]({ ...options, classifier }, device));
}

/** What the first blocks of an encoder are made from. */
export interface LayerEngineOptions extends EngineOptions {
  /** How many blocks a picture goes through, from 1. */
  readonly layer: number;
  /** Every parameter of the model. */
  readonly weights: readonly NamedTensor[];
}

/** As `openEngine` of the onnx engine, of the encoder's first blocks with their weights. Throws an `EngineError` for a layer that it does not have. */
export async function openLayerEngine(options: LayerEngineOptions): Promise<LayerEncoder> {
  const { spec, directory, layer, weights, threads } = options;
  return openOn('onnx', options, async (device) => {
    const { openLayerEncoder } = await import('./onnx/layer-encoder.ts');
    return openLayerEncoder({ spec, directory, layer, weights, ...defined({ threads, device }) });
  });
}

/** Opens an engine on the device of its choice, and notes the choice. */
async function openOn<Engine extends { readonly choice?: ChosenDevice }>(
  kind: EngineKind,
  { device }: EngineOptions,
  open: (device?: Device) => Promise<Engine>,
): Promise<Engine> {
  if (device === undefined) return open();
  const choice: ChosenDevice = await chooseDevice(kind, device);
  return Object.assign(await open(choice.device), { choice });
}

async function backendOn(device: Device | undefined): Promise<{ backend?: BackendName }> {
  if (device === undefined) return {};
  const { findBackend } = await import('./tfjs/devices.ts');
  const found = await findBackend(device);
  if (found.kind === 'found') return { backend: found.name };
  throw new EngineError(`the tfjs engine cannot compute on ${device}: ${found.reason}`, found.help);
}

/** The entries that have a value. */
function defined<Entries extends object>(
  entries: Entries,
): { [Key in keyof Entries]?: Exclude<Entries[Key], undefined> };
function defined(entries: object): object {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
}
