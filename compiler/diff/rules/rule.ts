import type { ModelSpec } from '../../language/model-spec.ts';
import type { ChangeClass } from '../../language/schema/change-class.ts';
import type { SideModel } from '../side.ts';

/** One difference between two models. */
export interface Finding {
  readonly class: ChangeClass;
  /** Dotted path of the key within the model. */
  readonly path: string;
  /** What it is a change of, as a message begins: "decoder depth". */
  readonly subject: string;
  /** As one would write it; null where there is none. */
  readonly old: string | null;
  readonly new: string | null;
  /** What it does, beside parameters and FLOPs: clauses of a sentence. */
  readonly notes: readonly string[];
  /** The old spec with this change alone, where it changes what the model computes. */
  readonly alone?: ModelSpec;
}

/** One kind of change. */
export interface Rule {
  /** Stable, in kebab-case. */
  readonly id: string;
  /** One line: what it finds. */
  readonly title: string;
  /** The gravest class that it can find. */
  readonly gravest: ChangeClass;
  /** The keys whose values it compares, with their places: `decoder.depth`. */
  readonly keys: readonly string[];
  /** The rule that finds the same in the other direction; itself if left out. */
  readonly mirror?: string;
  find(old: SideModel, now: SideModel): readonly Finding[];
}

/** A rule that compares one value of the spec. */
export interface ValueRule<Value> {
  readonly id: string;
  readonly title: string;
  readonly gravest: ChangeClass;
  readonly keys: readonly string[];
  readonly path: string;
  readonly subject: string;
  readonly read: (spec: ModelSpec) => Value;
  readonly show: (value: Value, spec: ModelSpec) => string;
  /** The class of this change; the rule's gravest if left out. */
  readonly classify?: (old: ModelSpec, now: ModelSpec) => ChangeClass;
  readonly notes: (old: ModelSpec, now: ModelSpec) => readonly string[];
  /** The old spec with the new one's value. */
  readonly alone?: (old: ModelSpec, now: ModelSpec) => ModelSpec;
  /** Whether the rule has nothing to say of these two, since another one says it. */
  readonly leaves?: (old: ModelSpec, now: ModelSpec) => boolean;
}

export function valueRule<Value>(declaration: ValueRule<Value>): Rule {
  const { id, title, gravest, keys, path, subject, read, show, classify, notes, alone, leaves } = declaration;
  return {
    id,
    title,
    gravest,
    keys,
    find({ spec: old }, { spec: now }) {
      if (same(read(old), read(now)) || leaves?.(old, now)) return [];
      return [
        {
          class: classify?.(old, now) ?? gravest,
          path,
          subject,
          old: show(read(old), old),
          new: show(read(now), now),
          notes: notes(old, now),
          ...(alone ? { alone: alone(old, now) } : {}),
        },
      ];
    },
  };
}

/** Whether two values of a spec are the same: numbers, texts, switches, and lists and records of them. */
export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** "adds" where something comes, "drops" where it goes. */
export function addsOrDrops(comes: boolean): string {
  return comes ? 'adds' : 'drops';
}

/** A number as one would write it: 0.00015 is "1.5e-4". */
export function showNumber(value: number): string {
  return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential() : String(Number(value.toPrecision(6)));
}

export function yesOrNo(value: boolean): string {
  return value ? 'yes' : 'no';
}

/** `16` of a square, `16x8` of anything else. */
export function showSize({ height, width }: { readonly height: number; readonly width: number }): string {
  return height === width ? String(height) : `${height}x${width}`;
}
