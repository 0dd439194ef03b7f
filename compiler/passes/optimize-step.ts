import { present } from '../ir/assert.ts';
import { GraphBuilder } from '../ir/builder.ts';
import type { Graph } from '../ir/graph.ts';
import { adamwOp } from '../ir/ops/adamw.ts';
import { adamwFactorsOp } from '../ir/ops/adamw-factors.ts';
import { float32 } from '../ir/shape.ts';
import { verify } from './verify.ts';
import { isDecayed } from './weight-decay.ts';

export interface AdamWConstants {
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  readonly weightDecay: number;
}

/**
 * A graph of gradients becomes a whole training step: instead of `gradient:NAME` it yields `next:NAME`,
 * `next-first-moment:NAME` and `next-second-moment:NAME`, and takes the moments, the learning rate [] and the bias
 * corrections [2] as inputs. For devices that keep parameters in their own memory from step to step.
 */
export function optimizeStep(gradients: Graph, constants: AdamWConstants): Graph {
  const kept = gradients.outputs.filter(({ role }) => role !== 'gradient');
  const builder = GraphBuilder.extend(
    { ...gradients, outputs: kept },
    gradients.name.replace('-gradients', '-step'),
  );
  const rate = builder.input('learning-rate', 'learning-rate', float32());
  const corrections = builder.input('bias-corrections', 'bias-corrections', float32(2));
  const factors = builder.within(gradients.root, 'update', () =>
    builder.add(adamwFactorsOp, [rate, corrections], { weightDecay: constants.weightDecay }),
  );
  const {
    betas: [beta1, beta2],
  } = constants;
  const gradientOf = new Map(
    gradients.outputs.flatMap(({ role, of, value }) => (role === 'gradient' ? [[of, value]] : [])),
  );
  for (const { name, value: parameterValue, shape, scope } of gradients.parameters.filter(
    ({ trainable }) => trainable,
  )) {
    const gradient = present(gradientOf.get(name), `gradient of ${name}`);
    const first = builder.input(`first-moment:${name}`, 'first-moment', parameterValue, name);
    const second = builder.input(`second-moment:${name}`, 'second-moment', parameterValue, name);
    const scalars = isDecayed({ name, shape }) ? factors : factors.slice(0, 2);
    const [next, nextFirst, nextSecond] = builder.within(scope, 'update', () =>
      builder.add(adamwOp, [parameterValue, gradient, first, second, ...scalars], {
        beta1,
        beta2,
        epsilon: constants.epsilon,
      }),
    );
    builder.output(`next:${name}`, 'parameter', present(next, 'next parameter'), name);
    builder.output(`next-first-moment:${name}`, 'first-moment', present(nextFirst, 'first moment'), name);
    builder.output(`next-second-moment:${name}`, 'second-moment', present(nextSecond, 'second moment'), name);
  }
  return verify(builder.finish(), 'optimize-step');
}
