import type { Value } from '../language/ast.ts';
import { reservedWords } from '../language/reserved-words.ts';
import { constantKey } from '../language/schema/file-keys.ts';
import { type Definition, resolveName } from './names.ts';
import type { Workspace } from './workspace.ts';

/** A chain of constants that is longer is not followed; a circle of them has no end. */
const longestChain = 100;

/** What a constant stands for in the end; undefined where that is not clear, or where the definition is none of a constant. */
export function constantValue(workspace: Workspace, definition: Definition): Value | undefined {
  let next: Definition | undefined = definition;
  for (let step = 0; step < longestChain && next?.kind === constantKey; step++) {
    const [, value] = next.statement.values;
    if (value?.kind !== 'name' || reservedWords.has(value.text)) return value;
    next = resolveName(workspace, next.span.file, { kind: constantKey, name: value.text });
  }
  return undefined;
}
