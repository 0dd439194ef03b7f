import { assert, present } from '../../ir/assert.ts';
import type { Node, Scope, Value } from '../../ir/graph.ts';
import { type ModelClass, type ModelClasses, recordingsOf } from './classes.ts';
import { type Call, type Drop, type Module, type Recording, resultOf, type Step } from './modules.ts';
import { camelCase } from './names.ts';
import { beyondPatches, type PictureGrid, pictureGrid } from './picture-grid.ts';

/** One method of a generated class. */
export interface Method {
  readonly owner: ModelClass;
  readonly name: string;
  /** Of every module of the class, in every graph: equal but for the numbers of tokens. The first one stands for all. */
  readonly recordings: readonly Recording[];
  /** For each recording the number of tokens that the method is generic in; undefined where all numbers are the same. */
  readonly tokens: readonly number[] | undefined;
  /** Whether the body needs that number, so that it is a parameter. */
  readonly takesTokens: boolean;
  /** The inputs that are parameters of their own. */
  readonly inputs: readonly string[];
  /** Whether the row numbers of a masking are among the inputs; they are one parameter. */
  readonly takesMasking: boolean;
  /** Where pictures may have several sizes, how the body knows their patches; one that is given is one parameter. */
  readonly grid: PictureGrid | undefined;
  /** What of the results is left out at random in training, by the number of the step, in any of the recordings. */
  readonly drops: ReadonlyMap<number, Drop>;
  /** Whether the body, or what it calls, leaves out anything; what it is then given is one parameter, optional. */
  readonly takesDrops: boolean;
}

/** Finds the method behind each call. */
export class Methods {
  readonly #classes: ModelClasses;
  readonly #known = new Map<string, Method>();

  constructor(classes: ModelClasses) {
    this.#classes = classes;
  }

  of(owner: ModelClass, name: string): Method {
    const key = `${owner.name}.${name}`;
    const known = this.#known.get(key);
    if (known) return known;
    const method = this.#describe(owner, name);
    this.#known.set(key, method);
    return method;
  }

  called({ module, recording }: Call): Method {
    return this.of(this.#classes.classOf(module), recording.scope.method);
  }

  classOf(module: Module): ModelClass {
    return this.#classes.classOf(module);
  }

  #describe(owner: ModelClass, name: string): Method {
    const recordings = recordingsOf(owner, name);
    const first = present(recordings[0], `recording of ${owner.name}.${name}`);
    const bundled = maskingFields(first);
    const used = usedValues(first);
    const inputs = [...first.inputs].filter(([, { id }]) => used.has(id));
    const grid = pictureGrid(recordings);
    const separate = (input: string, { id }: Value) =>
      !bundled.has(id) && !(grid?.given && input === grid.images);
    const method = {
      owner,
      name,
      recordings,
      grid,
      tokens: grid ? undefined : varyingTokens(recordings, `${owner.name}.${name}`),
      inputs: inputs.filter(([input, value]) => separate(input, value)).map(([input]) => input),
      takesMasking: inputs.some(([, { id }]) => bundled.has(id)),
      drops: allDrops(recordings),
      takesDrops: recordings.some(dropsInside),
    };
    const takesTokens =
      grid === undefined && first.steps.some((_, index) => this.#stepCounts(method, index).some(differ));
    return { ...method, takesTokens };
  }

  /** The numbers of tokens that a step's expression contains: for each place of one its number in each recording. */
  #stepCounts({ recordings, drops }: Pick<Method, 'recordings' | 'drops'>, index: number): number[][] {
    const steps = recordings.map(({ steps }) => present(steps[index], 'step'));
    const first = present(steps[0], 'step');
    const drop = drops.get(index);
    // What is dropped has as many rows as the result of the step.
    const dropCounts = drop
      ? rowInputs(drop.node).map(() => steps.map((step) => rowsOf(resultOf(step))))
      : [];
    if ('call' in first) {
      const takesTokens = this.called(first.call).takesTokens;
      return [...(takesTokens ? [steps.map((step) => this.tokensOfCall(step))] : []), ...dropCounts];
    }
    const counts = rowInputs(first.node).map((of) => steps.map((step) => rowsOfStep(step, of)));
    return [...counts, ...dropCounts];
  }

  /** The number of tokens that a call is made with; of a method that is generic in it. */
  tokensOfCall(step: Step): number {
    assert('call' in step, 'a call is expected');
    const { recordings, tokens } = this.called(step.call);
    return present(tokens?.[recordings.indexOf(step.call.recording)], 'tokens of a call');
  }
}

/** Where numbers of tokens are written: as a value, as a type, or in a comment. */
export type TokensPlace = 'value' | 'type' | 'comment';

/**
 * The text for numbers of tokens, one for each of the method's recordings: a literal; the method's own parameter; or what follows from
 * the pictures' grid, which types do not know.
 */
export function tokensText(method: Method, counts: readonly number[], place: TokensPlace): string {
  if (!differ(counts)) return String(counts[0]);
  const what = `${method.owner.name}.${method.name}`;
  if (method.grid) {
    const beyond = beyondPatches(method.grid, counts);
    assert(beyond !== undefined, `${what} has numbers of tokens that do not follow from the patches`);
    if (place === 'type') return 'number';
    const patches = place === 'value' ? 'grid.patches' : 'patches';
    return beyond === 0 ? patches : `${beyond} + ${patches}`;
  }
  const same = counts.every((count, index) => count === method.tokens?.[index]);
  assert(same, `${what} is used with several numbers of tokens at once`);
  return place === 'type' ? 'Tokens' : 'tokens';
}

/** Rows per picture of an input of a step that is a node, or of its result. */
export function rowsOfStep(step: Step | undefined, of: number | 'result'): number {
  assert(step !== undefined && 'node' in step, 'a node is expected');
  return rowsOf(of === 'result' ? step.node.outputs[0] : step.node.inputs[of]);
}

/** The row numbers and the mask among a recording's values, by the name of their field of the masking. */
export function maskingFields({ ports }: Recording): Map<number, string> {
  const bundled = ports.filter(({ role }) => role === 'index' || role === 'mask');
  return new Map(bundled.map(({ name, of, value }) => [value.id, camelCase(of ?? name)]));
}

/** Rows per picture of a batched value. */
export function rowsOf(value: Value | undefined): number {
  const rows = value?.shape[0];
  assert(typeof rows === 'object', 'a batched value is expected');
  return rows.perExample;
}

export function differ(counts: readonly number[]): boolean {
  return new Set(counts).size > 1;
}

/** The inputs of a node, or its result, whose rows per picture its expression contains. */
function rowInputs({ op, inputs, outputs, attributes }: Node): (number | 'result')[] {
  const counted: (number | 'result')[] = [];
  op.tfjs({
    inputs: inputs.map(() => ''),
    inputTypes: inputs,
    outputTypes: outputs,
    attributes,
    rowsPerPicture: (of) => {
      counted.push(of);
      return '';
    },
    grid: 'grid',
    use: (name) => name,
  });
  return counted;
}

function allDrops(recordings: readonly Recording[]): Map<number, Drop> {
  const drops = new Map<number, Drop>();
  for (const recording of recordings) {
    for (const [index, drop] of recording.drops) {
      const key = ({ node, factors }: Drop) => `${node.op.name} of ${factors.localName}`;
      const known = drops.get(index) ?? drop;
      assert(key(known) === key(drop), `${recording.module.path}: ${key(known)} is also ${key(drop)}`);
      drops.set(index, known);
    }
  }
  return drops;
}

/** Whether a recording, or what it calls, leaves out anything at random. */
function dropsInside({ ports, scope }: Recording): boolean {
  return ports.some(({ random }) => {
    let inner: Scope | undefined = random?.scope;
    while (inner !== undefined && inner !== scope) inner = inner.parent;
    return inner === scope;
  });
}

function usedValues({ steps, outputs }: Recording): Set<number> {
  const used = new Set(Array.from(outputs.values(), ({ id }) => id));
  for (const step of steps) {
    for (const { id } of 'node' in step ? step.node.inputs : step.call.recording.inputs.values())
      used.add(id);
  }
  return used;
}

/** Row counts of the inputs and outputs that differ between the recordings: there may be one such list of numbers. */
function varyingTokens(recordings: readonly Recording[], what: string): readonly number[] | undefined {
  const counts = recordings.map(({ inputs, outputs }) => {
    const batched = [...inputs.values(), ...outputs.values()].filter(
      ({ shape }) => typeof shape[0] === 'object',
    );
    return batched.map(rowsOf);
  });
  const lists = (counts[0] ?? []).map((_, place) => counts.map((each) => each[place] ?? 0)).filter(differ);
  const [first] = lists;
  const one = lists.every((list) => list.every((count, index) => count === first?.[index]));
  assert(one, `${what} is used with several numbers of tokens at once`);
  return first;
}
