import type { NamedTensor } from '../../engine/engine.ts';
import type { CompiledModel } from '../../model/compiled-spec.ts';
import { UserError } from '../../user-error.ts';
import { writeSafetensors } from '../safetensors.ts';
import { NamingError } from './scheme.ts';
import { type NamingName, namingScheme } from './schemes.ts';

/**
 * Writes a model's weights, given under their official names, as a safetensors file that a library reads: with its
 * names, queries, keys and values apart where it has them apart. Returns how many tensors were written. Throws a
 * `UserError` when the library's model has no place for one of them, or the file cannot be written.
 */
export async function exportWeights(options: {
  readonly model: CompiledModel;
  readonly weights: readonly NamedTensor[];
  readonly naming: NamingName;
  readonly out: string;
}): Promise<number> {
  const { model, weights, naming, out } = options;
  const scheme = namingScheme(naming);
  const official = new Map(
    weights.map(({ name, shape, data }) => [name, { name, shape, read: async () => data }]),
  );
  try {
    if (naming === 'huggingface' && model.mask.tokensInEncoder) {
      throw new NamingError('they have no mask tokens in the encoder');
    }
    const tensors: NamedTensor[] = [];
    for (const { name, shape, read } of scheme.fromOfficial(official).values()) {
      tensors.push({ name, shape, data: await read() });
    }
    // What transformers asks for before it reads a file.
    await writeSafetensors(out, tensors, { format: 'pt' });
    return tensors.length;
  } catch (error) {
    if (!(error instanceof NamingError)) throw error;
    throw new UserError(
      `${model.name} cannot be written for ${scheme.title}: ${error.message}`,
      'choose another --naming: official fits every model',
      { cause: error },
    );
  }
}
