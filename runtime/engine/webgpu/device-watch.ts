/** The part of a device that is watched. */
export type WatchedDevice = Pick<GPUDevice, 'lost' | 'addEventListener'>;

/**
 * WebGPU reports failures beside the calls that caused them, and goes on with zeros: without this, a step that ran out of memory
 * would yield numbers.
 */
export class DeviceWatch {
  #fault: string | undefined;

  constructor(device: WatchedDevice) {
    device.lost.then(({ reason, message }) => {
      this.#fault ??= `the graphics device was lost (${reason}): ${firstLine(message)}`;
    });
    device.addEventListener('uncapturederror', (event) => {
      this.#fault ??= describeError(event.error);
    });
  }

  /** What went wrong first, if anything has. */
  get fault(): string | undefined {
    return this.#fault;
  }
}

function describeError(error: GPUError): string {
  const what = error.constructor.name === 'GPUOutOfMemoryError' ? 'is out of memory' : 'refused a command';
  return `the graphics device ${what}: ${firstLine(error.message)}`;
}

function firstLine(message: string): string {
  return message.split('\n')[0] ?? '';
}
