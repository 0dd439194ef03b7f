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
import { decodeNumbers, differenceOf } from '../weights/numbers.ts';
import { compiledFrom, exportedFrom } from './answers.ts';
import { type CheckpointWeights, compareWithCheckpoint } from './checkpoint-weights.ts';
import type { OnnxFile } from './onnx-file.ts';
import { type OnnxPair, onnxRules, operatorCounts } from './onnx-rules.ts';

/** One side of an audit. */
export interface OnnxSide {
  readonly facts: SideFacts;
  /** The file; of a spec or a checkpoint, what it compiles to. */
  readonly file: OnnxFile;
  /** Of a checkpoint: what stands for the weights. */
  readonly checkpoint?: CheckpointWeights;
  /** Whether `file` has only the metadata of a checkpoint, and else what the other side has: it compiles to no such graph. */
  readonly isGraphless?: boolean;
}

/** Compares two ONNX files, or a file with what a spec or the model of a checkpoint compiles to. */
export function diffOnnx(old: OnnxSide, now: OnnxSide): DiffReport {
  const withSpec = old.facts.kind !== 'onnx' || now.facts.kind !== 'onnx';
  const withCheckpoint = old.checkpoint !== undefined || now.checkpoint !== undefined;
  const shapes = weightChanges(old.file, now.file, withSpec);
  const weights = withCheckpoint ? checkpointChanges(old, now) : shapes;
  const pair: OnnxPair = { old: old.file, new: now.file, weights, withSpec, withCheckpoint };
  const changes = changesOf(pair);
  const ofSpec = withCheckpoint ? changesOf({ ...pair, weights: shapes, withCheckpoint: false }) : changes;
  const isGraphless = old.isGraphless === true || now.isGraphless === true;
  const compiled = withSpec && !isGraphless ? compiledFrom(old, now, ofSpec) : null;
  const onnx: OnnxDiff = {
    old: old.file.facts,
    new: now.file.facts,
    compiledFrom: compiled,
    exportedFrom: withCheckpoint ? exportedFrom(old, now, weights, compiled) : null,
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

function changesOf(pair: OnnxPair): Change[] {
  return onnxRules
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
}

function checkpointChanges(old: OnnxSide, now: OnnxSide): OnnxWeightChange[] {
  if (now.checkpoint !== undefined) return compareWithCheckpoint(old.file, now.checkpoint, 'old');
  return old.checkpoint === undefined ? [] : compareWithCheckpoint(now.file, old.checkpoint, 'new');
}

/** Every weight and parameter of both files once. */
function weightChanges(old: OnnxFile, now: OnnxFile, withSpec: boolean): OnnxWeightChange[] {
  const names = [...new Set([...old.weights.keys(), ...now.weights.keys()])];
  return names.map((name): OnnxWeightChange => {
    const [before, after] = [old.weights.get(name) ?? null, now.weights.get(name) ?? null];
    const fate = fateOf(before, after, withSpec);
    const numbers = fate === 'changed' ? differenceIn(name, old, now) : {};
    return { name, fate, old: before, new: after, ...numbers };
  });
}

function differenceIn(name: string, old: OnnxFile, now: OnnxFile): Pick<OnnxWeightChange, 'numbers'> {
  const [before, after] = [old, now].map((file) => {
    const numbers = file.numbers(name);
    return numbers && decodeNumbers(numbers);
  });
  return before && after?.length === before.length ? { numbers: differenceOf(before, after) } : {};
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
