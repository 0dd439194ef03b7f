import type { SideModel } from '../../diff/side.ts';
import { readSpecJson } from '../../diff/sides/spec-json.ts';
import type { FileTree } from './file-tree.ts';
import { granted, unreadable } from './granted.ts';

/** Reads a spec.json. Throws a `SourceError` that says why it cannot be read. */
export function readCompiled(tree: FileTree, file: string, label: string): SideModel {
  const text = tree.readText(file);
  if (typeof text !== 'string') throw unreadable(label, { ...text, help: 'may the file be read?' });
  return granted(readSpecJson(file, text), label);
}
