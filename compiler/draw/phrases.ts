import type { ChangeClass } from '../language/schema/change-class.ts';

/** What a drawing marks as changed: by the id of the rule that found it. */
export type Marks = ReadonlyMap<string, Mark>;

export interface Mark {
  readonly class: ChangeClass;
  /** What changed, for those who point at it. */
  readonly message: string;
}

/** A setting as a drawing says it. */
export interface Phrase {
  readonly text: string;
  /** The rules that find changes of it. */
  readonly rules: readonly string[];
  /** Whether it is what one expects, and only said where it has changed. */
  readonly quiet?: boolean;
}

export type Line = readonly Phrase[];

/** What stands beside a part of a drawing. */
export interface Caption {
  readonly heading: string;
  /** Phrases that belong together; they are broken into lines between phrases. */
  readonly lines: readonly Line[];
  /** Costs: the last line, not as loud as the others. */
  readonly cost?: string;
}

export function phrase(text: string, ...rules: readonly string[]): Phrase {
  return { text, rules };
}

/** A setting that is only worth a word where it is not `usual`, or has changed. */
export function unusual(isUsual: boolean, text: string, ...rules: readonly string[]): Phrase {
  return { text, rules, quiet: isUsual };
}

/** The mark of a phrase: that of its gravest rule, the rules being in that order. */
export function markOf({ rules }: Phrase, marks: Marks): Mark | undefined {
  return rules.flatMap((rule) => marks.get(rule) ?? [])[0];
}

/** Characters that a line of a caption holds. */
const LONGEST = 36;
/** How much wider bold ones are. */
const BOLD = 1.12;

/** The lines as they are drawn: without what is not worth a word, no longer than fits, never without words. */
export function brokenLines({ lines }: Caption, marks: Marks): Line[] {
  return lines.flatMap((line) => {
    const said = line.filter((each) => each.quiet !== true || markOf(each, marks) !== undefined);
    const broken: Phrase[][] = [];
    let length = 0;
    for (const each of said) {
      const own = each.text.length * (markOf(each, marks) === undefined ? 1 : BOLD);
      const last = broken.at(-1);
      const together = length + SEPARATOR.length + own;
      if (last !== undefined && together <= LONGEST) last.push(each);
      else broken.push([each]);
      length = last !== undefined && together <= LONGEST ? together : own;
    }
    return broken;
  });
}

/** Stands between two phrases. */
export const SEPARATOR = ' · ';
