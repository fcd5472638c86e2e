import { describe, expect, test } from 'vitest';
import { replaceFile } from './atomic-file.ts';
import { FaultyFileSystem } from './faulty-file-system.ts';
import { makeDurableDirectory } from './file-system.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (files: FaultyFileSystem, path: string): string | undefined =>
  files.exists(path) ? new TextDecoder().decode(files.readFile(path)) : undefined;

/** Everything that may be found at `path` after a power cut. */
function fates(files: FaultyFileSystem, path: string, cuts = 300): Set<string | undefined> {
  const found = new Set<string | undefined>();
  for (let seed = 0; seed < cuts; seed++) found.add(textOf(files.powerCut(seed), path));
  return found;
}

function durableFile(files: FaultyFileSystem, path: string, text: string): void {
  const fd = files.open(path, 'replace');
  files.write(fd, bytesOf(text), 0);
  files.fdatasync(fd);
  files.close(fd);
  files.syncDirectory('/');
}

describe('power cut', () => {
  test('keeps what was synced', () => {
    const files = new FaultyFileSystem();
    durableFile(files, '/a', 'hello');
    expect(fates(files, '/a')).toEqual(new Set(['hello']));
  });

  test('may keep, drop, tear or blank what was written after the sync', () => {
    const files = new FaultyFileSystem();
    durableFile(files, '/a', 'hello');
    const fd = files.open('/a', 'update');
    files.write(fd, bytesOf('world'), 5);
    expect(textOf(files, '/a')).toBe('helloworld');
    const found = fates(files, '/a');
    for (const fate of ['hello', 'helloworld', 'hellowo', 'hello\0\0\0\0\0']) {
      expect(found).toContain(fate);
    }
    for (const fate of found) expect(fate).toMatch(/^hello/);
  });

  test('may forget a file whose folder was not synced, but not its content only', () => {
    const files = new FaultyFileSystem();
    const fd = files.open('/a', 'create');
    files.write(fd, bytesOf('hello'), 0);
    files.fdatasync(fd);
    expect(fates(files, '/a')).toEqual(new Set([undefined, 'hello']));
    files.syncDirectory('/');
    expect(fates(files, '/a')).toEqual(new Set(['hello']));
  });

  test('happens before or after a rename or removal, never in between', () => {
    const files = new FaultyFileSystem();
    durableFile(files, '/a', 'a');
    durableFile(files, '/b', 'b');
    files.rename('/a', '/b');
    for (let seed = 0; seed < 100; seed++) {
      const cut = files.powerCut(seed);
      const state = `${textOf(cut, '/a')},${textOf(cut, '/b')}`;
      expect(['a,b', 'undefined,a']).toContain(state);
    }
    files.unlink('/b');
    expect(fates(files, '/b')).toEqual(new Set(['a', 'b', undefined]));
    files.syncDirectory('/');
    expect(fates(files, '/b')).toEqual(new Set([undefined]));
  });

  test('is decided by its seed', () => {
    const files = new FaultyFileSystem();
    const fd = files.open('/a', 'create');
    files.syncDirectory('/');
    files.write(fd, new Uint8Array(5000).fill(7), 0);
    for (let seed = 0; seed < 50; seed++) {
      expect(files.powerCut(seed).readFile('/a')).toEqual(files.powerCut(seed).readFile('/a'));
    }
  });

  test('leaves both names of a linked file with one content', () => {
    const files = new FaultyFileSystem();
    durableFile(files, '/a', 'hello');
    files.link('/a', '/b');
    files.syncDirectory('/');
    const cut = files.powerCut(1);
    const fd = cut.open('/a', 'update');
    cut.write(fd, bytesOf('J'), 0);
    expect(textOf(cut, '/b')).toBe('Jello');
  });
});

describe('faults', () => {
  test('hit the n-th call, once or from then on', () => {
    const files = new FaultyFileSystem();
    files.failAt({ op: 'mkdir', nth: 2, code: 'EIO' });
    files.mkdir('/a');
    expect(() => files.mkdir('/b')).toThrowError(expect.objectContaining({ code: 'EIO' }));
    files.mkdir('/b');
    files.failAt({ op: 'any', nth: 1, code: 'EROFS', sticky: true });
    for (let i = 0; i < 3; i++) expect(() => files.mkdir('/c')).toThrowError('EROFS');
    files.clearFaults();
    files.mkdir('/c');
  });

  test('a failed write keeps a part', () => {
    const files = new FaultyFileSystem();
    const fd = files.open('/a', 'create');
    files.failAt({ op: 'write', nth: 1, code: 'EIO', keepBytes: 3 });
    expect(() => files.write(fd, bytesOf('hello'), 0)).toThrowError('EIO');
    expect(textOf(files, '/a')).toBe('hel');
  });

  test('what a failed sync has lost, the next one does not bring back', () => {
    const lost = new Set<boolean>();
    for (let seed = 0; seed < 20; seed++) {
      const files = new FaultyFileSystem(seed);
      durableFile(files, '/a', '');
      const fd = files.open('/a', 'update');
      files.write(fd, bytesOf('hello'), 0);
      files.failAt({ op: 'fdatasync', nth: 1, code: 'EIO' });
      expect(() => files.fdatasync(fd)).toThrowError('EIO');
      files.fdatasync(fd);
      expect(textOf(files, '/a')).toBe('hello');
      lost.add(textOf(files.powerCut(1), '/a') === '');
    }
    expect(lost).toEqual(new Set([true, false]));
  });

  test('a full disk cuts writes short until there is space', () => {
    const files = new FaultyFileSystem();
    files.setCapacity(8);
    const fd = files.open('/a', 'create');
    files.write(fd, bytesOf('12345'), 0);
    expect(files.freeBytes('/')).toBe(3);
    expect(() => files.write(fd, bytesOf('67890'), 5)).toThrowError('ENOSPC');
    expect(textOf(files, '/a')).toBe('12345678');
    files.truncate(fd, 5);
    files.write(fd, bytesOf('678'), 5);
    files.write(fd, bytesOf('abcdefgh'), 0);
  });
});

test('replaceFile leaves the old content or the new one, whatever fails', () => {
  const script = (files: FaultyFileSystem): void => {
    replaceFile(files, '/a', bytesOf('new content'));
  };
  const sound = new FaultyFileSystem();
  durableFile(sound, '/a', 'old');
  const before = sound.calls.get('any')!;
  script(sound);
  expect(fates(sound, '/a', 50)).toEqual(new Set(['new content']));
  for (let nth = 1; nth <= sound.calls.get('any')! - before; nth++) {
    const files = new FaultyFileSystem(nth);
    durableFile(files, '/a', 'old');
    files.failAt({ op: 'any', nth, code: 'EIO', sticky: true });
    expect(() => script(files)).toThrowError('EIO');
    for (const fate of fates(files, '/a', 50)) expect(['old', 'new content']).toContain(fate);
  }
});

test('makeDurableDirectory makes the whole path durable', () => {
  const files = new FaultyFileSystem();
  makeDurableDirectory(files, '/a/b/c');
  for (let seed = 0; seed < 50; seed++) expect(files.powerCut(seed).exists('/a/b/c')).toBe(true);
  files.mkdir('/a/d');
  makeDurableDirectory(files, '/a/d');
  for (let seed = 0; seed < 50; seed++) expect(files.powerCut(seed).exists('/a/d')).toBe(true);
});
