import { spawn } from 'node:child_process';
import pc from 'picocolors';

/** The project's own commands, as `npm run build` leaves them. */
const COMMANDS = {
  'draw-pictures': 'dist/examples/draw-pictures.js',
  'mae-compile': 'dist/compiler/cli/mae-compile.js',
  mae: 'dist/cli/mae.js',
} as const;

export type CommandName = keyof typeof COMMANDS;

export interface Step {
  readonly title: string;
  readonly command: CommandName;
  readonly args: readonly string[];
  /** Resolve to what the command writes to its standard output, in place of showing it. */
  readonly read?: boolean;
}

/** Runs one of the project's commands; resolves to what was asked to be read. Rejects, or never returns, where it fails. */
export type RunStep = (step: Step) => Promise<string>;

/** Runs commands as processes from the project's folder. Where one fails, this process ends with its exit code. */
export function runInProcesses(): RunStep {
  return async ({ title, command, args, read = false }) => {
    const argv = [COMMANDS[command], ...args];
    console.log(`\n${pc.bold(title)}  ${pc.dim(`node ${argv.join(' ')}`)}`);
    // Ctrl-C reaches the child too, which saves and says how to go on.
    const ignore = () => {};
    process.on('SIGINT', ignore);
    const child = spawn(process.execPath, argv, {
      stdio: ['inherit', read ? 'pipe' : 'inherit', 'inherit'],
    });
    let written = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      written += text;
    });
    const code = await new Promise<number>((resolve) => child.on('close', (exit) => resolve(exit ?? 1)));
    process.off('SIGINT', ignore);
    if (code !== 0) process.exit(code);
    return written;
  };
}
