import type { Parameter, Role } from '../../ir/graph.ts';
import type { ModelClass } from './classes.ts';
import { childModules, type Module } from './modules.ts';

/** What a class is that modules of several purposes share: each field then says what its own is for. */
const SHARED_CLASSES: Readonly<Record<string, string>> = {
  Linear: 'A fully connected layer.',
  NarrowingLinear:
    'A fully connected layer to fewer channels. Its weight, like all, is held with the longer side last.',
};

/** The modules' own documentation, where they agree. */
export function classDocumentation({ name, modules }: ModelClass): string {
  const texts = new Set(modules.map(({ documentation }) => documentation));
  const [first = ''] = texts;
  if (texts.size === 1) return first;
  const kind = modules[0]?.kind ?? '';
  return SHARED_CLASSES[name] ?? SHARED_CLASSES[kind] ?? `One of several modules of the kind ${kind}.`;
}

/** What a field is for, where its class does not say it. */
export function fieldDocumentation(owner: ModelClass, of: ModelClass, field: Module): string | undefined {
  const documentation = classDocumentation(of);
  const texts = owner.modules.flatMap(childModules).flatMap((child) => {
    return child.segment === field.segment ? [child.documentation] : [];
  });
  return new Set(texts).size === 1 && texts[0] !== documentation ? texts[0] : undefined;
}

/** How a parameter differs from what its name leads one to expect: its layout, or that it is not trained. */
export function parameterDocumentation({
  shape,
  permutation,
  value,
  initializer,
  trainable,
}: Parameter): string {
  const frozen = initializer.kind === 'sincos-2d' && !trainable ? 'Fixed sine-cosine positions. ' : '';
  return `${frozen}${layoutDocumentation(shape, permutation, value.shape.length)}`.trim();
}

function layoutDocumentation(shape: readonly number[], permutation: readonly number[], rank: number): string {
  const moved = permutation.some((axis, place) => axis !== place);
  if (!moved) return '';
  if (shape.length === 2) return 'PyTorch’s, transposed.';
  const axes = permutation.map((axis) => shape[axis]).join(', ');
  const merged = rank === permutation.length ? '' : ', seen as a matrix';
  return `PyTorch’s [${shape.join(', ')}] with its axes in the order [${axes}]${merged}.`;
}

/** What a result of the whole model is. */
const ROLES: Partial<Record<Role, string>> = {
  features: 'What the encoder makes of its tokens',
  logits: 'One number a class, before the softmax',
  loss: 'What training minimises',
  prediction: 'The decoder’s patches, those that the encoder saw among them',
};

export function outputDocumentation(role: Role | undefined, shape: string): string {
  const text = role === undefined ? undefined : ROLES[role];
  if (text === undefined) return `${shape}.`;
  return shape === '[]' ? `${text}.` : `${text}: ${shape}.`;
}
