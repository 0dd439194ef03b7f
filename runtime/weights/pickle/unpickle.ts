import { type PickleEnvironment, PickleMachine } from './machine.ts';
import { OPCODES, STOP } from './opcodes.ts';
import { PickleError, type PickleValue } from './values.ts';

/** A checkpoint of a thousand tensors takes some thirty thousand. More than this would only fill the memory. */
const MOST_OPCODES = 4_000_000;

/**
 * Reads one pickle of `bytes`, from `start` on, as data. Nothing that it names is imported or run: classes and
 * functions are names that the environment allows and says what to make of. Returns the value and where the
 * pickle ends. Throws a `PickleError` when it is damaged, and a `ForbiddenGlobalError` for other names.
 */
export function unpickle(
  bytes: Uint8Array,
  environment: PickleEnvironment,
  start = 0,
): { readonly value: PickleValue; readonly end: number } {
  const machine = new PickleMachine(bytes, start, environment);
  for (let count = 0; count < MOST_OPCODES; count++) {
    const { position } = machine.reader;
    const byte = machine.reader.uint8();
    if (byte === STOP) return { value: machine.pop(), end: machine.reader.position };
    const opcode = OPCODES.get(byte);
    if (opcode === undefined) {
      throw new PickleError(
        `it has the unknown opcode 0x${byte.toString(16).padStart(2, '0')} at ${position}`,
      );
    }
    opcode(machine);
  }
  throw new PickleError(`it has more than ${MOST_OPCODES} opcodes`);
}
