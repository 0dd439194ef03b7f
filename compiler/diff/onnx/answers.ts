import { counted, listOf } from '../../language/words.ts';
import { COMPILER_VERSION } from '../../version.ts';
import type { Answer, Change, OnnxFate, OnnxWeightChange } from '../report.ts';
import { describeLargest, joinDifferences } from '../weights/numbers.ts';
import type { OnnxSide } from './diff-onnx.ts';
import { SPEC_HASH } from './onnx-rules.ts';

/** Whether the file was compiled from the spec, and how one can tell. */
export function compiledFrom(old: OnnxSide, now: OnnxSide, changes: readonly Change[]): Answer {
  const [{ file }, spec] = fileAndOther(old, now);
  const { metadata } = file.facts;
  const sameHash = metadata[SPEC_HASH] === spec.file.facts.metadata[SPEC_HASH];
  const same = changes.every((change) => change.class === 'cosmetic');
  const count = heldWeights(file);
  const held = count > 0 ? `, and so are the shapes of the ${count} weights in it` : '';
  if (sameHash && same) {
    return {
      yes: true,
      answer: `yes: ${graphOf(file)} was compiled from this spec: the hash, the operators, the inputs and outputs are the spec’s${held}`,
    };
  }
  if (sameHash) {
    return {
      yes: false,
      answer: `no: it has the hash of this spec, but not its graph: it was changed afterwards, or written by another version of the compiler${versionOf(file)}`,
    };
  }
  return {
    yes: false,
    answer: same
      ? 'no: it was compiled from another spec, which differs in nothing that this graph computes'
      : 'no: it was compiled from another spec, and computes something else',
  };
}

/**
 * Whether the file was exported from the checkpoint: graph and numbers. `compiled` says whether its graph is that of the checkpoint's
 * model; null where that cannot be told.
 */
export function exportedFrom(
  old: OnnxSide,
  now: OnnxSide,
  weights: readonly OnnxWeightChange[],
  compiled: Answer | null,
): Answer {
  const [{ file }] = fileAndOther(old, now);
  const count = (...fates: readonly OnnxFate[]) => weights.filter(({ fate }) => fates.includes(fate)).length;
  const held = heldWeights(file);
  const inputs = count('embedded', 'taken-out');
  if (held === 0) {
    return {
      yes: false,
      answer: `no: it holds no weights: ${counted(inputs, 'parameter is an input', 'parameters are inputs')}, into which mae export puts those of a checkpoint`,
    };
  }
  const equal = count('kept', 'renamed');
  const unused = count('unused');
  const rest =
    unused === 0 ? '' : `; it does without ${counted(unused, 'tensor', 'tensors')} of the checkpoint`;
  if (equal === file.weights.size) {
    const numbers = `${held === 1 ? 'its only weight is' : `all ${held} weights in it are`} the checkpoint’s, bit by bit`;
    if (compiled?.yes) {
      return {
        yes: true,
        answer: `yes: ${graphOf(file)} was exported from this checkpoint: its graph is that of the checkpoint’s model, and ${numbers}${rest}`,
      };
    }
    const graph = compiled === null ? 'is not known to be' : 'is not';
    return {
      yes: false,
      answer: `no: ${numbers}, but its graph ${graph} that of the checkpoint’s model${writtenBy(file)}`,
    };
  }
  const differences = weights.flatMap(({ fate, numbers }) =>
    fate === 'changed' && numbers ? [numbers] : [],
  );
  const largest = differences.length === 0 ? '' : `, ${describeLargest(joinDifferences(differences))}`;
  const wrong = [
    [count('changed'), (n: number) => `${n} ${n === 1 ? 'has' : 'have'} other numbers${largest}`],
    [count('replaced'), (n: number) => `${n} ${n === 1 ? 'has' : 'have'} another shape or type`],
    [count('new', 'dropped'), (n: number) => `${n} ${n === 1 ? 'is' : 'are'} not in the checkpoint`],
    [inputs, (n: number) => `${n} ${n === 1 ? 'is an input' : 'are inputs'}`],
  ] as const;
  const listed = listOf(wrong.flatMap(([n, say]) => (n === 0 ? [] : [say(n)])));
  return {
    yes: false,
    answer: `no: of the ${file.weights.size} weights of the graph ${equal} ${equal === 1 ? 'is' : 'are'} the checkpoint’s, bit by bit; ${listed}`,
  };
}

function fileAndOther(old: OnnxSide, now: OnnxSide): [OnnxSide, OnnxSide] {
  return old.facts.kind === 'onnx' ? [old, now] : [now, old];
}

function heldWeights({ weights }: OnnxSide['file']): number {
  return [...weights.values()].filter(({ sha256 }) => sha256 !== null).length;
}

/** "encoder of vit-base". */
function graphOf({ facts: { metadata } }: OnnxSide['file']): string {
  return `${metadata['mae.graph'] ?? ''} of ${metadata['mae.model'] ?? ''}`;
}

/** What a file says of the compiler that wrote it, where that is not this one. */
function versionOf({ facts: { producerVersion } }: OnnxSide['file']): string {
  return producerVersion === COMPILER_VERSION ? '' : ` (it says ${producerVersion || 'none'})`;
}

function writtenBy({ facts: { producer, producerVersion } }: OnnxSide['file']): string {
  if (producerVersion === COMPILER_VERSION) return '';
  return `; it was written by ${`${producer} ${producerVersion}`.trim() || 'an unknown program'}`;
}
