import type { OptimizerKind, OptimizerSettingsByKind } from '../../engine.ts';
import { adamw } from './adamw.ts';
import { lars } from './lars.ts';
import type { TensorOptimizer } from './optimizer.ts';
import { sgd } from './sgd.ts';

/** How each kind of optimizer steps over tensors of the current backend. */
export const TENSOR_OPTIMIZERS: {
  readonly [Kind in OptimizerKind]: TensorOptimizer<OptimizerSettingsByKind[Kind]>;
} = { adamw, lars, sgd };
