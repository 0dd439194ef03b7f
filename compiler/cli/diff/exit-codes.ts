/** How `mae diff`, `mae inspect` and `mae compare` end. */
export const DIFF_EXIT = {
  /** The same, or nothing that was asked to fail. */
  fine: 0,
  /** There is a change of a class that was asked to fail. */
  over: 1,
  /** The command line is wrong, or a side cannot be read. */
  unreadable: 2,
} as const;
