import type { NameValue, Value } from '../ast.ts';
import type { DiagnosticDetails, Report } from '../diagnostic.ts';

/** The constants that the values of a file may name. */
export interface ConstantScope {
  /**
   * What the constant of a name stands for, with the place where that is written; undefined where there is none of that name. A
   * value that is undefined is wrong, which has been reported; so is, by `report`, a name that could mean several.
   */
  find(name: NameValue, report: Report): { readonly value: Value | undefined } | undefined;
  /** What a name that is no constant may have been meant to be; `fits` tells which values could stand there. */
  help(name: NameValue, fits: (value: Value) => boolean): DiagnosticDetails;
  /** Whether there may be more constants, but for mistakes that have been reported. */
  readonly mayHoldMore: boolean;
}

/** Where no value can be a constant. */
export const noConstants: ConstantScope = {
  find: () => undefined,
  help: () => ({}),
  mayHoldMore: false,
};
