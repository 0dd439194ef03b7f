/**
 * What went wrong outside the program and how to set it right: a missing folder, a full disk, a wrong option. `message` is
 * a sentence for the user, `help` says what to do. Command lines print both without a stack and end with `exitCode`.
 */
export class UserError extends Error {
  readonly help: string | undefined;
  readonly exitCode = 1;

  constructor(message: string, help?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UserError';
    this.help = help;
  }
}
