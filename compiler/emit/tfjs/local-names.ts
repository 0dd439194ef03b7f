import type { Node, Value } from '../../ir/graph.ts';
import { camelCase } from './names.ts';

/** What the result of an op is called where nothing says it better. One for each op that generated classes can contain. */
export const RESULT_NAMES: Readonly<Record<string, string>> = {
  add: 'sum',
  'add-per-token': 'placed',
  attention: 'mixed',
  'batch-norm': 'normalized',
  'drop-path': 'thinned',
  dropout: 'thinned',
  'gather-positions': 'positions',
  'gather-rows': 'kept',
  gelu: 'activated',
  'layer-norm': 'normalized',
  linear: 'projected',
  'masked-mean-error': 'loss',
  'mean-error': 'loss',
  'mean-tokens': 'pooled',
  multiply: 'product',
  'normalize-patches': 'target',
  'pad-images': 'padded',
  'pad-to-multiple': 'padded',
  patchify: 'patches',
  'prepend-tokens': 'tokens',
  'query-key-norm': 'normalized',
  'resize-positions': 'positions',
  'restore-tokens': 'restored',
  'running-mean': 'nextMean',
  'running-variance': 'nextVariance',
  'scale-columns': 'scaled',
  'slice-tokens': 'part',
  'softmax-cross-entropy': 'loss',
  'split-batch': 'batch',
  'standardize-columns': 'normalized',
};

/** What the result of a module in such a field is called. */
const FIELD_RESULTS: Readonly<Record<string, string>> = {
  attn: 'attended',
  decoder: 'prediction',
  embed: 'embedded',
  encoder: 'latent',
  fc1: 'hidden',
  head: 'logits',
  mlp: 'transformed',
  patch_embed: 'embedded',
  pred: 'pixels',
  qkv: 'qkv',
};

/** What the result of a module is called, by its field and by what goes in. */
export function moduleResultName(segment: string, inputName: string | undefined): string {
  // A layer scale leaves what it scales what it is.
  if (/^ls\d*$/.test(segment)) return inputName ?? 'scaled';
  return FIELD_RESULTS[segment] ?? (/norm/i.test(segment) ? 'normalized' : `${camelCase(segment)}Output`);
}

/** Names of inputs that say nothing about what is put in. */
const GENERIC_INPUTS: ReadonlySet<string> = new Set(['x']);

/** Where a value is put into a module's input, the input's name, unless it fits anything. */
export function inputHint(name: string): string[] {
  return GENERIC_INPUTS.has(name) ? [] : [name];
}

/**
 * Names for the result of an op. A sum is called after what was added: `attended = add(x, this.attn.forward(…))`,
 * `clsToken = add(this.clsToken, …)`. `nameOf` knows the names of modules' results and of parameters.
 */
export function nodeHints(node: Node, nameOf: (value: Value) => string | undefined): string[] {
  const added = node.op.name === 'add' ? node.inputs.map(nameOf) : [];
  return [...added.filter((name) => name !== undefined), RESULT_NAMES[node.op.name] ?? 'result'];
}
