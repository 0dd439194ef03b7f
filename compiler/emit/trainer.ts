import type { ModelSpec } from '../language/model-spec.ts';
import { type GenerationInfo, generatedHeader } from './header.ts';

/** The text of `pretrain.ts`: a runnable trainer with the recipe in plain sight. */
export function emitPretrainer(spec: ModelSpec, info: GenerationInfo): string {
  return `${generatedHeader(info)}

import { runPretraining } from 'mae-compiler/runtime';

/** How ${spec.name} is pretrained: the recipe ${spec.pretrain.name} of the spec, every default spelled out. */
export const recipe = ${objectLiteral(spec.pretrain)} as const;

await runPretraining({ directory: new URL('.', import.meta.url), recipe, argv: process.argv.slice(2) });
`;
}

/** A TypeScript literal laid out as the formatter does: lists on one line, objects over several. */
function objectLiteral(value: object, indent = ''): string {
  const deeper = `${indent}  `;
  const lines = Object.entries(value).map(([key, item]) => `${deeper}${key}: ${literal(item, deeper)},\n`);
  return `{\n${lines.join('')}${indent}}`;
}

function literal(value: unknown, indent: string): string {
  if (Array.isArray(value)) return `[${value.map((item) => literal(item, indent)).join(', ')}]`;
  if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  if (typeof value === 'object' && value !== null) return objectLiteral(value, indent);
  return String(value);
}
