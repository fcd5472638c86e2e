// What the log brings back after a crash is what was acknowledged, whatever limits, clock and databases
// there are by then.

import { describe, expect, test } from 'vitest';
import { snappyEncode } from '../codec/snappy.ts';
import { labelsFromObject } from '../model/labels.ts';
import { DAY_MS } from '../model/time-range.ts';
import { encodeWriteRequestV1 } from '../protocol/remote-write/v1.ts';
import { encodeWriteRequestV2 } from '../protocol/remote-write/v2.ts';
import { FaultyFileSystem } from '../runtime/faulty-file-system.ts';
import { DEFAULT_LIMITS } from '../storage/admission.ts';
import { integerHistogram } from '../storage/conformance/data.ts';
import type { Database, WriteBatch, WriteResult } from '../storage/interface.ts';
import type { Tsdb } from './db.ts';
import {
  batchOf,
  FakeClock,
  floatSeries,
  labelsOf,
  NOW,
  readEverything,
} from './testing/engine-model.ts';
import { counter, DATA_DIR, filesBelow, openInline } from './testing/inline-engine.ts';

const WRITERS: Record<string, (database: Database, batch: WriteBatch) => Promise<WriteResult>> = {
  'remote write 1.0': (database, batch) =>
    database.writeEncoded!({
      format: 'remote-write-1',
      body: snappyEncode(encodeWriteRequestV1(batch)),
    }),
  'remote write 2.0': (database, batch) =>
    database.writeEncoded!({
      format: 'remote-write-2',
      body: snappyEncode(encodeWriteRequestV2(batch)),
    }),
  'a decoded batch': (database, batch) => database.write(batch),
};

/** Takes a value at each limit: many and long labels, old and future times, all kinds of samples. */
function wideBatch(): WriteBatch {
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`label_${i}`, `v${i}`]));
  const histogram = {
    length: 1,
    t: Float64Array.of(NOW),
    v: new Float64Array(1),
    startT: undefined,
    histograms: [integerHistogram(5)],
  };
  return {
    ...batchOf(
      floatSeries(labelsFromObject({ __name__: 'many', ...many }), [[NOW, 1]]),
      floatSeries(labelsFromObject({ __name__: 'long', ['n'.repeat(900)]: 'x'.repeat(9000) }), [
        [NOW - 1, 2],
      ]),
      floatSeries(labelsOf(1), [
        [NOW + 500_000, 3],
        [NOW - 300 * DAY_MS, 4],
      ]),
      { labels: labelsOf(2), samples: histogram, exemplars: [] },
    ),
    metadata: [{ metric: 'test_metric', type: 'counter', help: 'h'.repeat(500), unit: '' }],
  };
}

const SMALLER = {
  limits: {
    maxLabels: 2,
    maxLabelNameBytes: 8,
    maxLabelValueBytes: 8,
    maxFutureMs: 0,
    retentionMs: 0,
  },
  maxCompressedBytes: 64,
  maxDecodedBytes: 256,
};

describe('replay under smaller limits', () => {
  for (const [what, write] of Object.entries(WRITERS)) {
    test(`brings back all that was accepted: ${what}`, async () => {
      const fs = new FaultyFileSystem();
      const db = await openInline(fs);
      const result = await write(db.database('default')!, wideBatch());
      expect(result).toMatchObject({ samplesWritten: 4, histogramsWritten: 1, rejectedTotal: 0 });
      const wanted = await readEverything(db.database('default')!);
      const metadata = db.database('default')!.metadata();
      expect(metadata).toHaveLength(1);

      const after = await openInline(fs.powerCut(1), SMALLER);
      expect(await readEverything(after.database('default')!)).toEqual(wanted);
      expect(after.database('default')!.metadata()).toEqual(metadata);
      // The new limits hold for what comes now.
      const refused = await after.database('default')!.write(wideBatch());
      expect(refused.rejectedTotal).toBeGreaterThan(2);
      await after.flush();
      expect(await readEverything(after.database('default')!)).toEqual(wanted);
    });
  }

  test('of the retention: nothing is lost while it is short, and all is there when it is long again', async () => {
    const fs = new FaultyFileSystem();
    const db = await openInline(fs);
    const database = db.database('default')!;
    await database.write(
      batchOf(
        floatSeries(labelsOf(1), [
          [NOW - 9 * DAY_MS, 1],
          [NOW, 2],
        ]),
      ),
    );
    const wanted = await readEverything(database);
    const cut = fs.powerCut(1);
    const short = await openInline(cut, { limits: { ...DEFAULT_LIMITS, retentionMs: DAY_MS } });
    const seen = await readEverything(short.database('default')!);
    expect([...seen.values()].map((points) => [...points.keys()])).toEqual([[NOW]]);
    const long = await openInline(cut.powerCut(1));
    expect(await readEverything(long.database('default')!)).toEqual(wanted);
  });
});

describe('replay takes no verdict of its own', () => {
  for (const [what, write] of Object.entries(WRITERS)) {
    test(`what was refused stays refused: ${what}`, async () => {
      const fs = new FaultyFileSystem();
      const limits = { ...DEFAULT_LIMITS, maxFutureMs: 1000, maxLabels: 10 };
      const db = await openInline(fs, { limits });
      const result = await write(db.database('default')!, wideBatch());
      expect(result.rejectedTotal).toBe(2);
      const wanted = await readEverything(db.database('default')!);
      const clock = new FakeClock();
      clock.advance(DAY_MS);
      const after = await openInline(fs.powerCut(1), { clock });
      expect(await readEverything(after.database('default')!)).toEqual(wanted);
    });
  }

  for (const [what, jumpMs] of [
    ['ten years back', -3650 * DAY_MS],
    ['an hour back', -3_600_000],
    ['an hour ahead', 3_600_000],
    ['ten years ahead', 3650 * DAY_MS],
  ] as const) {
    test(`with a clock ${what} everything is there, and stays`, async () => {
      const fs = new FaultyFileSystem();
      const db = await openInline(fs);
      const database = db.database('default')!;
      await database.write(
        batchOf(
          floatSeries(labelsOf(1), [
            [NOW - 300 * DAY_MS, 1],
            [NOW + 500_000, 2],
          ]),
        ),
      );
      const wanted = await readEverything(database);
      const clock = new FakeClock();
      clock.wall += jumpMs;
      const after = await openInline(fs.powerCut(1), { clock });
      expect(await readEverything(after.database('default')!)).toEqual(wanted);
      await after.flush();
      after.tick();
      expect(await readEverything(after.database('default')!)).toEqual(wanted);
      // The clock is mended.
      const mended = await openInline(fs.powerCut(1));
      expect(await readEverything(mended.database('default')!)).toEqual(wanted);
    });
  }
});

describe('after drop and re-create', () => {
  const write = (db: Tsdb, name: string, series: number, value: number): Promise<unknown> =>
    db.database(name)!.write(batchOf(floatSeries(labelsOf(series), [[NOW, value]])));
  const valuesIn = async (db: Tsdb, name: string): Promise<string[]> =>
    [...(await readEverything(db.database(name)!))].map(
      ([series, points]) => `${series.match(/s\d+/)} ${[...points.values()].join()}`,
    );
  const ONE = '3ff0000000000000';
  const TWO = '4000000000000000';

  for (const name of ['default', 'other']) {
    test(`old records of ${name} do not come back`, async () => {
      const fs = new FaultyFileSystem();
      const db = await openInline(fs);
      await db.createDatabase('other');
      await db.createDatabase('third');
      await write(db, name, 1, 1);
      await write(db, 'third', 1, 1);
      await db.dropDatabase(name);
      if (name !== 'default') {
        const dropped = await openInline(fs.powerCut(1));
        expect(dropped.databaseNames()).toEqual(['default', 'third']);
      }
      await db.createDatabase(name);
      const empty = await openInline(fs.powerCut(2));
      expect(await valuesIn(empty, name)).toEqual([]);
      await write(db, name, 2, 2);
      for (const after of [await openInline(fs.powerCut(3)), db]) {
        expect(await valuesIn(after, name)).toEqual([`s2 ${TWO}`]);
        expect(await valuesIn(after, 'third')).toEqual([`s1 ${ONE}`]);
        await after.flush();
        expect(await valuesIn(after, name)).toEqual([`s2 ${TWO}`]);
      }
      expect(await valuesIn(await openInline(fs.powerCut(4)), name)).toEqual([`s2 ${TWO}`]);
    });
  }

  test('a write under way while its database is dropped and re-created is refused', async () => {
    let pump = (): void => {};
    const fs = new FaultyFileSystem();
    const testing = { holdLog: (release: () => void) => (pump = release) };
    const db = await openInline(fs, { testing });
    await db.createDatabase('other');
    const answer = write(db, 'other', 1, 1).then(
      () => 'stored',
      (error: { code: string }) => error.code,
    );
    await db.dropDatabase('other');
    await db.createDatabase('other');
    pump();
    expect(await answer).toBe('STORAGE_DATABASE_NOT_FOUND');
    expect(await valuesIn(db, 'other')).toEqual([]);
    expect(await valuesIn(await openInline(fs.powerCut(1)), 'other')).toEqual([]);
  });
});

test('a crash amid the databases of one flush: each has its data once, also without its manifest', async () => {
  const names = ['default', 'other', 'third'];
  const base = new FaultyFileSystem();
  const first = await openInline(base);
  for (const name of names.slice(1)) await first.createDatabase(name);
  for (const [i, name] of names.entries()) {
    await first.database(name)!.write(batchOf(floatSeries(labelsOf(i), [[NOW, i]])));
  }
  const start = base.powerCut(1);
  for (let nth = 1; nth < 200; nth++) {
    const fs = start.powerCut(1);
    const db = await openInline(fs);
    fs.failAt({ op: 'any', nth, code: 'EIO', sticky: true });
    const failed = await db.flush().then(
      () => false,
      () => true,
    );
    if (!failed) return;
    // What some databases have flushed and others not now meets newer data in one generation.
    const after = fs.powerCut(nth);
    const second = await openInline(after);
    for (let more = 1; more <= 2; more++) {
      for (const [i, name] of names.entries()) {
        const point: [number, number] = [NOW + more, i + more * 10];
        await second.database(name)!.write(batchOf(floatSeries(labelsOf(i), [point])));
      }
      await second.flush();
    }
    const wanted = await Promise.all(names.map((name) => readEverything(second.database(name)!)));
    for (const points of wanted) expect([...points.values()].map(({ size }) => size)).toEqual([3]);
    await second.merge();
    expect(counter(second, 'mergeFailures'), `n ${nth}`).toBe(0);
    for (const path of filesBelow(after, DATA_DIR)) {
      if (path.includes('/manifest')) after.unlink(path);
    }
    const third = await openInline(after);
    for (const [i, name] of names.entries()) {
      const seen = await readEverything(third.database(name)!);
      expect(seen, `n ${nth} ${name}`).toEqual(wanted[i]);
    }
  }
  expect.fail('the flush never got through');
});
