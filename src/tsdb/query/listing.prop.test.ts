// Names and values of labels against those on the series that are listed, whatever lies where.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareStrings, type Labels, labelsFromObject } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { TimeRange } from '../../model/time-range.ts';
import { FaultyFileSystem } from '../../runtime/faulty-file-system.ts';
import type { Database } from '../../storage/interface.ts';
import { batchOf, floatSeries, NOW } from '../testing/engine-model.ts';
import { openInline } from '../testing/inline-engine.ts';
import { openSharedView, type SharedViewDescriptor } from './shared-view.ts';

const numRuns = Number(process.env.PROP_RUNS ?? 60);
const seed = Number(process.env.PROP_SEED ?? 1);

const HOUR = 3_600_000;
const NAMES = ['__name__', 'a', 'b', 'ü'] as const;

const name = fc.constantFrom(...NAMES);
const value = fc.constantFrom('1', '2', '12', '\u{10000}', '\uffff', '"');
const labels: fc.Arbitrary<Labels> = fc
  .dictionary(name, value, { maxKeys: 4 })
  .map((some) => labelsFromObject({ __name__: 'm', ...some }));
/** Around a midnight, so that there are several sections. */
const time = fc.integer({ min: -6, max: 6 }).map((hours) => NOW - 12 * HOUR + hours * HOUR);
const range = fc
  .tuple(time, time)
  .map(([a, b]): TimeRange => ({ minT: Math.min(a, b), maxT: Math.max(a, b) }));
const selector: fc.Arbitrary<readonly Matcher[]> = fc.array(
  fc.record({
    type: fc.constantFrom('=', '!=', '=~', '!~'),
    name,
    value: fc.constantFrom('1', '.*2', '', '.+'),
  }),
  { maxLength: 2 },
);
const written = fc.array(fc.tuple(labels, time), { minLength: 1, maxLength: 40 });
const operation = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('write' as const), written }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('flush' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), selector, range }) },
);
const question = fc.record({
  range,
  selectors: fc.array(selector, { maxLength: 2 }),
  limit: fc.constantFrom(undefined, 1, 3),
});

test('names and values are those of the series in range', async () => {
  const property = fc.asyncProperty(
    fc.array(operation, { maxLength: 6 }),
    fc.array(question, { minLength: 1, maxLength: 8 }),
    async (operations, questions) => {
      const fileSystem = new FaultyFileSystem(1);
      const db = await openInline(fileSystem);
      const database = db.database('default')!;
      for (const next of operations) {
        if (next.kind === 'flush') await db.flush();
        else if (next.kind === 'delete') await database.deleteSamples([next.selector], next.range);
        else {
          const series = next.written.map(([of, t]) => floatSeries(of, [[t, 1]]));
          await database.write(batchOf(...series));
        }
      }
      for (const asked of questions) {
        await checkListing(database, asked);
        for (const matchers of asked.selectors) {
          await checkMost(database, fileSystem, matchers, asked.range);
        }
        await checkListing(database, asked);
      }
      await db.close();
    },
  );
  await fc.assert(property, { numRuns, seed });
});

async function checkListing(
  database: Database,
  {
    range: asked,
    selectors,
    limit,
  }: {
    readonly range: TimeRange;
    readonly selectors: readonly (readonly Matcher[])[];
    readonly limit: number | undefined;
  },
): Promise<void> {
  const querier = database.querier(asked);
  const all = (await querier.series(selectors)).flat();
  const sorted = (texts: readonly string[]): string[] =>
    [...new Set(texts)].sort(compareStrings).slice(0, limit);
  const names = sorted(all.map((label) => label.name));
  expect(await querier.labelNames(selectors, limit)).toEqual(names);
  for (const of of NAMES) {
    const values = sorted(all.filter((label) => label.name === of).map((label) => label.value));
    expect(await querier.labelValues(of, selectors, limit)).toEqual(values);
  }
  querier.close();
}

/** Whatever has been learned from other threads, there are never more series than it is said there can be. */
async function checkMost(
  database: Database,
  fileSystem: FaultyFileSystem,
  matchers: readonly Matcher[],
  asked: TimeRange,
): Promise<void> {
  const view = database.share!(asked);
  const descriptor = structuredClone(view.descriptor) as SharedViewDescriptor;
  const querier = openSharedView(descriptor, undefined, fileSystem);
  const { length } = await querier.selection(matchers, asked);
  const before = database.mostSeries!(matchers, asked);
  const findings = structuredClone(querier.findings!());
  if (findings !== undefined) view.learn!(findings);
  querier.close();
  view.release();
  expect(before).toBeGreaterThanOrEqual(length);
  const most = database.mostSeries!(matchers, asked);
  expect(most).toBeGreaterThanOrEqual(length);
  expect(most).toBeLessThanOrEqual(before);
}

test.each(['head', 'section'])(
  'what a thread found out about a pattern is known, in a %s',
  async (where) => {
    const fileSystem = new FaultyFileSystem(1);
    const db = await openInline(fileSystem);
    const database = db.database('default')!;
    const write = (from: number, to: number): Promise<unknown> => {
      const ids = Array.from({ length: to - from }, (_, i) =>
        labelsFromObject({ __name__: 'm', id: `${from + i}` }),
      );
      return database.write(batchOf(...ids.map((of) => floatSeries(of, [[NOW, 1]]))));
    };
    await write(0, 1000);
    if (where === 'section') await db.flush();
    const all = { minT: NOW - HOUR, maxT: NOW };
    const some: readonly Matcher[] = [{ type: '=~', name: 'id', value: '.*99' }];
    expect(database.mostSeries!(some, all)).toBe(1000);
    await checkMost(database, fileSystem, some, all);
    expect(database.mostSeries!(some, all)).toBe(10);
    // Lists of values need no learning.
    expect(database.mostSeries!([{ type: '=~', name: 'id', value: '1|2' }], all)).toBe(2);
    // New values are judged where they are few, and make it unknown where they are many; heads share a registry.
    await write(1000, 1060);
    await write(1099, 1100);
    expect(database.mostSeries!(some, all)).toBe(where === 'head' ? 11 : 10 + 1061);
    await write(2000, 2200);
    expect(database.mostSeries!(some, all)).toBe(where === 'head' ? 1261 : 10 + 1261);
    await db.close();
  },
);

test.each(['head', 'section'])('values of a label that has many, in a %s', async (where) => {
  const db = await openInline(new FaultyFileSystem(1));
  const database = db.database('default')!;
  const numbers = Array.from({ length: 2000 }, (_, i) => i);
  const series = (i: number): Labels =>
    labelsFromObject({ __name__: `m${i % 3}`, id: `${(i * 7919) % 2000}`, half: `${i % 2}` });
  await database.write(batchOf(...numbers.map((i) => floatSeries(series(i), [[NOW, 1]]))));
  if (where === 'section') await db.flush();
  const querier = database.querier({ minT: NOW - HOUR, maxT: NOW });
  const idsWhere = (isWanted: (i: number) => boolean): string[] =>
    numbers
      .filter(isWanted)
      .map((i) => `${(i * 7919) % 2000}`)
      .sort();
  const odd: Matcher = { type: '=', name: 'half', value: '1' };
  const few: Matcher = { type: '=~', name: 'id', value: '1.?' };
  // Before and after all values were brought into their order.
  for (let times = 0; times < 2; times++) {
    expect(await querier.labelValues('id', [[odd]])).toEqual(idsWhere((i) => i % 2 === 1));
    expect(await querier.labelValues('id', [[few]])).toHaveLength(11);
    expect(await querier.labelValues('half', [[few]])).toEqual(['0', '1']);
    expect(await querier.labelValues('half', [[odd]])).toEqual(['1']);
    expect(await querier.labelNames([[odd]])).toEqual(['__name__', 'half', 'id']);
    expect(await querier.labelValues('id', [])).toEqual(idsWhere(() => true));
    expect(await querier.labelValues('id', [], 2)).toEqual(['0', '1']);
  }
  querier.close();
  await db.close();
});

test.each(['head', 'section'])('work on labels can be ended, in a %s', async (where) => {
  const db = await openInline(new FaultyFileSystem(1));
  const database = db.database('default')!;
  const series = Array.from({ length: 1000 }, (_, i) =>
    labelsFromObject({ __name__: 'm', id: `${i}` }),
  );
  await database.write(batchOf(...series.map((of) => floatSeries(of, [[NOW, 1]]))));
  if (where === 'section') await db.flush();
  const enough = new Error('enough');
  const ask = async (range: TimeRange, checkpoints: number): Promise<number> => {
    let left = checkpoints;
    const querier = database.querier(range, () => {
      if (--left < 0) throw enough;
    });
    try {
      return (await querier.labelValues('id', [])).length;
    } finally {
      querier.close();
    }
  };
  const all = { minT: NOW - HOUR, maxT: NOW };
  await expect(ask(all, 1)).rejects.toBe(enough);
  expect(await ask(all, 100)).toBe(1000);
  await db.close();
});
