import type { Device } from '../../runtime/engine/device.ts';
import type { BackendName } from '../../runtime/engine/tfjs/backends.ts';

/** Which engine takes the steps. */
export type EngineChoice =
  | { readonly kind: 'onnx'; readonly device: Device }
  | { readonly kind: 'tfjs'; readonly backend: BackendName };
