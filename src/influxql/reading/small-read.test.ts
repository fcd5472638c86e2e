import { expect, test } from 'vitest';
import {
  parseStatements,
  type SelectStatement,
  validateSelect,
} from '../../protocol/influxql/index.ts';
import { NO_PARAMETERS } from '../../protocol/influxql/parameters.ts';
import type { Database } from '../../storage/interface.ts';
import { MemoryStorage } from '../../storage/memory-store.ts';
import { FieldRegistry } from '../catalog/field-registry.ts';
import { isSmallSelect } from './small-read.ts';

const NOW_NS = 1_700_000_000_000_000_000n;

/** Of a database that has two series for each tag value that is asked for, and many else. */
function isSmall(text: string): boolean {
  const memory = new MemoryStorage().database('default')!;
  const database = Object.assign(Object.create(memory) as Database, {
    mostSeries: (matchers: readonly { readonly name: string }[]) =>
      matchers.some(({ name }) => name === 'host') ? 2 : 1000,
  });
  const [statement] = parseStatements(text, NO_PARAMETERS);
  const checked = validateSelect(statement as SelectStatement, NOW_NS);
  const scope = { database, fields: new FieldRegistry(memory) };
  return isSmallSelect(
    checked,
    checked.sources.map(() => scope),
    NOW_NS,
  );
}

const HOUR = 'time > now() - 1h';

test.each([
  [`SELECT value FROM m WHERE host = 'a' AND ${HOUR}`, true],
  [`SELECT mean(value) FROM m, n WHERE host =~ /^(a|b)$/ AND ${HOUR} GROUP BY time(5m)`, true],
  // Long, of many series, of many windows.
  ["SELECT value FROM m WHERE host = 'a'", false],
  ["SELECT value FROM m WHERE host = 'a' AND time > now() - 1d", false],
  [`SELECT value FROM m WHERE ${HOUR}`, false],
  [`SELECT value FROM m WHERE dc = 'a' AND ${HOUR}`, false],
  [`SELECT value FROM m WHERE (host = 'a' OR host = 'b') AND ${HOUR}`, false],
  [`SELECT mean(value) FROM m WHERE host = 'a' AND ${HOUR} GROUP BY time(1ms)`, false],
  // It takes a look at the index, or at patterns, to know.
  [`SELECT value FROM /m/ WHERE host = 'a' AND ${HOUR}`, false],
  [`SELECT value FROM m WHERE host =~ /(a+)+b/ AND ${HOUR}`, false],
  [`SELECT mean(v) FROM (SELECT value AS v FROM m WHERE host = 'a') WHERE ${HOUR}`, false],
])('%s: %s', (text, expected) => {
  expect(isSmall(text)).toBe(expected);
});
