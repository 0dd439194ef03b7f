import { gravest, rankOf } from '../../language/schema/change-class.ts';
import { COMPILER_VERSION } from '../../version.ts';
import { countClasses } from '../diff-models.ts';
import type {
  Change,
  DiffReport,
  OnnxDiff,
  OnnxFate,
  OnnxWeight,
  OnnxWeightChange,
  SideFacts,
} from '../report.ts';
import type { OnnxFile } from './onnx-file.ts';
import { type OnnxPair, onnxRules, operatorCounts, SPEC_HASH } from './onnx-rules.ts';

/** One side of an audit. */
export interface OnnxSide {
  readonly facts: SideFacts;
  /** The file; of a spec, what it compiles to. */
  readonly file: OnnxFile;
}

/** Compares two ONNX files, or a file with what a spec compiles to. */
export function diffOnnx(old: OnnxSide, now: OnnxSide): DiffReport {
  const withSpec = old.facts.kind !== 'onnx' || now.facts.kind !== 'onnx';
  const weights = weightChanges(old.file, now.file, withSpec);
  const pair: OnnxPair = { old: old.file, new: now.file, weights, withSpec };
  const changes = onnxRules
    .flatMap(({ id, gravest: grade, find }) =>
      find(pair).map(
        (finding): Change => ({
          rule: id,
          class: grade,
          path: '',
          ...finding,
          effect: null,
          at: { old: null, new: null },
        }),
      ),
    )
    .sort((a, b) => rankOf(a.class) - rankOf(b.class));
  const onnx: OnnxDiff = {
    old: old.file.facts,
    new: now.file.facts,
    compiledFrom: withSpec ? answerOf(old, now, changes) : null,
    changes,
    operators: operatorCounts(old.file, now.file),
    weights,
  };
  return {
    version: 1,
    compiler: COMPILER_VERSION,
    old: old.facts,
    new: now.facts,
    gravest: gravest(changes.map((change) => change.class)) ?? null,
    counts: countClasses([{ changes }]),
    models: [],
    onnx,
  };
}

/** Every weight and parameter of both files once. */
function weightChanges(old: OnnxFile, now: OnnxFile, withSpec: boolean): OnnxWeightChange[] {
  const names = [...new Set([...old.weights.keys(), ...now.weights.keys()])];
  return names.map((name): OnnxWeightChange => {
    const [before, after] = [old.weights.get(name) ?? null, now.weights.get(name) ?? null];
    return { name, fate: fateOf(before, after, withSpec), old: before, new: after };
  });
}

function fateOf(old: OnnxWeight | null, now: OnnxWeight | null, withSpec: boolean): OnnxFate {
  if (old === null) return 'new';
  if (now === null) return 'dropped';
  if (old.type !== now.type || old.shape.join() !== now.shape.join()) return 'replaced';
  if (old.sha256 === now.sha256) return 'kept';
  if (old.sha256 !== null && now.sha256 !== null) return 'changed';
  // Of a spec there are no numbers that could differ.
  if (withSpec) return 'kept';
  return old.sha256 === null ? 'embedded' : 'taken-out';
}

/** Whether the file was compiled from the spec, and how one can tell. */
function answerOf(old: OnnxSide, now: OnnxSide, changes: readonly Change[]): OnnxDiff['compiledFrom'] {
  const [spec, { file }] = old.facts.kind === 'onnx' ? [now, old] : [old, now];
  const { metadata, producerVersion } = file.facts;
  const named = `${metadata['mae.graph'] ?? ''} of ${metadata['mae.model'] ?? ''}`;
  const sameHash = metadata[SPEC_HASH] === spec.file.facts.metadata[SPEC_HASH];
  const same = changes.every((change) => change.class === 'cosmetic');
  const count = [...file.weights.values()].filter(({ sha256 }) => sha256 !== null).length;
  const held = count > 0 ? `, and so are the shapes of the ${count} weights in it` : '';
  if (sameHash && same) {
    return {
      yes: true,
      answer: `yes: ${named} was compiled from this spec: the hash, the operators, the inputs and outputs are the spec’s${held}`,
    };
  }
  if (sameHash) {
    const version = producerVersion === COMPILER_VERSION ? '' : ` (it says ${producerVersion || 'none'})`;
    return {
      yes: false,
      answer: `no: it has the hash of this spec, but not its graph: it was changed afterwards, or written by another version of the compiler${version}`,
    };
  }
  return {
    yes: false,
    answer: same
      ? 'no: it was compiled from another spec, which differs in nothing that this graph computes'
      : 'no: it was compiled from another spec, and computes something else',
  };
}
