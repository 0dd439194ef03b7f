import { describe, expect, it } from 'vitest';
import {
  type Availability,
  chooseDevice,
  DEVICE_CHOICES,
  ENGINE_KINDS,
  PROBES,
  type Probes,
} from '../../runtime/engine/choose-engine.ts';
import { DEVICES, type Device } from '../../runtime/engine/device.ts';
import { EngineError } from '../../runtime/engine/engine.ts';

const GPU: Availability = { kind: 'ready', on: 'Some GPU', slow: false };
const SOFTWARE: Availability = { kind: 'ready', on: 'SwiftShader (software: slow)', slow: true };
const CPU: Availability = { kind: 'ready', on: 'the CPU', slow: false };
const NO_ADAPTER: Availability = { kind: 'unavailable', reason: 'no adapter', help: 'install a driver' };
const NO_CUDA: Availability = { kind: 'unavailable', reason: 'no provider', help: 'install it' };

/** A machine that has these; all else is as on one without a graphics card. */
function machine(has: Partial<Record<Device, Availability>>): Probes {
  const all = { cuda: NO_CUDA, webgpu: NO_ADAPTER, cpu: CPU, ...has };
  const of = (device: Device) => async () => all[device];
  const probes = { cuda: of('cuda'), webgpu: of('webgpu'), cpu: of('cpu') };
  return { onnx: probes, tfjs: probes };
}

describe('auto', () => {
  it('takes the CPU where there is nothing else, and says what would be faster', async () => {
    expect(await chooseDevice('onnx', 'auto', machine({}))).toEqual({
      device: 'cpu',
      why: 'the best of what is here for the onnx engine; not webgpu: no adapter; not cuda: no provider',
      faster: 'a GPU: for webgpu install a driver; for cuda install it',
    });
  });

  it('takes a graphics card, each engine by what suits it', async () => {
    const both = machine({ cuda: GPU, webgpu: GPU });
    expect(await chooseDevice('onnx', 'auto', both)).toMatchObject({ device: 'webgpu' });
    expect(await chooseDevice('tfjs', 'auto', both)).toMatchObject({ device: 'cuda' });
    const second = await chooseDevice('onnx', 'auto', machine({ cuda: GPU }));
    expect(second).toEqual({
      device: 'cuda',
      why: 'the best of what is here for the onnx engine; not webgpu: no adapter',
    });
  });

  it('leaves an adapter in software alone', async () => {
    const { device, why } = await chooseDevice('onnx', 'auto', machine({ webgpu: SOFTWARE }));
    expect(device).toBe('cpu');
    expect(why).toContain('not webgpu: SwiftShader (software: slow)');
  });

  it('says so when nothing can be used', async () => {
    const nothing = machine({ cpu: { kind: 'unavailable', reason: 'no library', help: 'install' } });
    await expect(chooseDevice('tfjs', 'auto', nothing)).rejects.toThrow(
      'the tfjs engine can compute on nothing here: not cuda: no provider; not webgpu: no adapter; not cpu: no library',
    );
  });
});

describe('a named device', () => {
  it.each(DEVICES)('%s is taken although others are there', async (device) => {
    const all = machine({ cuda: GPU, webgpu: GPU });
    expect(await chooseDevice('onnx', device, all)).toEqual({
      device,
      why: `--device ${device} asks for it`,
    });
  });

  it('is never replaced by another', async () => {
    const chosen = chooseDevice('tfjs', 'webgpu', machine({ cuda: GPU }));
    await expect(chosen).rejects.toBeInstanceOf(EngineError);
    await expect(chosen).rejects.toMatchObject({
      message: 'the tfjs engine cannot compute on webgpu: no adapter',
      help: 'install a driver; or let it choose: --device auto',
    });
  });

  it('may be software, with a warning', async () => {
    const { why } = await chooseDevice('onnx', 'webgpu', machine({ webgpu: SOFTWARE }));
    expect(why).toContain('slow');
  });

  it('is tried without the package that looks for adapters, which ONNX Runtime does not need', async () => {
    const missing: Availability = {
      kind: 'unavailable',
      reason: 'not installed',
      help: 'npm install webgpu',
    };
    const probes = machine({ webgpu: missing });
    expect(await chooseDevice('onnx', 'webgpu', probes)).toMatchObject({ device: 'webgpu' });
    await expect(chooseDevice('tfjs', 'webgpu', probes)).rejects.toThrow('not installed');
  });
});

describe('the table of engines and devices', () => {
  it('has a probe for each, and the CPU can always be used', async () => {
    expect(Object.keys(PROBES)).toEqual([...ENGINE_KINDS]);
    expect(DEVICE_CHOICES).toEqual(['auto', ...DEVICES]);
    for (const engine of ENGINE_KINDS) {
      expect(Object.keys(PROBES[engine]).sort()).toEqual([...DEVICES].sort());
      expect((await PROBES[engine].cpu()).kind).toBe('ready');
    }
  });
});
