// Every invariant in docs/specs/ names tests that hold it; they exist.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDER = join(ROOT, 'docs/specs');

for (const name of readdirSync(FOLDER)) {
  test(`${name}: invariants are numbered from 1, and each is held by tests that exist`, () => {
    const text = readFileSync(join(FOLDER, name), 'utf8');
    const invariants = text.split(/^\*\*(?=[A-Z]\d+\. )/m).slice(1);
    expect(invariants.length).toBeGreaterThan(0);
    invariants.forEach((invariant, i) => {
      expect(invariant).toMatch(new RegExp(`^[A-Z]${i + 1}\\. `));
      const holders = [...invariant.matchAll(/^- `([^`]+)`: (.+)$/gm)];
      expect(holders.length, invariant).toBeGreaterThan(0);
      for (const [line, path, title] of holders) {
        const file = join(ROOT, path!);
        expect(existsSync(file) && readFileSync(file, 'utf8').includes(title!), line).toBe(true);
      }
    });
  });
}
