// Random writes, deletes and restarts: a store must answer as the in-memory store does.

import fc from 'fast-check';
import { expect } from 'vitest';
import type { Exemplar } from '../../model/exemplar.ts';
import { labelsFromObject, printLabels } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { TimeRange } from '../../model/time-range.ts';
import { ALL_TIME, DAY_MS } from '../../model/time-range.ts';
import type { BatchSeries, Database, Querier } from '../interface.ts';
import { MemoryStorage } from '../memory-store.ts';
import {
  BASE,
  batch,
  between,
  customHistogram,
  dump,
  floatHistogram,
  integerHistogram,
  type Row,
  type RowValue,
  STALE,
  STALE_HISTOGRAM,
  series,
} from './data.ts';
import { dumpSelection } from './selections.ts';
import type { OpenSubject } from './subject.ts';
import { defaultDatabase } from './subject.ts';

type Operation =
  | { readonly kind: 'write'; readonly series: readonly BatchSeries[] }
  | { readonly kind: 'delete'; readonly selector: readonly Matcher[]; readonly range: TimeRange }
  | { readonly kind: 'query'; readonly selector: readonly Matcher[]; readonly range: TimeRange }
  | { readonly kind: 'reopen' };

const half = fc.nat(0xffff_ffff);
const count = fc.nat(5);
const value: fc.Arbitrary<RowValue> = fc.oneof(
  { weight: 6, arbitrary: fc.nat(5) },
  { weight: 3, arbitrary: fc.tuple(half, half) },
  { weight: 2, arbitrary: fc.constant(STALE) },
  { weight: 1, arbitrary: fc.constant(STALE_HISTOGRAM) },
  { weight: 2, arbitrary: count.map((n) => integerHistogram(n)) },
  { weight: 1, arbitrary: count.map((n) => floatHistogram(n)) },
  { weight: 1, arbitrary: count.map(customHistogram) },
);
// Few different times, so that rows meet; on both sides of midnight.
const time = fc.oneof(
  fc.integer({ min: -6, max: 6 }),
  fc.integer({ min: -3, max: 3 }).map((i) => i * (DAY_MS / 2)),
);
// The start is a function of the time: what the same value with another start does is left open.
const sample: fc.Arbitrary<Row> = fc
  .record({ t: time, value })
  .map((r) => (r.t % 3 === 0 ? { ...r, startT: BASE + r.t - 1000 } : r));
const labels = fc.record(
  {
    __name__: fc.constantFrom('a', 'b'),
    x: fc.constantFrom('1', '2', ''),
    y: fc.constantFrom('1', 'é'),
  },
  { requiredKeys: ['__name__'] },
);
const exemplar: fc.Arbitrary<Exemplar> = fc.nat(9).map((i) => ({
  labels: labelsFromObject({ trace: String(i) }),
  value: i,
  t: BASE + i,
}));
const oneSeries = fc
  .tuple(
    labels,
    fc.array(sample, { minLength: 1, maxLength: 6 }),
    fc.array(exemplar, { maxLength: 2 }),
  )
  .map(([set, rows, exemplars]) => series(set, rows, exemplars));

const matcher: fc.Arbitrary<Matcher> = fc.record({
  type: fc.constantFrom('=', '!=', '=~', '!~'),
  name: fc.constantFrom('__name__', 'x', 'y', 'z'),
  value: fc.constantFrom('', 'a', '1', '2', 'a|b', '1|', '.+', '.*', '[1é]'),
});
const selector = fc.array(matcher, { maxLength: 2 });
const range = fc
  .tuple(time, time)
  .map(([a, b]) => between(Math.min(a, b), Math.max(a, b)))
  .chain((some) => fc.constantFrom(some, ALL_TIME));

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      series: fc.array(oneSeries, { maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), selector, range }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('query' as const), selector, range }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
);

/** Runs random operations on a fresh subject and on the in-memory store, comparing all answers. */
export async function checkRandomOperations(open: OpenSubject): Promise<void> {
  const property = fc.asyncProperty(fc.array(operation, { maxLength: 14 }), async (operations) => {
    const subject = await open();
    try {
      const model = defaultDatabase(new MemoryStorage());
      let db = defaultDatabase(subject.storage);
      let hasDeleted = false;
      for (const next of operations) {
        if (next.kind === 'write') await compareWrite(db, model, next.series);
        else if (next.kind === 'query') await compareSamples(db, model, next.selector, next.range);
        else if (next.kind === 'delete') {
          hasDeleted = true;
          await db.deleteSamples([next.selector], next.range);
          await model.deleteSamples([next.selector], next.range);
        } else if (subject.reopen !== undefined) db = defaultDatabase(await subject.reopen());
      }
      await compareSamples(db, model, [], ALL_TIME);
      if (!hasDeleted) await compareLabelsAndExemplars(db, model);
    } finally {
      await subject.cleanup();
    }
  });
  const numRuns = Number(process.env.PROP_RUNS ?? 30);
  await fc.assert(property, { numRuns, seed: Number(process.env.PROP_SEED ?? 1) });
}

async function compareWrite(
  db: Database,
  model: Database,
  list: readonly BatchSeries[],
): Promise<void> {
  const [result, wanted] = [await db.write(batch(...list)), await model.write(batch(...list))];
  expect(result).toEqual(wanted);
}

async function compareSamples(
  db: Database,
  model: Database,
  selector: readonly Matcher[],
  range: TimeRange,
): Promise<void> {
  const wanted = await dump(model, selector, range);
  expect(await dump(db, selector, range)).toEqual(wanted);
  expect(await dumpSelection(db, selector, range)).toEqual(wanted);
}

/** What deletes leave of these is the business of other checks. */
async function compareLabelsAndExemplars(db: Database, model: Database): Promise<void> {
  expect(await describeLabels(db)).toEqual(await describeLabels(model));
}

async function describeLabels(db: Database): Promise<unknown> {
  const querier = db.querier(ALL_TIME);
  try {
    const names = await querier.labelNames([]);
    return {
      names,
      values: await valuesOf(querier, names),
      series: (await querier.series([])).map(printLabels),
      exemplars: await querier.selectExemplars([]),
    };
  } finally {
    querier.close();
  }
}

async function valuesOf(querier: Querier, names: readonly string[]): Promise<string[][]> {
  const values: string[][] = [];
  for (const name of names) values.push(await querier.labelValues(name, []));
  return values;
}
