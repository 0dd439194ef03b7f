/** Where the numbers of a step are computed. */
export type Device = 'cuda' | 'webgpu' | 'cpu';

/** The fastest first, where a machine has them all. */
export const DEVICES = ['cuda', 'webgpu', 'cpu'] as const satisfies readonly Device[];
