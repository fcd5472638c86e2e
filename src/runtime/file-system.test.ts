// The real file system and the one for tests must agree where no fault is planned.

import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { FaultyFileSystem } from './faulty-file-system.ts';
import { type FileSystem, nodeFileSystem } from './file-system.ts';

const dirs: string[] = [];

afterEach(() => {
  for (const dir of dirs.splice(0)) fs.rmSync(dir, { recursive: true, force: true });
});

function cases(): [string, FileSystem, string][] {
  const dir = fs.mkdtempSync(join(tmpdir(), 'tidemark-fs-'));
  dirs.push(dir);
  const faulty = new FaultyFileSystem();
  faulty.mkdir('/base');
  return [
    ['node', nodeFileSystem, dir],
    ['faulty', faulty, '/base'],
  ];
}

const codeOf = (act: () => unknown): string => {
  try {
    act();
    return 'none';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

test.each(['node', 'faulty'])('%s: the same answers', (which) => {
  const [, files, base] = cases().find(([name]) => name === which)!;
  const path = (name: string): string => join(base, name);
  const fd = files.open(path('a'), 'create');
  files.writeVector(
    fd,
    Array.from({ length: 3000 }, (_, i) => new Uint8Array([i % 251, i % 7])),
    4,
  );
  files.write(fd, new Uint8Array([1, 2, 3, 4]), 0);
  expect(files.size(fd)).toBe(6004);
  const some = new Uint8Array(10);
  expect(files.read(fd, some, 6000)).toBe(4);
  expect([...some]).toEqual([2998 % 251, 2998 % 7, 2999 % 251, 2999 % 7, 0, 0, 0, 0, 0, 0]);
  expect(files.read(fd, some, 9000)).toBe(0);
  files.truncate(fd, 4);
  files.truncate(fd, 6);
  files.fdatasync(fd);
  files.close(fd);
  files.syncDirectory(base);
  expect([...files.readFile(path('a'))]).toEqual([1, 2, 3, 4, 0, 0]);

  expect(codeOf(() => files.open(path('a'), 'create'))).toBe('EEXIST');
  expect(codeOf(() => files.open(path('b'), 'read'))).toBe('ENOENT');
  expect(codeOf(() => files.open(path('b'), 'update'))).toBe('ENOENT');
  expect(codeOf(() => files.unlink(path('b')))).toBe('ENOENT');
  expect(codeOf(() => files.rename(path('b'), path('c')))).toBe('ENOENT');
  expect(codeOf(() => files.readdir(path('b')))).toBe('ENOENT');
  expect(codeOf(() => files.link(path('a'), path('a')))).toBe('EEXIST');

  files.link(path('a'), path('b'));
  files.rename(path('a'), path('c'));
  files.mkdir(path('d/e/f'));
  files.mkdir(path('d/e/f'));
  files.link(path('b'), path('d/e/g'));
  expect(files.readdir(base)).toEqual(['b', 'c', 'd']);
  expect(files.readdir(path('d/e'))).toEqual(['f', 'g']);
  expect(files.stat(path('b'))).toEqual({ isDirectory: false, size: 6 });
  expect(files.stat(path('d'))?.isDirectory).toBe(true);
  expect(files.stat(path('a'))).toBeUndefined();
  expect(files.stat(path('b/x'))).toBeUndefined();
  expect(files.exists(path('d/e/f'))).toBe(true);
  files.removeTree(path('d'));
  files.removeTree(path('d'));
  expect(files.exists(path('d'))).toBe(false);
  files.close(files.open(path('b'), 'replace'));
  expect(files.readFile(path('c')).length).toBe(0);
  expect(files.freeBytes(base)).toBeGreaterThan(0);
});
