import { hasVulkanDriver } from './vulkan-drivers.ts';

/** A graphics processor as WebGPU shows it. */
export interface Adapter {
  /** For people: its name and driver. */
  readonly description: string;
  /** A program on the processor that stands in for a graphics processor: for tests, far too slow to train with. */
  readonly software: boolean;
  /** Whether shaders may compute in float16. */
  readonly halfPrecision: boolean;
  readonly gpuAdapter: GPUAdapter;
}

/** What became of looking for an adapter. */
export type AdapterSearch =
  | { readonly kind: 'found'; readonly adapter: Adapter }
  /** The package that looks is not there. */
  | { readonly kind: 'not installed'; readonly reason: string; readonly help: string }
  | { readonly kind: 'none'; readonly reason: string; readonly help: string };

/** The part of the package `webgpu` (Dawn, the WebGPU of Chromium) that is used. */
export interface DawnPackage {
  create(options: string[]): GPU;
  readonly globals: object;
}

export type DawnLoader = () => Promise<DawnPackage>;

const NO_ADAPTER: AdapterSearch = {
  kind: 'none',
  reason: 'WebGPU finds no graphics adapter here',
  help: "install the graphics card's driver, on Linux with its Vulkan part and libvulkan1 (vulkaninfo --summary lists what there is)",
};

/** One for all: its adapters and devices live as long as it does. */
let gpu: GPU | undefined;

/**
 * Looks for the adapter that WebGPU prefers, by the optional package `webgpu`, and makes it `navigator.gpu`, where libraries for browsers
 * look. An adapter serves for one device: each search yields a new one.
 */
export async function findAdapter(load: DawnLoader = () => import('webgpu')): Promise<AdapterSearch> {
  let dawn: DawnPackage;
  try {
    dawn = await load();
  } catch (error) {
    return explainLoading(error);
  }
  if (process.platform === 'linux' && !hasVulkanDriver()) return NO_ADAPTER;
  Object.assign(globalThis, dawn.globals);
  gpu ??= dawn.create([]);
  setNavigatorGpu(gpu);
  const gpuAdapter = await gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
  if (gpuAdapter === null) return NO_ADAPTER;
  return { kind: 'found', adapter: describeAdapter(gpuAdapter) };
}

/** Node 20 has no `navigator`; later ones have one without `gpu`. */
function setNavigatorGpu(value: GPU): void {
  if (globalThis.navigator === undefined) {
    const navigator = { userAgent: `Node.js/${process.versions.node}` };
    Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true, writable: true });
  }
  Object.defineProperty(globalThis.navigator, 'gpu', { value, configurable: true });
}

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render/i;

export function describeAdapter(gpuAdapter: GPUAdapter): Adapter {
  const { vendor, architecture, device, description } = gpuAdapter.info;
  const words = [...new Set([vendor, architecture, device, description].filter((word) => word !== ''))];
  const software = gpuAdapter.info.isFallbackAdapter === true || SOFTWARE.test(words.join(' '));
  const name = description === '' ? words.join(' ') : [vendor, description].filter(Boolean).join(' ');
  return {
    description: `${name || 'unnamed adapter'}${software ? ' (software: slow)' : ''}`,
    software,
    halfPrecision: gpuAdapter.features.has('shader-f16'),
    gpuAdapter,
  };
}

function explainLoading(error: unknown): AdapterSearch {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ERR_MODULE_NOT_FOUND') {
    return {
      kind: 'not installed',
      reason: 'the package webgpu, which finds graphics adapters, is not installed',
      help: 'npm install webgpu',
    };
  }
  const firstLine = (error instanceof Error ? error.message : String(error)).split('\n')[0];
  return {
    kind: 'none',
    reason: `the package webgpu does not load: ${firstLine}`,
    help: 'npm install webgpu again; it is built for Linux (glibc), macOS and Windows on x64 and arm64',
  };
}
