import type { Diagnostic } from 'vscode-languageserver/node.js';
import type { Diagnostic as Finding } from '../language/diagnostic.ts';
import { toDiagnostic } from './diagnostics.ts';
import type { Workspace } from './workspace.ts';

export interface PublishedDiagnostics {
  readonly uri: string;
  /** Of the text that was checked; undefined for a file that is not open. */
  readonly version: number | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

export interface PublisherOptions {
  /** How long after the last change the check begins, in milliseconds. */
  readonly delay: number;
  readonly publish: (published: PublishedDiagnostics) => void;
  /** Called with what a check threw: a mistake of ours, after which the next file is checked all the same. */
  readonly onError: (error: unknown) => void;
}

/** Of one file; who has more wrong is not helped by seeing all of it at once. */
const mostDiagnostics = 1000;

/**
 * Keeps the diagnostics of the open files, and of those that they import, up to date: each open file is checked with its
 * imports a little after anything changed.
 */
export class DiagnosticsPublisher {
  private readonly workspace: Workspace;
  private readonly options: PublisherOptions;
  /** By open file, what checking it found, in itself and in what it imports. */
  private readonly found = new Map<string, readonly Finding[]>();
  /** By file, what the editor was told, as text to compare with. */
  private readonly told = new Map<string, string>();
  private timer: NodeJS.Timeout | undefined;
  /** Counts changes: a check stops when there is a newer one. */
  private round = 0;

  constructor(workspace: Workspace, options: PublisherOptions) {
    this.workspace = workspace;
    this.options = options;
  }

  /** To be called after every change. Files that it does not concern are not checked again. */
  schedule(delay = this.options.delay): void {
    clearTimeout(this.timer);
    const round = ++this.round;
    this.timer = setTimeout(() => void this.check(round), delay);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.round++;
  }

  private async check(round: number): Promise<void> {
    const open = this.workspace.openFiles();
    for (const file of this.found.keys()) {
      if (!open.includes(file)) this.found.delete(file);
    }
    for (const file of open) {
      this.guarded(() => this.found.set(file, this.workspace.compile(file).diagnostics));
      // Requests that came in meanwhile are answered before the next file.
      await new Promise((resolve) => setImmediate(resolve));
      if (round !== this.round) return;
    }
    this.guarded(() => this.tell());
  }

  private guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.options.onError(error);
    }
  }

  /** Publishes what the editor has not been told yet. */
  private tell(): void {
    const byFile = new Map<string, Map<string, Finding>>();
    for (const file of this.told.keys()) byFile.set(file, new Map());
    for (const file of this.found.keys()) byFile.set(file, new Map());
    for (const finding of [...this.found.values()].flat()) {
      const { code, message, span } = finding;
      const findings = byFile.get(span.file) ?? new Map<string, Finding>();
      byFile.set(span.file, findings.set([code, span.start, span.end, message].join('\n'), finding));
    }
    for (const [file, findings] of byFile) this.tellOf(file, [...findings.values()]);
  }

  private tellOf(file: string, findings: readonly Finding[]): void {
    const { workspace } = this;
    const parsed = workspace.parse(file);
    const version = workspace.openDocument(file)?.version;
    const shown = findings.slice(0, mostDiagnostics);
    const diagnostics =
      parsed === undefined ? [] : shown.map((each) => toDiagnostic(workspace, parsed, each));
    const state = JSON.stringify([version, diagnostics]);
    if (this.told.get(file) === state) return;
    const isNothing = version === undefined && diagnostics.length === 0;
    if (isNothing) this.told.delete(file);
    else this.told.set(file, state);
    this.options.publish({ uri: workspace.uriOf(file), version, diagnostics });
  }
}
