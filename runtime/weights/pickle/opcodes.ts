import type { PickleMachine } from './machine.ts';
import { PickleError, PickleMap } from './values.ts';

/** Bytes of the longest integer that is read; PyTorch's longest is its magic number, of 10. */
const LONGEST_INTEGER = 255;

/** The newest protocol of Python's pickles. */
const NEWEST_PROTOCOL = 5;

type Opcode = (machine: PickleMachine) => void;

/**
 * The opcodes of protocols 2 to 5, by their bytes, but for those that need more than the file (extension
 * registry, out-of-band buffers) and the text forms of protocol 0, which no version of PyTorch writes.
 */
export const OPCODES: ReadonlyMap<number, Opcode> = new Map<number, Opcode>([
  // PROTO, FRAME: a frame is a hint for reading ahead.
  [0x80, checkProtocol],
  [0x95, ({ reader }) => void reader.uint64()],
  // MARK, POP, POP_MARK, DUP
  [0x28, (machine) => machine.mark()],
  [0x30, (machine) => void machine.pop()],
  [0x31, (machine) => void machine.popToMark()],
  [0x32, (machine) => machine.push(machine.top())],
  // NONE, NEWTRUE, NEWFALSE
  [0x4e, (machine) => machine.push(null)],
  [0x88, (machine) => machine.push(true)],
  [0x89, (machine) => machine.push(false)],
  // BININT, BININT1, BININT2, LONG1, LONG4, BINFLOAT
  [0x4a, (machine) => machine.push(machine.reader.int32())],
  [0x4b, (machine) => machine.push(machine.reader.uint8())],
  [0x4d, (machine) => machine.push(machine.reader.uint16())],
  [0x8a, (machine) => pushInteger(machine, machine.reader.uint8())],
  [0x8b, (machine) => pushInteger(machine, machine.reader.uint32())],
  [0x47, (machine) => machine.push(machine.reader.float64())],
  // BINUNICODE, SHORT_BINUNICODE, BINUNICODE8
  [0x58, (machine) => machine.push(machine.reader.text(machine.reader.uint32()))],
  [0x8c, (machine) => machine.push(machine.reader.text(machine.reader.uint8()))],
  [0x8d, (machine) => machine.push(machine.reader.text(machine.reader.uint64()))],
  // BINSTRING, SHORT_BINSTRING, BINBYTES, SHORT_BINBYTES, BINBYTES8, BYTEARRAY8. Strings of Python 2 are bytes.
  [0x54, (machine) => machine.push(machine.reader.bytes(machine.reader.uint32()))],
  [0x55, (machine) => machine.push(machine.reader.bytes(machine.reader.uint8()))],
  [0x42, (machine) => machine.push(machine.reader.bytes(machine.reader.uint32()))],
  [0x43, (machine) => machine.push(machine.reader.bytes(machine.reader.uint8()))],
  [0x8e, (machine) => machine.push(machine.reader.bytes(machine.reader.uint64()))],
  [0x96, (machine) => machine.push(machine.reader.bytes(machine.reader.uint64()))],
  // EMPTY_LIST, APPEND, APPENDS, LIST
  [0x5d, (machine) => machine.push([])],
  [0x61, (machine) => appendItems(machine, [machine.pop()])],
  [0x65, (machine) => appendItems(machine, machine.popToMark())],
  [0x6c, (machine) => machine.push(machine.popToMark())],
  // EMPTY_TUPLE, TUPLE, TUPLE1, TUPLE2, TUPLE3
  [0x29, (machine) => machine.push([])],
  [0x74, (machine) => machine.push(machine.popToMark())],
  [0x85, (machine) => pushTuple(machine, 1)],
  [0x86, (machine) => pushTuple(machine, 2)],
  [0x87, (machine) => pushTuple(machine, 3)],
  // EMPTY_DICT, DICT, SETITEM, SETITEMS
  [0x7d, (machine) => machine.push(new PickleMap())],
  [0x64, pushDictionary],
  [0x73, setItem],
  [0x75, (machine) => machine.setItems(machine.popToMark())],
  // EMPTY_SET, ADDITEMS, FROZENSET
  [0x8f, (machine) => machine.push([])],
  [0x90, (machine) => appendItems(machine, machine.popToMark())],
  [0x91, (machine) => machine.push(machine.popToMark())],
  // BINPUT, LONG_BINPUT, MEMOIZE, BINGET, LONG_BINGET
  [0x71, (machine) => machine.remember(machine.reader.uint8())],
  [0x72, (machine) => machine.remember(machine.reader.uint32())],
  [0x94, (machine) => machine.rememberNext()],
  [0x68, (machine) => machine.recall(machine.reader.uint8())],
  [0x6a, (machine) => machine.recall(machine.reader.uint32())],
  // GLOBAL, STACK_GLOBAL
  [0x63, (machine) => machine.name(machine.reader.line(), machine.reader.line())],
  [0x93, nameFromStack],
  // REDUCE, NEWOBJ, NEWOBJ_EX, BUILD, BINPERSID
  [0x52, (machine) => machine.call(machine.popArray())],
  [0x81, (machine) => machine.call(machine.popArray())],
  [0x92, callWithKeywords],
  [0x62, (machine) => machine.build(machine.pop())],
  [0x51, (machine) => machine.persistent(machine.pop())],
]);

/** STOP: the value on top is the result. */
export const STOP = 0x2e;

function checkProtocol({ reader }: PickleMachine): void {
  const protocol = reader.uint8();
  if (protocol > NEWEST_PROTOCOL) {
    throw new PickleError(`it is of protocol ${protocol}, newer than the newest known, ${NEWEST_PROTOCOL}`);
  }
}

function pushInteger(machine: PickleMachine, length: number): void {
  if (length > LONGEST_INTEGER) throw new PickleError(`it has an integer of ${length} bytes`);
  machine.push(machine.reader.integer(length));
}

function appendItems(machine: PickleMachine, items: readonly Parameters<PickleMachine['push']>[0][]): void {
  const list = machine.topArray();
  // One by one: a call with a million arguments would overflow JavaScript's stack.
  for (const item of items) list.push(item);
}

function pushTuple(machine: PickleMachine, length: number): void {
  machine.push(Array.from({ length }, () => machine.pop()).reverse());
}

function pushDictionary(machine: PickleMachine): void {
  const items = machine.popToMark();
  machine.push(new PickleMap());
  machine.setItems(items);
}

function setItem(machine: PickleMachine): void {
  const value = machine.pop();
  machine.setItems([machine.pop(), value]);
}

function nameFromStack(machine: PickleMachine): void {
  const name = machine.popText();
  machine.name(machine.popText(), name);
}

function callWithKeywords(machine: PickleMachine): void {
  const keywords = machine.pop();
  if (!(keywords instanceof PickleMap) || keywords.size > 0) {
    throw new PickleError('it calls something with named arguments');
  }
  machine.call(machine.popArray());
}
