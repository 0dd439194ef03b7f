import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  hasVulkanDriver,
  holdsManifest,
  manifestFolders,
} from '../../../runtime/engine/webgpu/vulkan-drivers.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'vulkan-'));
});
afterEach(() => rmSync(home, { recursive: true }));

function install(folder: string, file = 'driver.json'): void {
  mkdirSync(path.join(home, folder, 'vulkan/icd.d'), { recursive: true });
  writeFileSync(path.join(home, folder, 'vulkan/icd.d', file), '{}');
}

describe('the drivers of Vulkan', () => {
  it('are searched where the loader searches them', () => {
    expect(manifestFolders({ HOME: '/home/ada' })).toEqual([
      '/home/ada/.config/vulkan/icd.d',
      '/etc/xdg/vulkan/icd.d',
      '/usr/local/etc/vulkan/icd.d',
      '/etc/vulkan/icd.d',
      '/home/ada/.local/share/vulkan/icd.d',
      '/usr/local/share/vulkan/icd.d',
      '/usr/share/vulkan/icd.d',
      '/run/opengl-driver/share/vulkan/icd.d',
    ]);
    const folders = manifestFolders({
      HOME: '/home/ada',
      XDG_DATA_HOME: '/data',
      XDG_DATA_DIRS: '/one:/two',
    });
    expect(folders).toEqual(
      expect.arrayContaining(['/data/vulkan/icd.d', '/one/vulkan/icd.d', '/two/vulkan/icd.d']),
    );
    expect(folders).not.toContain('/usr/share/vulkan/icd.d');
  });

  it.each([
    ['XDG_CONFIG_HOME', '.config'],
    ['XDG_DATA_HOME', '.local/share'],
    ['XDG_DATA_DIRS', 'share'],
  ])('are there with a manifest in %s', (variable, folder) => {
    install(folder);
    expect(hasVulkanDriver({ HOME: '/nobody', [variable]: path.join(home, folder) })).toBe(true);
  });

  it('are there when the environment names them, installed or not', () => {
    for (const name of ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES', 'VK_ADD_DRIVER_FILES']) {
      expect(hasVulkanDriver({ HOME: home, [name]: '/opt/driver.json' })).toBe(true);
    }
  });

  it('have a manifest in JSON', () => {
    const folder = path.join(home, 'vulkan/icd.d');
    expect(holdsManifest(folder)).toBe(false);
    install('.', 'readme.txt');
    expect(holdsManifest(folder)).toBe(false);
    install('.');
    expect(holdsManifest(folder)).toBe(true);
  });
});
