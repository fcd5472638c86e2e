// Checks of what a write stores: order, duplicates, bit patterns, histograms, refusals.

import { expect } from 'vitest';
import { rawFloat64 } from '../../model/native-histogram.ts';
import { DAY_MS } from '../../model/time-range.ts';
import type { WriteBatch } from '../interface.ts';
import { MAX_LISTED_REJECTIONS } from '../interface.ts';
import { RowSeries } from '../rows.ts';
import {
  BASE,
  batch,
  between,
  customHistogram,
  dump,
  expected,
  floatHistogram,
  integerHistogram,
  matchers,
  type Row,
  row,
  rowSeries,
  rowsOf,
  STALE,
  STALE_HISTOGRAM,
  series,
} from './data.ts';
import type { Check } from './subject.ts';

/** Bit patterns that arithmetic or text would change, as high and low halves. */
const BIT_PATTERNS: readonly (readonly [string, number, number])[] = [
  ['ordinary NaN', 0x7ff80000, 0x00000001],
  ['quiet NaN of the processor', 0x7ff80000, 0],
  ['negative NaN', 0xfff80000, 0],
  ['signalling NaN', 0x7ff00000, 1],
  ['NaN one above the stale marker', 0x7ff00000, 3],
  ['NaN full of ones', 0xffffffff, 0xffffffff],
  ['+Inf', 0x7ff00000, 0],
  ['-Inf', 0xfff00000, 0],
  ['zero', 0, 0],
  ['-0', 0x80000000, 0],
  ['smallest denormal', 0, 1],
  ['largest denormal', 0x000fffff, 0xffffffff],
  ['negative denormal', 0x80000000, 1],
  ['smallest normal', 0x00100000, 0],
  ['largest finite', 0x7fefffff, 0xffffffff],
  ['2^53 + 2', 0x43400000, 1],
  ['0.1', 0x3fb99999, 0x9999999a],
  ['0.1 + 0.2', 0x3fd33333, 0x33333334],
  ['full mantissa', 0x40091234, 0x56789abd],
];

export function sampleChecks(check: Check): void {
  check('samples come back in order of time, whatever the order of arrival', async (f) => {
    await f.db.write(batch(series('a', [row(5, 5), row(1, 1), row(-1, -1)])));
    await f.db.write(batch(series('a', [row(3, 3), row(-DAY_MS, 0), row(9, 9)])));
    await f.db.write(batch(series('a', [row(4, 4)]), series('a', [row(2, 2)])));
    const all = [-DAY_MS, -1, 1, 2, 3, 4, 5, 9];
    const values = [0, -1, 1, 2, 3, 4, 5, 9];
    const rows = all.map((t, i) => row(t, values[i]!));
    expect(await dump(await f.settle())).toEqual(expected(['a', rows]));
  });

  check('the same sample again changes nothing and counts as written', async (f) => {
    const rows = [row(1, 1), row(2, [0x7ff80000, 1]), row(3, integerHistogram(3))];
    for (let i = 0; i < 3; i++) {
      const result = await f.db.write(batch(series('a', [...rows, rows[0]!])));
      expect(result).toMatchObject({ samplesWritten: 3, histogramsWritten: 1, rejectedTotal: 0 });
    }
    expect(await dump(await f.settle())).toEqual(expected(['a', rows]));
  });

  check('the later arrival wins', async (f) => {
    await f.db.write(batch(series('a', [row(1, 1), row(2, 2), row(2, 22), row(3, 3)])));
    await f.db.write(batch(series('a', [row(3, 33)]), series('a', [row(3, 333)])));
    await f.db.write(batch(series('a', [row(1, 11)])));
    await f.db.write(batch(series('a', [row(4, 4)])));
    await f.db.write(batch(series('a', [row(1, 1), row(2, [0x7ff80000, 1])])));
    const rows = [row(1, 1), row(2, [0x7ff80000, 1]), row(3, 333), row(4, 4)];
    expect(await dump(await f.settle())).toEqual(expected(['a', rows]));
  });

  check('rows of many series are stored as the same series are', async (f) => {
    const [a, b] = ['a', 'b'].map((name) => rowSeries(name)) as [RowSeries, RowSeries];
    const rows: [RowSeries, Row][] = [
      [a, row(1, 1)],
      [b, row(1, STALE)],
      [a, row(-DAY_MS, [0x7ff80000, 1])],
      [b, row(2, [0x80000000, 0])],
      [a, row(1, 11)],
    ];
    // The same objects again: what the store noted on them must not change anything.
    for (let i = 0; i < 3; i++) {
      const result = await f.db.write({ ...batch(series('c', [row(i, i)])), rows: rowsOf(rows) });
      expect(result).toMatchObject({ samplesWritten: 6, rejectedTotal: 0 });
    }
    await f.db.write({ ...batch(series('a', [row(5, 5)])), rows: rowsOf([[a, row(5, 55)]]) });
    expect(await dump(await f.settle())).toEqual(
      expected(
        ['a', [row(-DAY_MS, [0x7ff80000, 1]), row(1, 11), row(5, 55)]],
        ['b', [row(1, STALE), row(2, [0x80000000, 0])]],
        ['c', [row(0, 0), row(1, 1), row(2, 2)]],
      ),
    );
  });

  check('of rows, too, only what cannot be accepted is refused', async (f) => {
    const good = rowSeries('good');
    const nameless = new RowSeries([{ name: 'job', value: 'x' }]);
    const future = 20 * 365 * DAY_MS;
    const rows: [RowSeries, Row][] = [
      [good, row(1, 1)],
      [nameless, row(1, 1)],
      [good, row(future, 2)],
      [nameless, row(2, 1)],
      [good, row(0.5, 3)],
      [good, row(2, 4)],
    ];
    for (let i = 0; i < 2; i++) {
      const result = await f.db.write({ ...batch(), rows: rowsOf(rows) });
      expect(result).toMatchObject({ samplesWritten: 2, rejectedTotal: 4 });
      const counts = result.rejections.map(({ reason, samples }) => [reason, samples]);
      expect(counts.sort()).toEqual([
        ['invalid_timestamp', 1],
        ['missing_metric_name', 2],
        ['too_far_in_future', 1],
      ]);
    }
    expect(await dump(await f.settle())).toEqual(expected(['good', [row(1, 1), row(2, 4)]]));
  });

  check('rows are written to the database that is asked', async (f) => {
    await f.storage.createDatabase('other');
    const other = f.storage.database('other')!;
    const shared = rowSeries('shared');
    await f.db.write({ ...batch(), rows: rowsOf([[shared, row(1, 1)]]) });
    await other.write({ ...batch(), rows: rowsOf([[shared, row(2, 2)]]) });
    await f.db.write({ ...batch(), rows: rowsOf([[shared, row(3, 3)]]) });
    const settled = await f.settleStorage();
    const contents = (name: string): Promise<unknown> => dump(settled.database(name)!);
    expect(await contents('other')).toEqual(expected(['shared', [row(2, 2)]]));
    expect(await contents('default')).toEqual(expected(['shared', [row(1, 1), row(3, 3)]]));
  });

  check('a stale marker never replaces a number', async (f) => {
    await f.db.write(batch(series('a', [row(1, 1), row(2, 2), row(2, STALE)])));
    await f.db.write(batch(series('a', [row(1, STALE), row(3, STALE), row(4, STALE)])));
    await f.db.write(batch(series('a', [row(3, 3), row(4, STALE)])));
    await f.db.write(batch(series('h', [row(1, integerHistogram(1))])));
    await f.db.write(batch(series('h', [row(1, STALE_HISTOGRAM), row(1, STALE)])));
    await f.db.write(batch(series('n', [row(1, [0x7ff80000, 1]), row(1, STALE)])));
    expect(await dump(await f.settle())).toEqual(
      expected(
        ['a', [row(1, 1), row(2, 2), row(3, 3), row(4, STALE)]],
        ['h', [row(1, integerHistogram(1))]],
        ['n', [row(1, [0x7ff80000, 1])]],
      ),
    );
  });

  check('a number replaces a stale marker', async (f) => {
    await f.db.write(batch(series('a', [row(1, STALE), row(2, STALE_HISTOGRAM)])));
    await f.db.write(batch(series('a', [row(1, integerHistogram(1)), row(2, 2)])));
    const rows = [row(1, integerHistogram(1)), row(2, 2)];
    expect(await dump(await f.settle())).toEqual(expected(['a', rows]));
  });

  check('every bit of a value comes back', async (f) => {
    const rows = BIT_PATTERNS.map(([, high, low], i) => row(i, [high, low]));
    await f.db.write(batch(series('together', rows)));
    for (const [i, r] of rows.entries()) await f.db.write(batch(series(`alone_${i}`, [r])));
    const db = await f.settle();
    const together = await dump(db, matchers(['__name__', '=', 'together']));
    expect(together).toEqual(expected(['together', rows]));
    for (const [i, r] of rows.entries()) {
      const name = `alone_${i}`;
      expect(await dump(db, matchers(['__name__', '=', name]))).toEqual(expected([name, [r]]));
    }
  });

  check('start timestamps are kept by sample', async (f) => {
    const started = [
      row(1, 1, BASE - 1000),
      row(2, 2),
      row(3, 3, BASE + 3),
      row(4, integerHistogram(4), BASE - 5000),
      row(5, integerHistogram(5)),
    ];
    await f.db.write(batch(series('a', started), series('b', [row(1, 1)])));
    await f.db.write(batch(series('b', [row(2, 2, BASE)])));
    expect(await dump(await f.settle())).toEqual(
      expected(['a', started], ['b', [row(1, 1), row(2, 2, BASE)]]),
    );
  });

  check('a series of many samples, many series, and both over many writes', async (f) => {
    const long = Array.from({ length: 5000 }, (_, i) => row(i * 15_000, Math.sin(i)));
    await f.db.write(batch(series('long', long)));
    const names = Array.from({ length: 1500 }, (_, i) => `n${String(i).padStart(4, '0')}`);
    await f.db.write(batch(...names.map((name, i) => series(name, [row(i, i)]))));
    for (let i = 0; i < 30; i++) await f.db.write(batch(series('slow', [row(i * 1000, i)])));
    const db = await f.settle();
    expect(await dump(db, matchers(['__name__', '=', 'long']))).toEqual(expected(['long', long]));
    expect(await dump(db, matchers(['__name__', '=~', 'n.*']))).toEqual(
      expected(...names.map((name, i) => [name, [row(i, i)]] as const)),
    );
    const slow = Array.from({ length: 30 }, (_, i) => row(i * 1000, i));
    expect(await dump(db, matchers(['__name__', '=', 'slow']))).toEqual(expected(['slow', slow]));
  });

  check('concurrent writes are all stored', async (f) => {
    const writes = Array.from({ length: 20 }, (_, i) =>
      f.db.write(batch(series('a', [row(i, i)]), series(`b${i % 5}`, [row(i, i)]))),
    );
    await Promise.all(writes);
    const db = await f.settle();
    const rows = Array.from({ length: 20 }, (_, i) => row(i, i));
    expect(await dump(db, matchers(['__name__', '=', 'a']))).toEqual(expected(['a', rows]));
    expect(await dump(db, matchers(['__name__', '=~', 'b.']))).toEqual(
      expected(
        ...[0, 1, 2, 3, 4].map((b) => [`b${b}`, rows.filter((r) => r.t % 5 === b)] as const),
      ),
    );
  });

  check('a batch may be reused once its write has settled', async (f) => {
    const labels = [{ name: '__name__', value: 'a' }];
    const samples = { ...series('a', [row(1, 1), row(2, 2)]).samples, length: 1 };
    const exemplarLabels = [{ name: 'trace', value: '1' }];
    const exemplars = [{ labels: exemplarLabels, value: 1, t: BASE + 1 }];
    await f.db.write(batch({ labels, samples, exemplars }));
    labels[0]!.value = 'overwritten';
    exemplarLabels[0]!.value = 'overwritten';
    samples.t.fill(7);
    samples.v.fill(7);
    const db = await f.settle();
    expect(await dump(db)).toEqual(expected(['a', [row(1, 1)]]));
    const querier = db.querier(between(0, 10));
    const [found] = await querier.selectExemplars([]);
    expect(found!.exemplars[0]!.labels).toEqual([{ name: 'trace', value: '1' }]);
    querier.close();
  });

  check('columns may be windows of larger buffers', async (f) => {
    const buffer = new ArrayBuffer(8 * 20);
    const t = new Float64Array(buffer, 8, 4);
    const v = new Float64Array(buffer, 80, 4);
    t.set([BASE + 1, BASE + 2, Number.NaN, Number.NaN]);
    v.set([1, 2, 3, 4]);
    const samples = { length: 2, t, v, startT: undefined, histograms: undefined };
    await f.db.write(batch({ ...series('a', []), samples }));
    expect(await dump(await f.settle())).toEqual(expected(['a', [row(1, 1), row(2, 2)]]));
  });

  check('an empty batch is fine', async (f) => {
    expect(await f.db.write(batch())).toEqual({
      samplesWritten: 0,
      histogramsWritten: 0,
      exemplarsWritten: 0,
      rejections: [],
      rejectedTotal: 0,
    });
    expect(await dump(await f.settle())).toEqual([]);
  });
}

export function histogramChecks(check: Check): void {
  check('histograms of all kinds come back whole', async (f) => {
    const huge = 2n ** 63n + 1n;
    const rows = [
      ...[0, 1, 2, 1000].map((n, i) => row(i, integerHistogram(n))),
      ...[0, 1, 2.5].map((n, i) => row(10 + i, floatHistogram(n))),
      ...[0, 9].map((n, i) => row(20 + i, customHistogram(n))),
      row(30, integerHistogram(1, { resetHint: 1 })),
      row(31, integerHistogram(1, { resetHint: 3, sum: { low: 1, high: 0x80000000 } })),
      row(
        32,
        integerHistogram(0, {
          zeroCount: 0n,
          count: huge,
          positiveSpans: [{ offset: -2_000_000, length: 1 }],
          positiveCounts: [huge],
          negativeSpans: [],
          negativeCounts: [],
        }),
      ),
      row(33, integerHistogram(5, { sum: rawFloat64(Number.NaN), count: 99n })),
      row(34, floatHistogram(1, { sum: rawFloat64(Number.NEGATIVE_INFINITY) })),
      row(35, floatHistogram(0, { positiveSpans: [], positiveCounts: [], count: 0 })),
      row(36, STALE_HISTOGRAM),
    ];
    await f.db.write(batch(series('a', rows)));
    for (const r of rows.slice().reverse()) await f.db.write(batch(series('b', [r])));
    expect(await dump(await f.settle())).toEqual(expected(['a', rows], ['b', rows]));
  });

  check('a long run of histograms with changing buckets', async (f) => {
    const rows = Array.from({ length: 400 }, (_, i) =>
      row(
        i * 60_000,
        integerHistogram(i, i % 50 < 25 ? {} : { positiveSpans: [{ offset: 0, length: 3 }] }),
      ),
    );
    await f.db.write(batch(series('a', rows)));
    expect(await dump(await f.settle())).toEqual(expected(['a', rows]));
  });

  check('a series may switch between floats and histograms', async (f) => {
    const rows = [
      row(1, 1),
      row(2, integerHistogram(2)),
      row(3, floatHistogram(3)),
      row(4, customHistogram(4)),
      row(5, 5),
      row(6, integerHistogram(6)),
    ];
    const result = await f.db.write(batch(series('a', rows)));
    expect(result).toMatchObject({ samplesWritten: 2, histogramsWritten: 4 });
    await f.db.write(batch(series('a', [row(1, integerHistogram(1)), row(6, 6)])));
    const after = [row(1, integerHistogram(1)), ...rows.slice(1, 5), row(6, 6)];
    expect(await dump(await f.settle())).toEqual(expected(['a', after]));
  });

  check('a resolution finer than 8 is reduced', async (f) => {
    const fine = integerHistogram(1, {
      schema: 9,
      zeroCount: 0n,
      count: 6n,
      positiveSpans: [{ offset: 1, length: 3 }],
      positiveCounts: [1n, 2n, 3n],
      negativeSpans: [],
      negativeCounts: [],
    });
    const reduced = { ...fine, schema: 8, positiveSpans: [{ offset: 1, length: 2 }] };
    await f.db.write(batch(series('a', [row(1, fine)])));
    expect(await dump(await f.settle())).toEqual(
      expected(['a', [row(1, { ...reduced, positiveCounts: [3n, 3n] })]]),
    );
  });
}

export function refusalChecks(check: Check): void {
  check('what can never be accepted is refused and counted, the rest is stored', async (f) => {
    const now = Date.now();
    const bad = integerHistogram(1, { count: 1000n });
    const future = row(now + 3_600_000 - BASE, 1);
    const old = row(now - 500 * DAY_MS - BASE, 1);
    const given: WriteBatch = batch(
      series('good', [row(1, 1)]),
      series('mixed', [row(1, 1), future, future, old, row(2, bad), row(3, 3), row(0.5, 5)]),
      { ...series('unnamed', [row(1, 1)]), labels: [{ name: 'a', value: 'b' }] },
      series('empty', []),
      series('also_good', [row(now + 60_000 - BASE, 1)]),
    );
    const result = await f.db.write(given);
    const counts = result.rejections.map(
      ({ reason, samples, histograms }) => `${reason} ${samples} ${histograms}`,
    );
    expect(counts.sort()).toEqual([
      'empty_series 0 0',
      'invalid_histogram 0 1',
      'invalid_timestamp 1 0',
      'missing_metric_name 1 0',
      'outside_retention 1 0',
      'too_far_in_future 2 0',
    ]);
    expect(result).toMatchObject({ samplesWritten: 4, histogramsWritten: 0, rejectedTotal: 6 });
    // The empty one had nothing that could be refused.
    expect(result.refusedSeries).toEqual([1, 2]);
    expect(await dump(await f.settle())).toEqual(
      expected(
        ['also_good', [row(now + 60_000 - BASE, 1)]],
        ['good', [row(1, 1)]],
        ['mixed', [row(1, 1), row(3, 3)]],
      ),
    );
  });

  check('refusals are listed up to a bound and counted beyond', async (f) => {
    const many = MAX_LISTED_REJECTIONS + 50;
    const unnamed = { ...series('', [row(1, 1), row(2, 2)]), labels: [{ name: 'a', value: 'b' }] };
    const list = Array.from({ length: many }, () => unnamed);
    const result = await f.db.write(batch(...list, series('good', [row(1, 1)])));
    expect(result.rejections).toHaveLength(MAX_LISTED_REJECTIONS);
    expect(result).toMatchObject({ samplesWritten: 1, rejectedTotal: 2 * many });
    expect(result.refusedSeries).toEqual(list.map((_, i) => i));
    expect(await dump(await f.settle())).toEqual(expected(['good', [row(1, 1)]]));
  });

  check('refusals of decoding are passed on', async (f) => {
    const rejection = {
      reason: 'invalid_symbols',
      series: '',
      message: 'symbol 9 of 3',
      samples: 3,
      histograms: 1,
      exemplars: 2,
    } as const;
    const given = { ...batch(series('a', [row(1, 1)])), rejections: [rejection] };
    const result = await f.db.write(given);
    expect(result).toMatchObject({ samplesWritten: 1, rejections: [rejection], rejectedTotal: 6 });
    expect(result.refusedSeries).toBeUndefined();
    expect(await dump(await f.settle())).toEqual(expected(['a', [row(1, 1)]]));
  });
}
