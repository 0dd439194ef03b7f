/** Where the numbers of a step are computed. */
export type Device = 'cuda' | 'webgpu' | 'cpu';

/** The fastest first, where a machine has them all. */
export const DEVICES = ['cuda', 'webgpu', 'cpu'] as const satisfies readonly Device[];

export interface ChosenDevice {
  readonly device: Device;
  /** Why this one, for people. */
  readonly why: string;
  /** What would be faster, and how to get it; nothing where nothing would, or where the device was named. */
  readonly faster?: string;
}
