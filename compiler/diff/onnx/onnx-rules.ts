import type { ChangeClass } from '../../language/schema/change-class.ts';
import { counted, listOf } from '../../language/words.ts';
import type { OnnxFate, OnnxPort, OnnxWeightChange } from '../report.ts';
import { describeLargest, joinDifferences } from '../weights/numbers.ts';
import type { OnnxFile } from './onnx-file.ts';

/** One difference between two ONNX files. */
export interface OnnxFinding {
  /** Of what differs; of several things, the first. */
  readonly old: string | null;
  readonly new: string | null;
  readonly message: string;
}

export interface OnnxPair {
  readonly old: OnnxFile;
  readonly new: OnnxFile;
  readonly weights: readonly OnnxWeightChange[];
  /** Whether one side is what a spec compiles to: weights are inputs there, and there is nothing but the spec's metadata. */
  readonly withSpec: boolean;
  /** Whether that spec is a checkpoint's, whose tensors stand for the weights. */
  readonly withCheckpoint: boolean;
}

export interface OnnxRule {
  /** Stable, in kebab-case. */
  readonly id: string;
  readonly title: string;
  readonly gravest: ChangeClass;
  readonly keys: readonly [];
  find(pair: OnnxPair): readonly OnnxFinding[];
}

/** What the compiler says in a file's metadata of the spec that it was compiled from. */
export const SPEC_HASH = 'mae.spec.hash';
const OF_SPEC: readonly string[] = ['mae.model', 'mae.graph', SPEC_HASH];

function rule(id: string, gravest: ChangeClass, title: string, find: OnnxRule['find']): OnnxRule {
  return { id, gravest, title, keys: [], find };
}

/** Every rule that compares two ONNX files. */
export const onnxRules: readonly OnnxRule[] = [
  rule(
    'onnx-weight-shapes',
    'weights',
    'weights or parameters of an ONNX file have other shapes, come or go',
    ({ weights }) => [
      ...ofFate(weights, 'replaced', 'another shape or type'),
      ...ofFate(weights, 'new', 'no counterpart in the old file'),
      ...ofFate(weights, 'dropped', 'no counterpart in the new file'),
    ],
  ),
  rule(
    'onnx-inputs',
    'io',
    'inputs of an ONNX file come, go or have another type or shape',
    ({ old, new: now }) => portFindings('input', old.facts.inputs, now.facts.inputs),
  ),
  rule(
    'onnx-outputs',
    'io',
    'outputs of an ONNX file come, go or have another type or shape',
    ({ old, new: now }) => portFindings('output', old.facts.outputs, now.facts.outputs),
  ),
  rule(
    'onnx-embedded',
    'io',
    'weights are in the ONNX file instead of inputs, or the other way round',
    (pair) => {
      if (pair.withSpec && !pair.withCheckpoint) return [];
      const count = (fate: OnnxFate) => pair.weights.filter((row) => row.fate === fate).length;
      const [embedded, taken] = [count('embedded'), count('taken-out')];
      const alone = (many: number) =>
        `${weights(many)} inputs of the ONNX file, which holds none of their numbers`;
      const come = pair.withCheckpoint
        ? alone(embedded)
        : `${weights(embedded)} in the file now, and no inputs`;
      const go = pair.withCheckpoint ? alone(taken) : `${weights(taken)} inputs now, and not in the file`;
      return [
        ...(embedded > 0 ? [changed('inputs', 'embedded', come)] : []),
        ...(taken > 0 ? [changed('embedded', 'inputs', go)] : []),
      ];
    },
  ),
  rule('onnx-opset', 'io', 'an ONNX file needs another version of the operators', ({ old, new: now }) =>
    differing(old.facts.opset, now.facts.opset, (from, to) => `opset ${from} → ${to}`),
  ),
  rule(
    'onnx-operators',
    'numerics',
    'an ONNX file has other operators, or connects them otherwise',
    (pair) => {
      const [old, now] = [pair.old, pair.new];
      if (old.facts.graphHash === now.facts.graphHash) return [];
      const [before, after] = [old, now].map((file) => operators(total(file)));
      const same = operatorCounts(old, now).every((row) => row.old === row.new);
      const message = same
        ? `the same ${after}, but with other attributes, constants or connections`
        : `${before} → ${after}: ${changedOperators(old, now)}`;
      return [changed(old.facts.graphHash, now.facts.graphHash, message)];
    },
  ),
  rule(
    'onnx-weight-values',
    'numerics',
    'weights of an ONNX file have other numbers',
    ({ weights: rows }) => {
      const numbers = rows.flatMap((row) => (row.fate === 'changed' && row.numbers ? [row.numbers] : []));
      const largest = numbers.length === 0 ? '' : `, ${describeLargest(joinDifferences(numbers))}`;
      return ofFate(rows, 'changed', `other numbers${largest}`);
    },
  ),
  rule(
    'onnx-metadata',
    'cosmetic',
    'an ONNX file says something else of itself',
    ({ old, new: now, withSpec }) => {
      const [before, after] = [old.facts, now.facts].map(({ metadata, producer, producerVersion }) => ({
        ...metadata,
        producer: `${producer} ${producerVersion}`.trim(),
      }));
      const keys = withSpec
        ? OF_SPEC
        : [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
      return keys.flatMap((key) =>
        differing(
          metadataValue(before, key),
          metadataValue(after, key),
          (from, to) => `${key} ${shortened(from)} → ${shortened(to)}`,
        ),
      );
    },
  ),
];

function metadataValue(metadata: Readonly<Record<string, string>> | undefined, key: string): string | null {
  return metadata !== undefined && Object.hasOwn(metadata, key) ? (metadata[key] ?? null) : null;
}

function portFindings(what: string, old: readonly OnnxPort[], now: readonly OnnxPort[]): OnnxFinding[] {
  const names = [...new Set([...old, ...now].map(({ name }) => name))];
  const show = (ports: readonly OnnxPort[], name: string) => {
    const port = ports.find((each) => each.name === name);
    return port === undefined ? null : `${port.type} [${port.shape.join(', ')}]`;
  };
  return names.flatMap((name) =>
    differing(
      show(old, name),
      show(now, name),
      (from, to) => `${what} ${name} ${from ?? 'none'} → ${to ?? 'none'}`,
    ),
  );
}

function differing<Value extends string | number | null>(
  old: Value,
  now: Value,
  say: (old: Value, now: Value) => string,
): OnnxFinding[] {
  if (old === now) return [];
  return [
    {
      old: old === null ? null : String(old),
      new: now === null ? null : String(now),
      message: say(old, now),
    },
  ];
}

function changed(old: string, now: string, message: string): OnnxFinding {
  return { old, new: now, message };
}

function ofFate(rows: readonly OnnxWeightChange[], fate: OnnxFate, what: string): OnnxFinding[] {
  const found = rows.filter((row) => row.fate === fate);
  const [first] = found;
  if (first === undefined) return [];
  const show = (side: OnnxWeightChange['old']) =>
    side === null ? null : fate === 'changed' ? side.sha256 : `[${side.shape.join(', ')}]`;
  const kinds = [...new Set(found.map(({ name }) => name.replace(/\.\d+\./, '.*.')))];
  const listed =
    kinds.length > MOST_NAMES
      ? [...kinds.slice(0, MOST_NAMES), `${kinds.length - MOST_NAMES} more kinds`]
      : kinds;
  const count = `${counted(found.length, 'weight has', 'weights have')} ${what}`;
  return [{ old: show(first.old), new: show(first.new), message: `${count}: ${listOf(listed)}` }];
}

const MOST_NAMES = 4;

function weights(count: number): string {
  return counted(count, 'weight is', 'weights are');
}

function operators(count: number): string {
  return counted(count, 'operator', 'operators');
}

function total(file: OnnxFile): number {
  return [...file.operators.values()].reduce((sum, count) => sum + count, 0);
}

/** All types of operators of both files, by name. */
export function operatorCounts(old: OnnxFile, now: OnnxFile): { type: string; old: number; new: number }[] {
  const types = [...new Set([...old.operators.keys(), ...now.operators.keys()])].sort();
  return types.map((type) => ({
    type,
    old: old.operators.get(type) ?? 0,
    new: now.operators.get(type) ?? 0,
  }));
}

function changedOperators(old: OnnxFile, now: OnnxFile): string {
  const rows = operatorCounts(old, now).filter((row) => row.old !== row.new);
  return listOf(rows.map((row) => `${row.type} ${row.old} → ${row.new}`));
}

const LONGEST = 16;

function shortened(text: string | null): string {
  if (text === null) return 'none';
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
