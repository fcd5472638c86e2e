// Counts of work may not grow unseen. What is meant to grow is written down: `npm run test:guards -- --update`.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Counts, measureCounts } from './counts.ts';

/** A change that makes a count worse by more fails. */
const TOLERANCE = 0.05;

const baseline = JSON.parse(
  readFileSync(new URL('./baseline.json', import.meta.url), 'utf8'),
) as Counts;

test('no count of work is more than 5 % above what is written down', async () => {
  const counts = await measureCounts();
  const worse = Object.entries(counts).flatMap(([name, now]) => {
    const was = baseline[name];
    if (was === undefined) return [`${name}: ${now}, nothing written down`];
    return now > was * (1 + TOLERANCE) ? [`${name}: ${now}, was ${was}`] : [];
  });
  expect(worse).toEqual([]);
  expect(Object.keys(counts).sort()).toEqual(Object.keys(baseline).sort());
});
