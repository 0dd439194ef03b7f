import {
  type InterfaceDeclarationStructure,
  type MethodDeclarationStructure,
  type OptionalKind,
  StructureKind,
} from 'ts-morph';
import { present } from '../../ir/assert.ts';
import type { Value } from '../../ir/graph.ts';
import { BodyWriter } from './body.ts';
import { comment } from './comment.ts';
import { outputDocumentation } from './documentation.ts';
import type { Imports } from './imports.ts';
import { maskingType } from './masking-type.ts';
import { type Method, type Methods, rowsOf, tokensText } from './methods.ts';
import { camelCase, pascalCase, uncapitalized } from './names.ts';
import { inputPlace, outputPlace, sideText } from './sides.ts';
import { type SideTexts, shapeText, typeText } from './tensor-types.ts';

const MEMBER = 2;

export function methodStructure(
  method: Method,
  methods: Methods,
  imports: Imports,
): OptionalKind<MethodDeclarationStructure> {
  const recording = present(method.recordings[0], 'recording');
  const single = recording.outputs.get('');
  const inputs = method.inputs.map((name) => {
    const value = present(recording.inputs.get(name), `input ${name}`);
    return { name: camelCase(name), type: typeText(value, inputTexts(method, name), imports) };
  });
  const masking = method.takesMasking
    ? [{ name: 'masking', type: maskingType(recording.ports, imports) }]
    : [];
  const tokens = method.takesTokens ? [{ name: 'tokens', type: 'Tokens' }] : [];
  const drops = method.takesDrops
    ? [{ name: 'drops', type: imports.type('Drops'), hasQuestionToken: true }]
    : [];
  return {
    name: method.name,
    docs: comment(methodDocumentation(method), MEMBER),
    typeParameters: method.tokens ? [{ name: 'Tokens', constraint: 'number' }] : [],
    parameters: [...inputs, ...masking, ...tokens, ...drops],
    returnType: single ? typeText(single, outputTexts(method, ''), imports) : resultName(method),
    statements: new BodyWriter(method, methods, imports).write(),
  };
}

/** The type of a method's results where it has several. */
export function resultStructure(method: Method, imports: Imports): InterfaceDeclarationStructure | undefined {
  const recording = present(method.recordings[0], 'recording');
  if (recording.outputs.has('')) return undefined;
  return {
    kind: StructureKind.Interface,
    name: resultName(method),
    isExported: true,
    docs: [`What \`${method.owner.name}.${method.name}\` returns.`],
    properties: Array.from(recording.outputs, ([name, value]) => {
      const texts = outputTexts(method, name);
      const role = recording.outputPorts.get(name)?.role;
      return {
        name: camelCase(name),
        type: typeText(value, texts, imports),
        isReadonly: true,
        docs: comment(outputDocumentation(role, shapeText(value.shape, texts)), MEMBER),
      };
    }),
  };
}

function resultName({ owner, name }: Method): string {
  return `${owner.name}${name === 'forward' ? '' : pascalCase(name)}Output`;
}

/** What goes in and what comes out, with shapes as a reader of the paper would write them. */
function methodDocumentation(method: Method): string {
  const recording = present(method.recordings[0], 'recording');
  const small = (texts: SideTexts): SideTexts => ({
    side: (axis, length) => uncapitalized(texts.side(axis, length)),
    tokens: (count) => uncapitalized(texts.tokens(count)),
  });
  const shapeOf = (value: Value, texts: SideTexts) => shapeText(value.shape, small(texts));
  const inputs = method.inputs.map((name) => {
    const value = present(recording.inputs.get(name), `input ${name}`);
    return `${camelCase(name)} ${shapeOf(value, inputTexts(method, name))}`;
  });
  const given = [...inputs, ...(method.takesMasking ? ['a masking'] : [])].join(' and ');
  const single = recording.outputs.get('');
  if (!single) return `${given} → ${[...recording.outputs.keys()].map(camelCase).join(', ')}.`;
  const result = shapeOf(single, outputTexts(method, ''));
  return `${given} → ${given.endsWith(result) ? 'the same' : result}.`;
}

function inputTexts(method: Method, name: string): SideTexts {
  const counts = () => method.recordings.map(({ inputs }) => rowsOf(inputs.get(name)));
  return textsFor(method, (axis) => inputPlace(method.name, name, axis), counts);
}

function outputTexts(method: Method, name: string): SideTexts {
  const counts = () => method.recordings.map(({ outputs }) => rowsOf(outputs.get(name)));
  return textsFor(method, (axis) => outputPlace(method.name, name, axis), counts);
}

function textsFor(
  method: Method,
  place: (axis: number) => string,
  counts: () => readonly number[],
): SideTexts {
  return {
    side: (axis, length) => sideText(method.owner.sideParameters, place(axis), length),
    tokens: () => tokensText(method, counts(), 'Tokens'),
  };
}
