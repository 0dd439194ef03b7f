/** What a generated file says of its making. */
export interface GenerationInfo {
  /** The spec file, as the user named it. */
  readonly source: string;
  /** Hash of the resolved architecture; see `specHash`. */
  readonly hash: string;
  readonly version: string;
}

/** The first lines of every generated TypeScript file. */
export function generatedHeader({ source, hash, version }: GenerationInfo): string {
  return `// Made by mae-compile ${version} from ${source} (architecture ${hash.slice(0, 12)}).
// Change the spec and compile it again rather than this file.`;
}
