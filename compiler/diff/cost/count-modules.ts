import type { Graph, Scope } from '../../ir/graph.ts';
import { formatShape } from '../../ir/shape.ts';
import { moduleCosts, nodeFlops } from '../../passes/cost.ts';
import { MIDDLE, type ShallowModel, type StackName, stackNames, stacks } from './shallow.ts';

/** Bytes of a number in a file of weights and in an exported ONNX file. */
export const BYTES_PER_PARAMETER = 4;

/** What a module, or all equal ones of a list together, cost with all that is inside. */
export interface ModuleCost {
  /** Module names from the root, `*` for every element of a list: "encoder.blocks.*.attn"; empty for the whole model. */
  readonly path: string;
  /** "Attention". */
  readonly kind: string;
  /** How many modules these are: the depth for what is in a block. */
  readonly count: number;
  /** The shape of the result of each in pretraining: "[batch*50, 768]"; null where it has none or several. */
  readonly output: string | null;
  readonly parameters: number;
  /** Of one picture, in the paper's order of operations. */
  readonly forwardFlops: number;
  /** Of one picture in the compiled training step, forward and backward. */
  readonly trainingFlops: number;
  /** Activations that its forward pass leaves for its backward pass, for one picture. */
  readonly savedBytes: number;
  /** Weights in exported ONNX files. */
  readonly onnxBytes: number;
}

/** Costs of every single module of the graphs of a model, by its path: "encoder.blocks.3.attn". */
export function countModules(masked: Graph, training: Graph): ReadonlyMap<string, ModuleCost> {
  const trained = new Map(moduleCosts(training).map((cost) => [cost.path, cost]));
  const forward = new Map<string, number>();
  const scopes = new Map<string, Scope>();
  const visit = (scope: Scope | undefined, flops: number): void => {
    if (scope === undefined) return;
    visit(scope.parent, flops);
    if (!scopes.has(scope.path)) scopes.set(scope.path, scope);
    forward.set(scope.path, (forward.get(scope.path) ?? 0) + flops);
  };
  for (const node of masked.nodes) visit(node.scope, nodeFlops(node));
  const modules = new Map<string, ModuleCost>();
  for (const scope of scopes.values()) {
    const { path, kind } = scope;
    const { parameters = 0, trainingFlops = 0, savedBytes = 0 } = trained.get(path) ?? {};
    modules.set(path, {
      path,
      kind,
      count: 1,
      output: outputOf(scope),
      parameters,
      forwardFlops: forward.get(path) ?? 0,
      trainingFlops,
      savedBytes,
      onnxBytes: BYTES_PER_PARAMETER * parameters,
    });
  }
  return modules;
}

function outputOf({ outputs }: Scope): string | null {
  const [value] = outputs.values();
  return value === undefined || outputs.size > 1 ? null : formatShape(value.shape);
}

/** The path of the block of a stack that further ones are like. */
export function middleBlock(stack: StackName): string {
  return `${stacks[stack].blocks}.${MIDDLE}`;
}

/** The modules with those of a list counted together; further blocks are counted like the middle one of their stack. */
export function mergeModules(
  modules: ReadonlyMap<string, ModuleCost>,
  further: ShallowModel['further'],
): ModuleCost[] {
  const merged = new Map<string, ModuleCost>();
  const add = (path: string, cost: ModuleCost, times: number, count: number) => {
    const before = merged.get(path);
    merged.set(path, before === undefined ? { ...cost, path, count } : plus(before, cost, times, count));
  };
  for (const cost of modules.values()) add(cost.path.replace(/\.\d+(?=\.|$)/g, '.*'), cost, 1, 1);
  for (const name of stackNames) {
    const block = middleBlock(name);
    const times = further[name];
    if (times === 0) continue;
    for (const cost of modules.values()) {
      if (cost.path !== block && !cost.path.startsWith(`${block}.`)) continue;
      add(cost.path.replace(block, `${stacks[name].blocks}.*`), cost, times, times);
    }
    const whole = modules.get(block);
    if (whole !== undefined) for (const path of ['', name]) add(path, whole, times, 0);
  }
  return [...merged.values()];
}

function plus(sum: ModuleCost, cost: ModuleCost, times: number, count: number): ModuleCost {
  return {
    ...sum,
    count: sum.count + count,
    parameters: sum.parameters + times * cost.parameters,
    forwardFlops: sum.forwardFlops + times * cost.forwardFlops,
    trainingFlops: sum.trainingFlops + times * cost.trainingFlops,
    savedBytes: sum.savedBytes + times * cost.savedBytes,
    onnxBytes: sum.onnxBytes + times * cost.onnxBytes,
  };
}
