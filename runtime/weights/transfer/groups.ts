/** The parts of a model that weights are carried over by. */
export type GroupName =
  | 'patch embedding'
  | 'positions'
  | 'class token'
  | 'registers'
  | 'encoder blocks'
  | 'encoder norm'
  | 'pooling norm'
  | 'head'
  | 'decoder'
  | 'decoder positions'
  | 'prediction'
  | 'rest';

export interface ParameterGroup {
  readonly name: GroupName;
  /** For a sentence. */
  readonly title: string;
  /** Of its tensors' official names. */
  readonly pattern: RegExp;
  /** Whether it is drawn anew without being asked when the file has none, or one of other shapes. */
  readonly fresh: boolean;
  /** Whether a model without it may leave that of the file: its own tensors then mean the same. */
  readonly leavable: boolean;
}

const group = (
  name: GroupName,
  title: string,
  pattern: RegExp,
  rules: { readonly fresh?: boolean; readonly leavable?: boolean } = {},
): ParameterGroup => ({ name, title, pattern, fresh: false, leavable: false, ...rules });

/** Every group; a tensor is in the first whose pattern it matches. */
export const PARAMETER_GROUPS: readonly ParameterGroup[] = [
  group('patch embedding', 'the patch embedding', /^patch_embed\./),
  group('positions', 'the positions', /^pos_embed$/),
  group('class token', 'the class token', /^cls_token$/),
  group('registers', 'the registers', /^reg_token$/),
  group('encoder blocks', 'the encoder blocks', /^blocks\.\d+\./),
  // A classifier that pools by the mean has a norm of its own in its place, and draws it anew, as the official code does.
  group('encoder norm', "the encoder's norm", /^norm\./, { leavable: true }),
  group('pooling norm', 'the norm before the head', /^fc_norm\./, { fresh: true, leavable: true }),
  group('head', 'the head', /^head\./, { fresh: true, leavable: true }),
  group('decoder', 'the decoder', /^(decoder_embed|decoder_blocks|decoder_norm)\.|^mask_token$/, {
    leavable: true,
  }),
  group('decoder positions', "the decoder's positions", /^decoder_pos_embed$/, { leavable: true }),
  group('prediction', "the decoder's prediction", /^decoder_pred\./, { leavable: true }),
  group('rest', 'other tensors', /^/, { leavable: true }),
];

/** The group of a tensor, by its official name. */
export function groupOf(name: string): ParameterGroup {
  const found = PARAMETER_GROUPS.find(({ pattern }) => pattern.test(name));
  if (found === undefined) throw new RangeError(`no group has ${name}`);
  return found;
}
