import { assert } from '../../ir/assert.ts';
import type { Module } from './modules.ts';
import { pascalCase } from './names.ts';

type Members = readonly Module[];

/** What sets a class apart from another one of its kind, in words, where it can be told from the ops inside. */
interface Variant {
  readonly applies: (module: Module) => boolean;
  readonly name: (kind: string) => string;
}

const VARIANTS: readonly Variant[] = [
  { applies: usesLinear(({ inputs }) => inputs === 2), name: (kind) => `${kind}WithoutBias` },
  { applies: usesLinear(({ layout }) => layout === 'out-in'), name: (kind) => `Narrowing${kind}` },
];

/**
 * A name for each class (given by its modules): the kind of its modules; where several classes are of a kind, also how they
 * differ; where that does not tell them apart, also which part of the model they belong to.
 */
export function classNames(classes: readonly Members[]): string[] {
  const names = new Map<Members, string>();
  for (const kind of new Set(classes.map(kindOf))) {
    const ofKind = classes.filter((members) => kindOf(members) === kind);
    const levels = [kindOf, variantOf, withOwner, withField];
    const level = levels.find((name) => new Set(ofKind.map(name)).size === ofKind.length);
    ofKind.forEach((members, index) => {
      names.set(members, level ? level(members) : `${withField(members)}${index + 1}`);
    });
  }
  const unique = new Set(names.values());
  assert(unique.size === classes.length, `two classes have one name of ${[...unique].join(', ')}`);
  return classes.map((members) => names.get(members) ?? '');
}

function kindOf(members: Members): string {
  return members[0]?.kind ?? '';
}

function variantOf(members: Members): string {
  return VARIANTS.reduce(
    (name, variant) => (members.every(variant.applies) ? variant.name(name) : name),
    kindOf(members),
  );
}

/** "EncoderBlock": the part of the model that all of the class's modules are in, and the variant. */
function withOwner(members: Members): string {
  return ownerOf(members) + variantOf(members);
}

/** "EncoderNorm1LayerNorm". */
function withField(members: Members): string {
  const field = members[0]?.segment.replace(/\.\d+$/, '') ?? '';
  return ownerOf(members) + pascalCase(field) + variantOf(members);
}

function ownerOf(members: Members): string {
  const owners = new Set(members.map(({ path }) => path.split('.')[0] ?? ''));
  return owners.size === 1 ? pascalCase([...owners][0] ?? '') : '';
}

function usesLinear(
  matches: (linear: { inputs: number; layout: unknown }) => boolean,
): (module: Module) => boolean {
  return ({ methods }) =>
    [...methods.values()].flat().some(({ steps }) =>
      steps.some((step) => {
        if (!('node' in step) || step.node.op.name !== 'linear') return false;
        return matches({ inputs: step.node.inputs.length, layout: step.node.attributes.layout });
      }),
    );
}
