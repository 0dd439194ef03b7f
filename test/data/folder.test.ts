import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPictureFolder } from '../../runtime/data/folder.ts';
import { UserError } from '../../runtime/user-error.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mae-folder-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function touch(...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), '');
  }
}

const failure = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(() => undefined).catch((error) => error);

describe('listing a folder of pictures', () => {
  it('finds every kind at any depth, in an order of the names alone', async () => {
    await touch(
      'b.JPG',
      'a.png',
      'cats/z/deep.webp',
      'cats/1.jpeg',
      'Zoo/x.avif',
      'é.gif',
      'notes.txt',
      'cats/2.tiff',
    );
    expect((await openPictureFolder(folder)).paths).toEqual([
      'a.png',
      'b.JPG',
      'é.gif',
      'Zoo/x.avif',
      'cats/1.jpeg',
      'cats/2.tiff',
      'cats/z/deep.webp',
    ]);
  });

  it('passes over hidden files and folders, and folders that are named like pictures', async () => {
    await touch('._a.jpg', '.thumbnails/b.jpg', 'folder.jpg/c.jpg');
    expect((await openPictureFolder(folder)).paths).toEqual(['folder.jpg/c.jpg']);
  });

  it('follows links, visits each folder once, keeps a broken link to report it later', async () => {
    await touch('real/a.jpg');
    await symlink(folder, join(folder, 'real', 'loop'));
    await symlink(join(folder, 'real'), join(folder, 'again'));
    await symlink(join(folder, 'real', 'a.jpg'), join(folder, 'linked.jpg'));
    await symlink(join(folder, 'nowhere'), join(folder, 'gone.jpg'));
    expect((await openPictureFolder(folder)).paths).toEqual(['gone.jpg', 'linked.jpg', 'again/a.jpg']);
  });

  it('says what an empty folder holds instead', async () => {
    expect(await failure(openPictureFolder(folder))).toMatchObject({
      message: `no pictures in ${folder}: it holds no files at all`,
      help: 'pictures are files that end in jpg, jpeg, jfif, png, webp, gif, tif, tiff, avif',
    });
    await touch('a.bmp', 'x/b.bmp', 'x/README');
    expect(await failure(openPictureFolder(folder))).toHaveProperty(
      'message',
      `no pictures in ${folder} or the 1 folders in it: it holds other files: 2 with .bmp, 1 with no ending`,
    );
  });

  it('says that a folder is missing, is a file, or may not be read', async () => {
    const missing = join(folder, 'missing');
    const error = await failure(openPictureFolder(missing));
    expect(error).toBeInstanceOf(UserError);
    expect(error).toHaveProperty('message', `cannot read the pictures in ${missing}: no such file or folder`);
    await touch('file.jpg', 'closed/a.jpg');
    const file = join(folder, 'file.jpg');
    expect(await failure(openPictureFolder(file))).toHaveProperty(
      'message',
      `cannot read the pictures in ${file}: a part of the path is a file, not a folder`,
    );
  });

  it.skipIf(process.platform === 'win32')('names the folder that may not be read', async () => {
    await touch('a.jpg', 'closed/b.jpg');
    const closed = join(folder, 'closed');
    await chmod(folder, 0o755);
    await chmod(closed, 0o000);
    const root = process.geteuid?.() === 0;
    if (root) process.seteuid?.(65534);
    const error = await failure(openPictureFolder(folder));
    if (root) process.seteuid?.(0);
    await chmod(closed, 0o755);
    expect(error).toHaveProperty('message', `cannot read the pictures in ${closed}/: permission denied`);
  });
});
