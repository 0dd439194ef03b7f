import type { DeviceChoice } from '../engine/choose-engine.ts';
import type { LayerEncoder } from '../engine/onnx/layer-encoder.ts';
import { type EngineKind, openEngine, openLayerEngine } from '../engine/open-engine.ts';
import type { CompiledSpec } from '../model/compiled-spec.ts';
import { UserError } from '../user-error.ts';
import type { CheckpointValues } from '../weights/checkpoint-values.ts';
import { withWeights } from '../weights/open-weights.ts';
import { planTransfer, transferWeights } from '../weights/transfer.ts';
import { defined } from './defined.ts';

export interface EncoderOptions {
  /** As it was compiled. */
  readonly spec: CompiledSpec;
  /** The same for the pictures' size; see `specForPictures`. */
  readonly sized: CompiledSpec;
  readonly directory: string;
  readonly checkpoint: string;
  /** Which of its weights; the running means if left out and it has them. */
  readonly values?: CheckpointValues | undefined;
  readonly engine: EngineKind;
  readonly device: DeviceChoice;
  readonly threads?: number | undefined;
  /** Blocks after which the features are taken; all of them and the last norm if left out. */
  readonly layer?: number | undefined;
}

export interface OpenedEncoder {
  readonly engine: LayerEncoder;
  /** Which of the file's weights it has. */
  readonly values: CheckpointValues;
}

/**
 * An engine with the encoder of a file of weights, for its features: the file needs no decoder. Throws a `UserError` for weights of
 * another encoder, and an `EngineError` where the engine cannot run, or not on the device.
 */
export async function openEncoder(options: EncoderOptions): Promise<OpenedEncoder> {
  const { spec, sized, directory, checkpoint, engine: kind, device, threads, layer } = options;
  if (layer !== undefined && kind !== 'onnx') {
    throw new UserError('a layer in the middle needs the onnx engine', 'leave out --engine, or --layer');
  }
  const target = { name: spec.model.name, parameters: spec.parameters, model: spec.model };
  const { weights, values } = await withWeights(
    checkpoint,
    async (opened) => {
      // What the decoder is does not matter to the encoder's features.
      const plan = planTransfer(target, opened, {
        allowMissing: ['decoder', 'decoder positions', 'prediction', 'encoder norm'],
      });
      return { weights: await transferWeights(plan, 0), values: opened.values };
    },
    options.values,
  );
  const opening = { spec: sized, directory, device, ...defined({ threads }) };
  if (layer !== undefined) return { engine: await openLayerEngine({ ...opening, layer, weights }), values };
  const engine = await openEngine(kind, opening);
  await engine.loadParameters(weights);
  return { engine, values };
}
