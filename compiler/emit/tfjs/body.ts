import { present } from '../../ir/assert.ts';
import type { Node, Value } from '../../ir/graph.ts';
import { patchifyOp } from '../../ir/ops/patchify.ts';
import type { Imports } from './imports.ts';
import { breakCall, LINE_WIDTH } from './layout.ts';
import { nodeHints } from './local-names.ts';
import { type Loop, loopsOf } from './loops.ts';
import { type Method, type Methods, maskingFields, rowsOf, rowsOfStep, tokensText } from './methods.ts';
import { type Call, resultOf, type Step } from './modules.ts';
import { camelCase, dropName, fieldName } from './names.ts';
import { Uses } from './uses.ts';

/** Columns before a statement of a method. */
const INDENT = 4;
/** The variable of the pictures' patches. */
const GRID = 'grid';
/** How deep calls are nested before a value gets a name of its own. */
const DEEPEST = 3;

interface Expression {
  readonly text: string;
  /** Calls within calls; 0 for a name or a member. */
  readonly depth: number;
  /** Names for its value, the best first. */
  readonly hints: readonly string[];
}

/** Writes the statements of a method: one expression a value, nested where a value is used once and the line stays short. */
export class BodyWriter {
  readonly #method: Method;
  readonly #methods: Methods;
  readonly #imports: Imports;
  readonly #uses: Uses;
  readonly #names: Set<string>;
  readonly #expressions = new Map<number, Expression>();
  readonly #lines: string[] = [];

  constructor(method: Method, methods: Methods, imports: Imports) {
    this.#method = method;
    this.#methods = methods;
    this.#imports = imports;
    const recording = present(method.recordings[0], 'recording');
    const { module, inputs, parameters } = recording;
    this.#uses = new Uses(recording, methods);
    this.#names = new Set([
      ...method.inputs.map(camelCase),
      'masking',
      ...(method.grid ? [GRID] : []),
      ...(method.takesTokens ? ['tokens'] : []),
      ...(method.takesDrops ? ['drops'] : []),
    ]);
    for (const [name, { id }] of inputs) this.#setAtom(id, camelCase(name));
    for (const [id, field] of maskingFields(recording)) this.#setAtom(id, `masking.${field}`);
    for (const { localName, value } of parameters) {
      this.#setAtom(value.id, `this.${fieldName(localName, module.segment)}`);
    }
  }

  /** The statements, without their indentation. */
  write(): string[] {
    const recording = present(this.#method.recordings[0], 'recording');
    const indexOf = (step: Step) => recording.steps.indexOf(step);
    loopsOf(recording).forEach((step) => {
      if ('node' in step) this.#node(step.node, indexOf(step));
      else if ('call' in step) this.#call(step.call, indexOf(step));
      else this.#loop(step.loop);
    });
    this.#return(recording.outputs);
    return this.#lines;
  }

  #node(node: Node, index: number): void {
    const { op, inputs, outputs, attributes } = node;
    if (op === patchifyOp) this.#makeGrid(node);
    const render = (texts: readonly string[]) =>
      op.tfjs({
        inputs: texts,
        inputTypes: inputs,
        outputTypes: outputs,
        attributes,
        rowsPerPicture: (of) => this.#rowsPerPicture(index, of),
        grid: this.#method.grid && GRID,
        use: (name) => this.#imports.value(name),
      });
    const result = present(outputs[0], `result of ${op.name}`);
    this.#assign(
      [[result.id, '']],
      inputs,
      this.#dropped(index, render),
      nodeHints(node, (value) => this.#uses.sourceName(value)),
    );
  }

  /** The expression of a step with what of it training leaves out at random. */
  #dropped(index: number, render: (texts: readonly string[]) => string): typeof render {
    const drop = this.#method.drops.get(index);
    if (!drop) return render;
    const { node, factors } = drop;
    const name = dropName(factors);
    return (texts) =>
      node.op.tfjs({
        inputs: [render(texts), `drops?.get(${name})`],
        inputTypes: node.inputs,
        outputTypes: node.outputs,
        attributes: node.attributes,
        rowsPerPicture: () => {
          const counts = this.#method.recordings.map(({ steps }) =>
            rowsOf(resultOf(present(steps[index], 'step'))),
          );
          return tokensText(this.#method, counts, 'value');
        },
        grid: undefined,
        use: (name) => this.#imports.value(name),
      });
  }

  /** Pictures of several sizes are measured before they are cut. */
  #makeGrid({ inputs: [images], attributes: { height, width } }: Node): void {
    if (this.#method.grid === undefined) return;
    const cut = this.#atom(present(images, 'images'));
    this.#statement(`const ${GRID} = ${this.#imports.value('patchGrid')}(${cut}, [${height}, ${width}]);`);
  }

  #rowsPerPicture(index: number, of: number | 'result'): string {
    const counts = this.#method.recordings.map(({ steps }) => rowsOfStep(steps[index], of));
    return tokensText(this.#method, counts, 'value');
  }

  #call(call: Call, index: number): void {
    const { module, recording } = call;
    const method = this.#methods.called(call);
    const inputs = method.inputs.map((name) => present(recording.inputs.get(name), `input ${name}`));
    const owner = `this.${fieldName(module.segment, this.#ownName())}`;
    const render = (texts: readonly string[]) => `${owner}.${method.name}(${this.#arguments(call, texts)})`;
    const results = Array.from(recording.outputs, ([name, { id }]) => [id, name] as const);
    const [result] = recording.outputs.values();
    this.#assign(results, inputs, this.#dropped(index, render), [
      (result && this.#uses.sourceName(result)) ?? 'result',
    ]);
  }

  /** All arguments of a call, given those that are values. */
  #arguments(call: Call, texts: readonly string[]): string {
    const called = this.#methods.called(call);
    const masking = called.takesMasking ? ['masking'] : [];
    const grid = called.grid ? [GRID] : [];
    const tokens = called.takesTokens ? [this.#tokensOf(call)] : [];
    const drops = called.takesDrops && this.#method.takesDrops ? ['drops'] : [];
    return [...texts, ...masking, ...grid, ...tokens, ...drops].join(', ');
  }

  #tokensOf(call: Call): string {
    const first = present(this.#method.recordings[0], 'recording');
    const index = first.steps.findIndex((step) => 'call' in step && step.call === call);
    const counts = this.#method.recordings.map(({ steps }) => {
      return this.#methods.tokensOfCall(present(steps[index], 'call'));
    });
    return tokensText(this.#method, counts, 'value');
  }

  #loop({ list, calls, input, initial, result }: Loop): void {
    const first = present(calls[0], list);
    const method = this.#methods.called(first);
    const name = this.#freshName(['tokens', 'x']);
    this.#statement(`let ${name} = ${this.#expression(initial.id).text};`);
    const texts = method.inputs.map((each) => {
      return each === input ? name : this.#atom(present(first.recording.inputs.get(each), each));
    });
    const item = this.#freshName([list.replace(/s$/, ''), `${list}Item`]);
    const call = `${item}.${method.name}(${this.#arguments(first, texts)})`;
    this.#statement(`for (const ${item} of this.${fieldName(list, this.#ownName())}) ${name} = ${call};`);
    this.#setAtom(result.id, name);
  }

  #return(outputs: ReadonlyMap<string, Value>): void {
    const single = outputs.get('');
    if (single) {
      this.#statement(`return ${this.#expression(single.id).text};`);
      return;
    }
    const lines = Array.from(outputs, ([name, value]) => {
      const key = camelCase(name);
      const { text } = this.#expression(value.id);
      return breakCall(text === key ? `${key},` : `${key}: ${text},`, INDENT + 2).map((line) => `  ${line}`);
    });
    this.#lines.push('return {', ...lines.flat(), '};');
  }

  /** Makes an expression known as the value of its results: under a name where it is used more than once. */
  #assign(
    results: readonly (readonly [id: number, member: string])[],
    inputs: readonly Value[],
    render: (texts: readonly string[]) => string,
    hints: readonly string[],
  ): void {
    const single = results.find(([, member]) => member === '')?.[0];
    const all = single === undefined ? hints : [...this.#uses.hints(single), ...hints];
    const expression = this.#compose(inputs, render, `const ${all[0]} = ;`.length);
    if (single !== undefined) {
      this.#expressions.set(single, { ...expression, hints: all });
      if (this.#uses.count(single) > 1) this.#declare(single);
      return;
    }
    const name = this.#freshName(all);
    this.#statement(`const ${name} = ${expression.text};`);
    for (const [id, member] of results) this.#setAtom(id, `${name}.${camelCase(member)}`);
  }

  /** Puts the expressions of inputs together, those that would make it too deep or too long under names. */
  #compose(
    inputs: readonly Value[],
    render: (texts: readonly string[]) => string,
    around: number,
  ): Pick<Expression, 'text' | 'depth'> {
    const fits = (text: string) => INDENT + around + text.length <= LINE_WIDTH;
    const shortest = render(inputs.map(({ id }) => this.#shortest(id)));
    for (;;) {
      const expressions = inputs.map(({ id }) => this.#expression(id));
      const text = render(expressions.map((expression) => expression.text));
      const depth = 1 + Math.max(0, ...expressions.map((expression) => expression.depth));
      const nested = inputs.filter(({ id }) => this.#expression(id).depth > 0);
      const fine = depth <= DEEPEST && (fits(text) || !fits(shortest));
      if (fine || nested.length === 0) return { text, depth };
      const longest = (id: number) =>
        this.#expression(id).depth * LINE_WIDTH + this.#expression(id).text.length;
      this.#declare(nested.reduce((a, b) => (longest(b.id) > longest(a.id) ? b : a)).id);
    }
  }

  #shortest(id: number): string {
    const { text, depth, hints } = this.#expression(id);
    return depth === 0 ? text : (hints[0] ?? text);
  }

  /** Gives a nested expression a name, before the statement that is being made. */
  #declare(id: number): void {
    const { text, hints } = this.#expression(id);
    const name = this.#freshName(hints);
    this.#statement(`const ${name} = ${text};`);
    this.#setAtom(id, name);
  }

  #atom(value: Value): string {
    if (this.#expression(value.id).depth > 0) this.#declare(value.id);
    return this.#expression(value.id).text;
  }

  #setAtom(id: number, text: string): void {
    this.#expressions.set(id, { text, depth: 0, hints: [] });
  }

  #expression(id: number): Expression {
    return present(this.#expressions.get(id), `expression of value ${id}`);
  }

  #freshName(hints: readonly string[]): string {
    const free = (name: string) => !this.#names.has(name) && !this.#imports.has(name);
    const [last = 'result'] = hints.slice(-1);
    const numbered = (number: number): string =>
      free(`${last}${number}`) ? `${last}${number}` : numbered(number + 1);
    const name = hints.find(free) ?? numbered(2);
    this.#names.add(name);
    return name;
  }

  #statement(text: string): void {
    this.#lines.push(...breakCall(text, INDENT));
  }

  #ownName(): string {
    return present(this.#method.recordings[0], 'recording').module.segment;
  }
}
