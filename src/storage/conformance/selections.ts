// Checks of selections: found series that are read in any order, any number of times, in any part of
// their range.

import { expect } from 'vitest';
import { printLabels } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { TimeRange } from '../../model/time-range.ts';
import { ALL_TIME, DAY_MS } from '../../model/time-range.ts';
import type { Database, SeriesExemplars, SeriesSelection } from '../interface.ts';
import {
  BASE,
  batch,
  between,
  type Dump,
  dump,
  EVERYTHING,
  expected,
  integerHistogram,
  matchers,
  printColumns,
  printRows,
  row,
  STALE,
  series,
} from './data.ts';
import type { Check } from './subject.ts';

/** All that a selection finds, as {@link dump} has it; series without samples are left out. */
export async function dumpSelection(
  db: Database,
  selector: readonly Matcher[],
  range: TimeRange,
): Promise<Dump> {
  const querier = db.querier(ALL_TIME);
  try {
    const found = await querier.selection(selector, range);
    return readAll(found, range);
  } finally {
    querier.close();
  }
}

function readAll(found: SeriesSelection, { minT, maxT }: TimeRange): Dump {
  const list: Dump = [];
  for (let i = 0; i < found.length; i++) {
    const rows = printColumns(found.read(i, minT, maxT));
    if (rows.length > 0) list.push([printLabels(found.labels(i)), rows]);
  }
  return list;
}

export function selectionChecks(check: Check): void {
  const kinds = [
    row(-DAY_MS, 1),
    row(0, STALE, BASE - 1),
    row(10, integerHistogram(3)),
    row(20, 4),
    row(DAY_MS, 5),
  ];
  const evens = Array.from({ length: 700 }, (_, i) => row(i * 15, i / 4));

  check('a selection finds what select finds', async (f) => {
    await f.db.write(batch(series('a', kinds), series('b', evens), series('c', [row(5, 5)])));
    // Again in part, so that a store of several places has to bring them together.
    await f.db.write(batch(series('b', [row(30, 7), row(31, 8)]), series('a', [row(15, 2)])));
    const db = await f.settle();
    const ranges = [ALL_TIME, between(0, 31), between(20, 20), between(50, 20), between(6, 9)];
    const selectors = [EVERYTHING, matchers(['__name__', '!=', 'b']), matchers(['x', '=', 'y'])];
    for (const range of ranges) {
      for (const selector of selectors) {
        expect(await dumpSelection(db, selector, range)).toEqual(await dump(db, selector, range));
      }
    }
  });

  check(
    'a selection is read in any order, in any part of its range, again and again',
    async (f) => {
      const given = ['a', 'b', 'c', 'd'].map((name, n) =>
        series(
          name,
          evens.map(({ t }, i) => row(t, i * (n + 1))),
        ),
      );
      await f.db.write(batch(...given, series('e', kinds)));
      const querier = (await f.settle()).querier(ALL_TIME);
      const found = await querier.selection(EVERYTHING, between(0, 1000));
      expect(found.length).toBe(5);
      for (const i of [3, 0, 3, 2, 1, 0]) {
        for (const [minT, maxT] of [
          [0, 1000],
          [300, 300],
          [301, 314],
          [900, 1000],
          [14, 46],
          [46, 14],
        ] as const) {
          const rows = evens
            .map(({ t }, k) => row(t, k * (i + 1)))
            .filter(({ t }) => t >= minT && t <= maxT);
          const read = found.read(i, BASE + minT, BASE + maxT);
          expect(printColumns(read)).toEqual(printRows(rows));
          expect(printLabels(found.labels(i))).toBe('abcd'[i]);
        }
      }
      expect(printColumns(found.read(4, BASE + 5, BASE + 15))).toEqual(printRows([kinds[2]!]));
      querier.close();
    },
  );

  check('a selection never leaves its range, nor the range of its querier', async (f) => {
    await f.db.write(batch(series('a', evens)));
    const querier = (await f.settle()).querier(between(100, 500));
    const wide = await querier.selection(EVERYTHING, ALL_TIME);
    const narrow = await querier.selection(EVERYTHING, between(200, 250));
    const within = (minT: number, maxT: number): string[] =>
      printRows(evens.filter(({ t }) => t >= minT && t <= maxT));
    const { minT, maxT } = ALL_TIME;
    expect(printColumns(wide.read(0, minT, maxT))).toEqual(within(100, 500));
    expect(printColumns(narrow.read(0, minT, maxT))).toEqual(within(200, 250));
    expect(printColumns(wide.read(0, minT, maxT))).toEqual(within(100, 500));
    querier.close();
  });

  check('selections of one querier see the same series and may be read in turns', async (f) => {
    await f.db.write(batch(series('a', evens), series('b', kinds)));
    const querier = (await f.settle()).querier(ALL_TIME);
    const first = await querier.selection(matchers(['__name__', '=', 'a']), ALL_TIME);
    const second = await querier.selection(matchers(['__name__', '=', 'b']), ALL_TIME);
    const again = (): Dump => [...readAll(first, ALL_TIME), ...readAll(second, ALL_TIME)];
    expect(again()).toEqual(expected(['a', evens], ['b', kinds]));
    expect(again()).toEqual(expected(['a', evens], ['b', kinds]));
    querier.close();
  });

  check('a whole selection has every series once, exemplars and bounds of each', async (f) => {
    const exemplars = [3, 1, 2].map((t) => ({
      labels: [{ name: 'trace_id', value: String(t) }],
      value: t,
      t: BASE + t,
    }));
    await f.db.write(batch(series('a', kinds), series('b', evens, exemplars.slice(0, 2))));
    await f.db.write(
      batch(series('b', [row(30, 7)], exemplars.slice(2)), series('c', [row(5, 5)])),
    );
    await f.db.write(batch(series('d', [], exemplars), series('e', [row(DAY_MS, 1)])));
    const db = await f.settle();
    const ranges = [ALL_TIME, between(0, 31), between(2, 2), between(50, 20), between(700, 800)];
    const selectors = [
      [EVERYTHING],
      [],
      [matchers(['__name__', '=~', 'a|b']), matchers(['__name__', '=~', 'b|d'])],
    ];
    for (const range of ranges) {
      for (const lists of selectors) {
        const querier = db.querier(range);
        const whole = await querier.wholeSelection(lists);
        const samples: Dump = [];
        const found: SeriesExemplars[] = [];
        for (let i = 0; i < whole.length; i++) {
          const { minT, maxT } = whole.bounds(i);
          const read = printColumns(whole.read(i, minT, maxT));
          expect(printColumns(whole.read(i, range.minT, range.maxT))).toEqual(read);
          const name = printLabels(whole.labels(i));
          if (read.length > 0) samples.push([name, read]);
          const ofSeries = whole.exemplars(i);
          if (ofSeries.length > 0) found.push({ labels: whole.labels(i), exemplars: ofSeries });
        }
        const isChosen = ([name]: Dump[number]): boolean =>
          lists.length < 2 || 'abd'.includes(name);
        expect(samples).toEqual((await dump(db, EVERYTHING, range)).filter(isChosen));
        expect(found).toEqual(await querier.selectExemplars(lists));
        const any = await querier.selectionOfAny(lists);
        const { minT, maxT } = range;
        const ofAny = Array.from({ length: any.length }, (_, i): Dump[number] => [
          printLabels(any.labels(i)),
          printColumns(any.read(i, minT, maxT)),
        ]);
        expect(ofAny.filter(([, read]) => read.length > 0)).toEqual(samples);
        querier.close();
      }
    }
  });

  check(
    'a selection of nothing is empty, one by an invalid regular expression refused',
    async (f) => {
      const db = await f.settle();
      expect(await dumpSelection(db, EVERYTHING, ALL_TIME)).toEqual([]);
      const querier = db.querier(ALL_TIME);
      expect((await querier.selection(EVERYTHING, ALL_TIME)).length).toBe(0);
      await expect(querier.selection(matchers(['a', '=~', '(']), ALL_TIME)).rejects.toMatchObject({
        code: 'STORAGE_INVALID_REGEXP',
      });
      querier.close();
    },
  );
}
