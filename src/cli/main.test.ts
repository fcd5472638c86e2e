import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SETTING_NAMES } from '../config/settings.ts';
import { main } from './main.ts';

let output = '';
let errors = '';
beforeEach(() => {
  output = '';
  errors = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    errors += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

test('version and help', async () => {
  expect(await main(['version'])).toBe(0);
  expect(output).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(await main(['help'])).toBe(0);
  for (const command of ['serve', 'databases', 'verify', 'version']) {
    expect(output).toContain(`\n  ${command} `);
  }
});

test('help of serve names every setting', async () => {
  expect(await main(['serve', '--help'])).toBe(0);
  for (const name of SETTING_NAMES) expect(output).toContain(`--${name} `);
  expect(output).toContain('--config.file ');
});

test.each<[what: string, argv: string[], message: string]>([
  ['no command', [], 'Usage: tidemark'],
  ['an unknown command', ['serv'], 'Did you mean serve?'],
  ['an unknown flag', ['serve', '--retentoin', '1d'], 'Did you mean --retention?'],
  ['a stray argument', ['serve', 'now'], 'too many arguments'],
  ['a missing argument', ['databases', 'create'], "missing required argument 'name'"],
  [
    'a bad value',
    ['serve', '--retention', 'long'],
    'tidemark: --retention: expected a duration such as 90s, 12h or 400d, got "long"',
  ],
  ['a bad boolean', ['serve', '--web.allow-public=maybe'], '--web.allow-public: expected true'],
  ['a public address', ['serve', '--listen', '0.0.0.0:0'], 'add --web.allow-public'],
  ['a missing file', ['serve', '--config.file', '/nowhere.yaml'], '/nowhere.yaml: cannot be read'],
])('%s: a message and exit code 2', async (_, argv, message) => {
  expect(await main(argv)).toBe(2);
  expect(errors).toContain(message);
});

test('a mistake in the file is named by line and column', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-cli-'));
  const file = join(folder, 'x.yaml');
  writeFileSync(file, 'data: ./x\nwal:\n  sink: always\n');
  expect(await main(['serve', '--config.file', file])).toBe(2);
  expect(errors).toBe(`tidemark: ${file}:3:3: unknown key "wal.sink"; did you mean "wal.sync"?\n`);
  rmSync(folder, { recursive: true });
});

test('a server that is not there: exit code 1', async () => {
  expect(await main(['databases', 'list', '--server', 'http://127.0.0.1:1'])).toBe(1);
  expect(errors).toContain('no answer from http://127.0.0.1:1');
});
