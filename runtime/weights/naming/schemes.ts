import { renamed, type SourceTensors } from '../weight-source.ts';
import { HUGGING_FACE } from './hugging-face.ts';
import { OFFICIAL } from './official.ts';
import { NamingError, type NamingScheme } from './scheme.ts';
import { TIMM } from './timm.ts';

/** Every scheme; the first that recognises names is theirs. */
export const NAMING_SCHEMES: readonly NamingScheme[] = [OFFICIAL, HUGGING_FACE, TIMM];

export type NamingName = NamingScheme['name'];

/** For the choice on a command line. */
export const NAMING_NAMES: readonly NamingName[] = ['official', 'timm', 'huggingface'];

/** What wrappers put before names: data parallelism, trainers, torch.compile. */
export const PREFIXES = ['module.', 'model.', 'backbone.', '_orig_mod.'] as const;

/** Of a command's `--naming`, or a scheme's own name. */
export function namingScheme(name: NamingName): NamingScheme {
  const scheme = NAMING_SCHEMES.find((known) => known.name === name);
  if (scheme === undefined) throw new RangeError(`there is no naming scheme ${name}`);
  return scheme;
}

export interface RecognisedNames {
  /** `undefined` when the names are of no known scheme. */
  readonly scheme: NamingScheme | undefined;
  /** Under their official names; as they are when they are of no known scheme. */
  readonly tensors: SourceTensors;
}

/**
 * Tells by names alone whose they are, wrappers' prefixes taken off, and carries them to the official ones.
 * Throws a `NamingError` when two tensors would then have one name, or a part of one is missing.
 */
export function recogniseNames(tensors: SourceTensors): RecognisedNames {
  for (let bare: SourceTensors | undefined = tensors; bare !== undefined; bare = withoutPrefix(bare)) {
    const names = [...bare.keys()];
    const scheme = NAMING_SCHEMES.find((known) => known.recognises(names));
    if (scheme !== undefined) return { scheme, tensors: scheme.toOfficial(bare) };
  }
  return { scheme: undefined, tensors };
}

/** The tensors without the first prefix that some of their names have; `undefined` when none has any. */
function withoutPrefix(tensors: SourceTensors): SourceTensors | undefined {
  const names = [...tensors.keys()];
  const prefix = PREFIXES.find((known) => names.some((name) => name.startsWith(known)));
  if (prefix === undefined) return undefined;
  const bare = new Map(
    [...tensors.values()].map((tensor) => {
      const name = tensor.name.startsWith(prefix) ? tensor.name.slice(prefix.length) : tensor.name;
      return [name, renamed(tensor, name)] as const;
    }),
  );
  if (bare.size < tensors.size)
    throw new NamingError(`there are tensors with and without the prefix "${prefix}"`);
  return bare;
}
