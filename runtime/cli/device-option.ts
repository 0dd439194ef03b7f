import { Option } from '@commander-js/extra-typings';
import { DEVICE_CHOICES } from '../engine/choose-engine.ts';

/** Where the engine computes. */
export function deviceOption() {
  return new Option(
    '--device <name>',
    'where the engine computes; auto takes the best that is here, and says why',
  )
    .choices(DEVICE_CHOICES)
    .default('auto' as const);
}
