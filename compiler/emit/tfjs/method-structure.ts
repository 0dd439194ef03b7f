import {
  type InterfaceDeclarationStructure,
  type MethodDeclarationStructure,
  type OptionalKind,
  StructureKind,
} from 'ts-morph';
import { present } from '../../ir/assert.ts';
import type { Value } from '../../ir/graph.ts';
import { padToMultipleOp } from '../../ir/ops/pad-to-multiple.ts';
import { patchifyOp } from '../../ir/ops/patchify.ts';
import { BodyWriter } from './body.ts';
import { comment } from './comment.ts';
import { outputDocumentation } from './documentation.ts';
import type { Imports } from './imports.ts';
import { maskingType } from './masking-type.ts';
import { differ, type Method, type Methods, rowsOf, type TokensPlace, tokensText } from './methods.ts';
import { camelCase, pascalCase, uncapitalized } from './names.ts';
import { inputPlace, outputPlace, sideText } from './sides.ts';
import { type SideTexts, shapeText, typeText } from './tensor-types.ts';

const MEMBER = 2;
/** Axes of pictures [batch, channels, height, width]. */
const PICTURES = 4;
/** What the last two are called where pictures may have several sizes. */
const PICTURE_SIDES = ['Height', 'Width'] as const;

export function methodStructure(
  method: Method,
  methods: Methods,
  imports: Imports,
): OptionalKind<MethodDeclarationStructure> {
  const recording = present(method.recordings[0], 'recording');
  const single = recording.outputs.get('');
  const inputs = method.inputs.map((name) => {
    const value = present(recording.inputs.get(name), `input ${name}`);
    return { name: camelCase(name), type: typeText(value, inputTexts(method, name, 'type'), imports) };
  });
  const masking = method.takesMasking
    ? [{ name: 'masking', type: maskingType(recording.ports, imports) }]
    : [];
  const grid = method.grid?.given ? [{ name: 'grid', type: imports.type('PatchGrid') }] : [];
  const tokens = method.takesTokens ? [{ name: 'tokens', type: 'Tokens' }] : [];
  const drops = method.takesDrops
    ? [{ name: 'drops', type: imports.type('Drops'), hasQuestionToken: true }]
    : [];
  return {
    name: method.name,
    docs: comment(methodDocumentation(method), MEMBER),
    typeParameters: typeParameters(method).map((name) => ({ name, constraint: 'number' })),
    parameters: [...inputs, ...masking, ...grid, ...tokens, ...drops],
    returnType: single ? typeText(single, outputTexts(method, '', 'type'), imports) : resultName(method),
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
      const shape = shapeText(value.shape, outputTexts(method, name, 'comment'));
      const role = recording.outputPorts.get(name)?.role;
      return {
        name: camelCase(name),
        type: typeText(value, outputTexts(method, name, 'type'), imports),
        isReadonly: true,
        docs: comment(outputDocumentation(role, shape), MEMBER),
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
  const inputs = method.inputs.map((name) => {
    const value = present(recording.inputs.get(name), `input ${name}`);
    return `${camelCase(name)} ${shapeText(value.shape, inputTexts(method, name, 'comment'))}`;
  });
  const masking = method.takesMasking ? ['a masking'] : [];
  const grid = method.grid?.given ? ['their grid'] : [];
  const given = [...inputs, ...masking, ...grid].join(' and ');
  const single = recording.outputs.get('');
  const sizes = sizesDocumentation(method);
  if (!single) return `${given} → ${[...recording.outputs.keys()].map(camelCase).join(', ')}.${sizes}`;
  const result = shapeText(single.shape, outputTexts(method, '', 'comment'));
  return `${given} → ${given.endsWith(result) ? 'the same' : result}.${sizes}`;
}

/** Which pictures a method takes that takes several sizes. */
function sizesDocumentation({ grid, recordings }: Method): string {
  if (grid === undefined || grid.given) return '';
  const nodes = present(recordings[0], 'recording').steps.flatMap((step) =>
    'node' in step ? [step.node] : [],
  );
  const { height, width } = present(
    nodes.find(({ op }) => op === patchifyOp),
    'patchify',
  ).attributes;
  const multiples = `multiples of ${height}${height === width ? '' : ` and ${width}`}`;
  return nodes.some(({ op }) => op === padToMultipleOp)
    ? ` Height and width may be any: zeros on the right and at the bottom make them ${multiples}.`
    : ` Height and width are ${multiples}.`;
}

/** The type parameters of a method: sides that pictures may have, or a number of tokens. */
function typeParameters({ grid, tokens }: Method): readonly string[] {
  if (grid && !grid.given) return PICTURE_SIDES;
  return tokens ? ['Tokens'] : [];
}

function inputTexts(method: Method, name: string, place: TextPlace): SideTexts {
  const values = method.recordings.map(({ inputs }) => inputs.get(name));
  return textsFor(method, (axis) => inputPlace(method.name, name, axis), values, place);
}

function outputTexts(method: Method, name: string, place: TextPlace): SideTexts {
  const values = method.recordings.map(({ outputs }) => outputs.get(name));
  return textsFor(method, (axis) => outputPlace(method.name, name, axis), values, place);
}

type TextPlace = Exclude<TokensPlace, 'value'>;

/** `values` are what the recordings have for one input or output. */
function textsFor(
  method: Method,
  sidePlace: (axis: number) => string,
  values: readonly (Value | undefined)[],
  place: TextPlace,
): SideTexts {
  const side = (axis: number, length: number): string => {
    const lengths = values.map((value) => Number(value?.shape[axis]));
    if (method.grid === undefined || !differ(lengths))
      return sideText(method.owner.sideParameters, sidePlace(axis), length);
    const ofPictures = values[0]?.shape.length === PICTURES;
    return ofPictures ? present(PICTURE_SIDES[axis - 2], 'side') : tokensText(method, lengths, place);
  };
  return {
    side: (axis, length) => (place === 'type' ? side(axis, length) : uncapitalized(side(axis, length))),
    tokens: () => tokensText(method, values.map(rowsOf), place),
  };
}
