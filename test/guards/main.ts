// `npm run test:guards`: prints the counts beside those written down; with `--update` writes them down.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Counts, measureCounts } from './counts.ts';

/** From dist/test/guards. */
const path = fileURLToPath(new URL('../../../test/guards/baseline.json', import.meta.url));

const counts = await measureCounts();
const baseline: Counts = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Counts) : {};
for (const [name, now] of Object.entries(counts)) {
  const was = baseline[name];
  const change = was === undefined ? 'new' : `${((100 * now) / was - 100).toFixed(2)} %`;
  process.stdout.write(`${name}: ${round(now)} (${change})\n`);
}
if (process.argv.includes('--update')) {
  const rounded = Object.fromEntries(Object.entries(counts).map(([name, n]) => [name, round(n)]));
  writeFileSync(path, `${JSON.stringify(rounded, undefined, 2)}\n`);
}

/** Whole counts whole, averages to six digits. */
function round(count: number): number {
  return Number.isInteger(count) ? count : Number(count.toPrecision(6));
}
