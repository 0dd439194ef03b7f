import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';

/** What a worker is told first. */
export interface WorkerSetup {
  readonly model: unknown;
  readonly batch: number;
  readonly threads: number;
  readonly [key: string]: unknown;
}

export interface StepTimes {
  readonly seconds: readonly number[];
  readonly loss: number;
  /** Of the compiled step: processor time of all steps together, in all threads; and the process's peak resident memory. */
  readonly cpuSeconds?: number;
  readonly peakBytes?: number;
}

export interface WorkTimes {
  /** Of each piece of work. */
  readonly seconds: readonly number[];
  /** Processor time of all of them together, in all threads and processes. */
  readonly cpuSeconds: number;
  /** The most resident memory so far, of all processes together. */
  readonly peakBytes: number;
}

/**
 * A process that takes training steps when told: it reads one JSON line of set-up, prints one JSON line about itself, then
 * for each line "N" takes N steps and prints `StepTimes`. Workers of several frameworks are run in turns, one at a time.
 */
export class StepWorker {
  readonly name: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  #errors = '';

  constructor(
    name: string,
    command: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ) {
    this.name = name;
    this.#child = spawn(command, args, { env: { ...process.env, ...environment } });
    this.#child.stderr.on('data', (data) => {
      this.#errors = `${this.#errors}${data}`.slice(-4000);
    });
    this.#child.on('error', (error) => {
      this.#errors += error.message;
    });
    this.#child.stdin.on('error', () => {});
    this.#reader = createInterface(this.#child.stdout);
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  async start(setup: WorkerSetup): Promise<Record<string, unknown>> {
    return JSON.parse(await this.#ask(JSON.stringify(setup)));
  }

  async steps(count: number): Promise<StepTimes> {
    return JSON.parse(await this.#ask(String(count)));
  }

  /** `steps` of a process that answers with `WorkTimes`. */
  async work(count: number): Promise<WorkTimes> {
    return JSON.parse(await this.#ask(String(count)));
  }

  stop(): void {
    this.#reader.close();
    this.#child.kill('SIGKILL');
  }

  async #ask(line: string): Promise<string> {
    this.#child.stdin.write(`${line}\n`);
    const { value, done } = await this.#lines.next();
    if (done || value === undefined) throw new Error(complaintOf(this.#errors) ?? 'it ended');
    return value;
  }
}

/** The line of an uncaught error: Python's is its last, Node prints the stack and its version after it. */
function complaintOf(errors: string): string | undefined {
  const lines = errors
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.findLast((line) => /^[\w.]*(Error|Exception|Abort\w*)\b.*:/.test(line)) ?? lines.at(-1);
}
