import { EngineError } from '../engine.ts';

const MEMORY =
  /out of memory|OutOfMemory|OUT_OF_DEVICE_MEMORY|failed to allocate|exceeds the max(imum)? buffer size/i;

/** What a graphics device's failure means for whoever computes on it. Its memory is gone: only a new run can go on. */
export function deviceError(fault: string): EngineError {
  const saved = 'a training goes on from its last checkpoint, which is whole, with --resume';
  return MEMORY.test(fault)
    ? new EngineError(
        fault,
        `${saved} and a larger --accumulation, which makes the same step of smaller micro-batches; everything else takes a smaller --batch, or --device cpu`,
      )
    : new EngineError(fault, `${saved}; where it happens again, use --device cpu`);
}
