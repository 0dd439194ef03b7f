import type { OptimizerKind, OptimizerSettingsByKind } from '../engine.ts';
import { adamw } from './adamw.ts';
import { lars } from './lars.ts';
import type { ArenaOptimizer } from './optimizer.ts';
import { sgd } from './sgd.ts';

/** How each kind of optimizer steps over an arena. */
export const ARENA_OPTIMIZERS: {
  readonly [Kind in OptimizerKind]: ArenaOptimizer<OptimizerSettingsByKind[Kind]>;
} = { adamw, lars, sgd };
