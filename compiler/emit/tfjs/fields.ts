import { assert } from '../../ir/assert.ts';
import type { Parameter } from '../../ir/graph.ts';
import type { Methods } from './methods.ts';
import type { Module } from './modules.ts';
import { fieldName, listElement } from './names.ts';

/** A field of a generated class: a parameter, a module, or a list of modules of one class. */
export type Field =
  | { readonly kind: 'parameter'; readonly name: string; readonly parameter: Parameter }
  | { readonly kind: 'module'; readonly name: string; readonly module: Module }
  | { readonly kind: 'list'; readonly name: string; readonly module: Module; readonly length: number };

/** Parameters and modules in the order of their first use; the modules of a list are one field. */
export function fieldsOf(module: Module, methods: Methods): Field[] {
  const fields = new Map<string, Field>();
  const declare = (field: Field) => {
    assert(!fields.has(field.name), `${module.kind} has two fields ${field.name}`);
    fields.set(field.name, field);
  };
  for (const member of module.members) {
    if ('parameter' in member) {
      const name = fieldName(member.parameter.localName, module.segment);
      declare({ kind: 'parameter', name, parameter: member.parameter });
      continue;
    }
    const element = listElement(member.module.segment);
    const name = fieldName(element?.list ?? member.module.segment, module.segment);
    const before = fields.get(name);
    if (!element) declare({ kind: 'module', name, module: member.module });
    else if (before?.kind !== 'list') declare({ kind: 'list', name, module: member.module, length: 1 });
    else {
      const alike = methods.classOf(before.module) === methods.classOf(member.module);
      assert(alike, `the modules of ${name} are of several classes`);
      fields.set(name, { ...before, length: before.length + 1 });
    }
  }
  return [...fields.values()];
}
