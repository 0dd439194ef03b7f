import type { ModelSpec } from '../../language/model-spec.ts';
import { maskedAutoencoderGraph, pretrainingGraph } from '../../model/masked-autoencoder.ts';
import { graphFlops, parameterElements } from '../../passes/cost.ts';
import { gradientStep } from '../../passes/gradient-step.ts';

/** What one change is measured by. */
export interface Estimate {
  readonly parameters: number;
  /** Of one picture in the compiled training step, forward and backward. */
  readonly trainingFlops: number;
}

/** From this many blocks on, each further one adds the same: only the first block has no drop path. */
const REGULAR = 2;

/**
 * Counts models quickly, and each only once: of a deep stack it builds few blocks and adds what each further one adds. The
 * numbers are those of the whole graphs.
 */
export class Estimator {
  private readonly known = new Map<string, Estimate>();

  /** Undefined for a spec that no graph can be built of: one half-way between two others may be none. */
  estimate(spec: ModelSpec): Estimate | undefined {
    try {
      return this.extrapolate(spec);
    } catch {
      return undefined;
    }
  }

  private extrapolate(spec: ModelSpec): Estimate {
    const { encoder, decoder } = spec;
    const encoderDepth = Math.min(encoder.depth, REGULAR);
    const decoderDepth = Math.min(decoder.depth, REGULAR);
    let sum = this.measure(spec, encoderDepth, decoderDepth);
    const base = sum;
    if (encoder.depth > REGULAR) {
      const deeper = this.measure(spec, encoderDepth + 1, decoderDepth);
      sum = plus(sum, minus(deeper, base), encoder.depth - REGULAR);
    }
    if (decoder.depth > REGULAR) {
      const deeper = this.measure(spec, encoderDepth, decoderDepth + 1);
      sum = plus(sum, minus(deeper, base), decoder.depth - REGULAR);
    }
    return sum;
  }

  private measure(spec: ModelSpec, encoderDepth: number, decoderDepth: number): Estimate {
    const shallow: ModelSpec = {
      ...spec,
      encoder: { ...spec.encoder, depth: encoderDepth },
      decoder: { ...spec.decoder, depth: decoderDepth },
    };
    const { image, patch, encoder, decoder, mask, loss } = shallow;
    const { recompute } = shallow.pretrain;
    const key = JSON.stringify([image, patch, encoder, decoder, mask, loss, recompute]);
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const measured: Estimate = {
      parameters: parameterElements(maskedAutoencoderGraph(shallow).parameters),
      trainingFlops: graphFlops(gradientStep(pretrainingGraph(shallow), shallow.pretrain)),
    };
    this.known.set(key, measured);
    return measured;
  }
}

function plus(a: Estimate, b: Estimate, times: number): Estimate {
  return {
    parameters: a.parameters + times * b.parameters,
    trainingFlops: a.trainingFlops + times * b.trainingFlops,
  };
}

function minus(a: Estimate, b: Estimate): Estimate {
  return plus(a, b, -1);
}
