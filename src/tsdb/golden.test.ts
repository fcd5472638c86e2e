// Data folders of every released format open and read back exactly: see testdata/README.md.

import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { FaultyFileSystem } from '../runtime/faulty-file-system.ts';
import { FakeClock } from './testing/engine-model.ts';
import { contentsOf, makeGoldenFolder } from './testing/golden-folder.ts';
import { counter, DATA_DIR, filesBelow, openInline } from './testing/inline-engine.ts';
import { verifyData } from './verify.ts';

const TESTDATA = fileURLToPath(new URL('./testdata/', import.meta.url));
const CURRENT = 'golden-v2';
const EXPECTED = 'expected.txt';

/** A golden folder as `/data`. */
function load(name: string): FaultyFileSystem {
  const fs = new FaultyFileSystem();
  const copy = (from: string, to: string): void => {
    if (statSync(from).isDirectory()) {
      fs.mkdir(to);
      for (const entry of readdirSync(from)) copy(join(from, entry), `${to}/${entry}`);
      return;
    }
    const fd = fs.open(to, 'create');
    fs.write(fd, readFileSync(from), 0);
    fs.close(fd);
  };
  copy(join(TESTDATA, name, 'data'), DATA_DIR);
  return fs;
}

function expected(name: string): string {
  return readFileSync(join(TESTDATA, name, EXPECTED), 'utf8');
}

if (process.env.UPDATE_GOLDEN === '1') {
  const fs = await makeGoldenFolder();
  const folder = join(TESTDATA, CURRENT);
  rmSync(folder, { recursive: true, force: true });
  for (const path of filesBelow(fs, DATA_DIR)) {
    const target = join(folder, 'data', path.slice(DATA_DIR.length));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, fs.readFile(path));
  }
  writeFileSync(join(folder, EXPECTED), await contentsOf(await openInline(fs)));
}

const folders = readdirSync(TESTDATA).filter((name) => name.startsWith('golden-'));

test('there is a folder of the present format', () => {
  expect(folders).toContain(CURRENT);
});

for (const name of folders) {
  test(`${name} is whole`, async () => {
    const verdicts = [];
    for await (const verdict of verifyData(DATA_DIR, load(name))) verdicts.push(verdict);
    expect(verdicts.filter(({ ok }) => !ok)).toEqual([]);
    // One of each kind of file.
    for (const kind of [
      /\.log$/,
      /\/manifest\.json$/,
      /prev\.json$/,
      /metadata\.json$/,
      /\.part$/,
    ]) {
      expect(verdicts.some(({ path }) => kind.test(path))).toBe(true);
    }
  });

  test(`${name} opens and reads back exactly`, async () => {
    const errors: string[] = [];
    const fs = load(name);
    const clock = new FakeClock();
    const db = await openInline(fs, {
      clock,
      logger: (level, message) => void (level === 'error' && errors.push(message)),
    });
    expect(await contentsOf(db)).toEqual(expected(name));
    expect(counter(db, 'logRecordsReplayed')).toBe(4);
    expect(errors).toEqual([]);
    // And goes on from there.
    await db.flush();
    await db.merge();
    await db.cleanTombstones();
    expect(await contentsOf(db)).toEqual(expected(name));
    await db.close();
    const again = await openInline(fs, { clock });
    expect(await contentsOf(again)).toEqual(expected(name));
    expect(counter(again, 'partsQuarantined')).toBe(0);
  });
}

test('the folder of the present format holds what the present engine would write', async () => {
  const fs = await makeGoldenFolder();
  expect(await contentsOf(await openInline(fs))).toEqual(expected(CURRENT));
  const golden = load(CURRENT);
  expect(filesBelow(fs, DATA_DIR)).toEqual(filesBelow(golden, DATA_DIR));
});
