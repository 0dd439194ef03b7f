import type { SourceTensors } from '../weight-source.ts';

/** A library's names of a vision transformer's tensors, and how they are carried to and from the official ones. */
export interface NamingScheme {
  readonly name: 'official' | 'timm' | 'huggingface';
  /** For a sentence: "the names of …". */
  readonly title: string;
  /** Whether tensors of these names are named so. */
  readonly recognises: (names: readonly string[]) => boolean;
  /**
   * The tensors under their official names; those that have none keep theirs. Throws a `NamingError` when one is
   * missing of several that make one.
   */
  readonly toOfficial: (tensors: SourceTensors) => SourceTensors;
  /** The tensors, of official names, as this library has them. Throws a `NamingError` for what it cannot have. */
  readonly fromOfficial: (tensors: SourceTensors) => SourceTensors;
}

/** Why tensors cannot be named; whoever knows the file adds its name. */
export class NamingError extends Error {}
