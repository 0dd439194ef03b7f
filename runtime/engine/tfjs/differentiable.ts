import { customGrad, type Tensor } from '@tensorflow/tfjs';

/** What the backward pass needs of the forward pass. */
interface Forward<Output extends Tensor, Saved extends readonly Tensor[]> {
  readonly value: Output;
  /** Kept until the gradients are done. The backward pass must read tensors from here: others are disposed of by then. */
  readonly saved: Saved;
}

/**
 * An operation with a gradient of its own: fewer tensors on the tape, and only kernels that every backend has. `gradient`
 * returns one tensor for each of `inputs`; any other tensor that `forward` uses is a constant to it.
 */
export function differentiable<Output extends Tensor, const Saved extends readonly Tensor[]>(
  inputs: readonly Tensor[],
  forward: () => Forward<Output, Saved>,
  gradient: (dy: Output, saved: Saved) => readonly Tensor[],
): Output {
  const operation = customGrad<Output>((...given) => {
    const save = given.at(-1);
    const { value, saved } = forward();
    if (typeof save === 'function') save([...saved]);
    return { value, gradFunc: (dy, kept) => [...gradient(dy, kept as readonly Tensor[] as Saved)] };
  });
  return operation(...inputs);
}
