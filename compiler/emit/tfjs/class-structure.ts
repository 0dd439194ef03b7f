import {
  type ClassDeclarationStructure,
  type ConstructorDeclarationStructure,
  type OptionalKind,
  type PropertyDeclarationStructure,
  StructureKind,
} from 'ts-morph';
import { assert, present } from '../../ir/assert.ts';
import type { Parameter } from '../../ir/graph.ts';
import { type ModelClass, representative, sideArguments } from './classes.ts';
import { comment } from './comment.ts';
import { classDocumentation, fieldDocumentation, parameterDocumentation } from './documentation.ts';
import { type Field, fieldsOf } from './fields.ts';
import type { Imports } from './imports.ts';
import { breakCall } from './layout.ts';
import { methodStructure } from './method-structure.ts';
import type { Methods } from './methods.ts';
import type { Module } from './modules.ts';
import { uncapitalized } from './names.ts';
import { parameterPlace, sideText } from './sides.ts';
import { typeText } from './tensor-types.ts';

/** Columns before a member of a class, and before a statement of its constructor. */
const MEMBER = 2;
const STATEMENT = 4;

/** A class of the model: fields for parameters and modules, a constructor that asks for them, and the methods. */
export function classStructure(
  owner: ModelClass,
  methods: Methods,
  imports: Imports,
): ClassDeclarationStructure {
  const fields = fieldsOf(representative(owner), methods);
  const takesName = namedByOwner(owner);
  const own = [...representative(owner).methods.keys()].map((name) => methods.of(owner, name));
  // By its name a module finds what training leaves out of it.
  const keepsName = takesName && own.some(({ drops }) => drops.size > 0);
  const named = keepsName ? [{ name: 'name', type: 'string', isReadonly: true }] : [];
  return {
    kind: StructureKind.Class,
    name: owner.name,
    isExported: true,
    typeParameters: owner.sideParameters.map(({ name }) => ({ name, constraint: 'number' })),
    docs: comment(classDocumentation(owner), 0),
    properties: [...named, ...fields.map((field) => property(owner, field, methods, imports))],
    ctors:
      fields.length === 0 ? [] : [constructorOf(owner, fields, { takesName, keepsName }, methods, imports)],
    methods: own.map((method) => methodStructure(method, methods, imports)),
  };
}

function property(
  owner: ModelClass,
  field: Field,
  methods: Methods,
  imports: Imports,
): OptionalKind<PropertyDeclarationStructure> {
  if (field.kind === 'parameter') {
    const { localName, value } = field.parameter;
    const texts = {
      side: (axis: number, length: number) =>
        sideText(owner.sideParameters, parameterPlace(localName, axis), length),
      tokens: String,
    };
    const docs = comment(parameterDocumentation(field.parameter), MEMBER);
    return { name: field.name, type: typeText(value, texts, imports), isReadonly: true, docs };
  }
  const of = methods.classOf(field.module);
  const sides = sideArguments(of, field.module);
  const type = sides.length === 0 ? of.name : `${of.name}<${sides.join(', ')}>`;
  const docs = comment(fieldDocumentation(owner, of, field.module) ?? '', MEMBER);
  return {
    name: field.name,
    type: field.kind === 'list' ? `readonly ${type}[]` : type,
    isReadonly: true,
    docs,
  };
}

/** Whether the official names of the class's parameters begin with a prefix, which its constructor is then told. */
function namedByOwner({ name, modules }: ModelClass): boolean {
  const prefixed = modules.filter(({ officialPrefix }) => officialPrefix !== '').length;
  assert(
    prefixed === 0 || prefixed === modules.length,
    `${name} stands for modules with and without a prefix`,
  );
  return prefixed > 0;
}

function constructorOf(
  owner: ModelClass,
  fields: readonly Field[],
  { takesName, keepsName }: { readonly takesName: boolean; readonly keepsName: boolean },
  methods: Methods,
  imports: Imports,
): OptionalKind<ConstructorDeclarationStructure> {
  const module = representative(owner);
  const sides = owner.sideParameters.map(({ name }) => ({ name: uncapitalized(name), type: name }));
  const named = takesName ? [{ name: 'name', type: 'string' }] : [];
  return {
    parameters: [{ name: 'parameters', type: imports.type('ParameterSource') }, ...named, ...sides],
    statements: [
      ...(keepsName ? ['this.name = name;'] : []),
      ...fields.flatMap((field) => {
        if (field.kind === 'parameter')
          return parameterStatement(owner, field.name, field.parameter, takesName);
        return moduleStatement(module, field, methods);
      }),
    ],
  };
}

function parameterStatement(
  owner: ModelClass,
  field: string,
  parameter: Parameter,
  takesName: boolean,
): string[] {
  const { localName, value } = parameter;
  const kind = present(
    ['vector', 'matrix'][value.shape.length - 1],
    `a kind of parameter for ${parameter.name}`,
  );
  const name = officialName(takesName, localName);
  const sides = value.shape.map((length, axis) => {
    assert(typeof length === 'number', `${parameter.name} has a batched side`);
    const text = sideText(owner.sideParameters, parameterPlace(localName, axis), length);
    return uncapitalized(text);
  });
  return breakCall(`this.${field} = parameters.${kind}(${[name, ...sides].join(', ')});`, STATEMENT);
}

function moduleStatement(
  owner: Module,
  field: Exclude<Field, { kind: 'parameter' }>,
  methods: Methods,
): string[] {
  const of = methods.classOf(field.module);
  const local = field.module.officialPrefix.slice(owner.officialPrefix.length).replace(/^\./, '');
  const create = (name: string) => {
    const named = namedByOwner(of) ? [name] : [];
    return `new ${of.name}(${['parameters', ...named, ...sideArguments(of, field.module)].join(', ')})`;
  };
  const inner = owner.officialPrefix !== '';
  if (field.kind === 'module') {
    return breakCall(`this.${field.name} = ${create(officialName(inner, local))};`, STATEMENT);
  }
  const element = create(officialName(inner, local.replace(/\.\d+$/, ''), true));
  const list = `this.${field.name} = Array.from({ length: ${field.length} }, (_, index) => ${element});`;
  return breakCall(list, STATEMENT);
}

/** An expression of an official name: after the owner's `name` where it has one, before the `index` of a list's element. */
function officialName(takesName: boolean, local: string, element = false): string {
  const variable = (name: string) => `\${${name}}`;
  const parts = [takesName ? variable('name') : '', local, element ? variable('index') : ''];
  const text = parts.filter((part) => part !== '').join('.');
  if (text === variable('name')) return 'name';
  return takesName || element ? `\`${text}\`` : `'${text}'`;
}
