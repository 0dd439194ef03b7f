import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that name drivers to the Vulkan loader, in place of what is installed or beside it. */
const NAMED_DRIVERS = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES', 'VK_ADD_DRIVER_FILES'] as const;

/**
 * Whether the Vulkan loader of Linux would find the manifest of a driver, by its own rules (LoaderDriverInterface.md of Vulkan-Loader).
 * Asking the loader itself where there is none makes it write warnings to stderr that nothing can hold back.
 */
export function hasVulkanDriver(environment: Environment = process.env): boolean {
  if (NAMED_DRIVERS.some((name) => (environment[name] ?? '') !== '')) return true;
  return manifestFolders(environment).some(holdsManifest);
}

/** The folders that are searched for manifests, the user's own first. */
export function manifestFolders(environment: Environment): string[] {
  const { HOME: home = homedir() } = environment;
  const listed = (name: string, otherwise: string) =>
    (environment[name] || otherwise).split(path.delimiter).filter((folder) => folder !== '');
  const roots = [
    ...listed('XDG_CONFIG_HOME', path.join(home, '.config')),
    ...listed('XDG_CONFIG_DIRS', '/etc/xdg'),
    '/usr/local/etc',
    '/etc',
    ...listed('XDG_DATA_HOME', path.join(home, '.local/share')),
    ...listed('XDG_DATA_DIRS', '/usr/local/share:/usr/share'),
    // NixOS.
    '/run/opengl-driver/share',
  ];
  return [...new Set(roots)].map((root) => path.join(root, 'vulkan/icd.d'));
}

/** Whether there is a manifest in a folder, which need not be there. */
export function holdsManifest(folder: string): boolean {
  try {
    return readdirSync(folder).some((file) => file.endsWith('.json'));
  } catch {
    return false;
  }
}
