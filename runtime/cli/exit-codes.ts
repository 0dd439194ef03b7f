/** How a command ends. */
export const EXIT = {
  fine: 0,
  /** Something outside the program is not as it must be, or the program failed. */
  failure: 1,
  /** The command line is wrong. */
  usage: 2,
  /** Stopped by ctrl-C, as shells count it: 128 + SIGINT. */
  interrupted: 130,
} as const;
