// Checks of deleting samples and of databases: created, dropped, isolated, closed.

import { expect } from 'vitest';
import { ALL_TIME, DAY_MS } from '../../model/time-range.ts';
import { DEFAULT_DATABASE_SETTINGS, NO_QUOTAS } from '../database-settings.ts';
import { DEFAULT_DATABASE } from '../interface.ts';
import {
  batch,
  between,
  dump,
  EVERYTHING,
  expected,
  floatHistogram,
  matchers,
  row,
  series,
} from './data.ts';
import type { Check } from './subject.ts';
import { defaultDatabase } from './subject.ts';

export function deleteChecks(check: Check): void {
  const rows = Array.from({ length: 10 }, (_, i) => row(i, i === 4 ? floatHistogram(4) : i));

  check('deletes the range of what matches and nothing else', async (f) => {
    await f.db.write(batch(series('a', rows), series('b', rows), series('c', rows)));
    await f.db.deleteSamples([matchers(['__name__', '=', 'a'])], between(3, 6));
    const selectors = [matchers(['__name__', '=', 'b']), matchers(['nothing', '=', 'x'])];
    await f.db.deleteSamples(selectors, between(9, DAY_MS));
    await f.db.deleteSamples([], ALL_TIME);
    expect(await dump(await f.settle())).toEqual(
      expected(
        ['a', [...rows.slice(0, 3), ...rows.slice(7)]],
        ['b', rows.slice(0, 9)],
        ['c', rows],
      ),
    );
  });

  check('what is written after a delete stays', async (f) => {
    await f.db.write(batch(series('a', rows)));
    await f.db.deleteSamples([EVERYTHING], ALL_TIME);
    await f.db.write(batch(series('a', [row(5, 55), row(20, 20)])));
    expect(await dump(await f.settle())).toEqual(expected(['a', [row(5, 55), row(20, 20)]]));
  });

  check('a delete and its repetition, then the same samples again', async (f) => {
    await f.db.write(batch(series('a', rows)));
    for (let i = 0; i < 3; i++) {
      await f.db.deleteSamples([matchers(['__name__', '=~', 'a|b'])], between(2, 7));
    }
    await f.db.write(batch(series('a', rows.slice(2, 4))));
    const left = [...rows.slice(0, 4), ...rows.slice(8)];
    expect(await dump(await f.settle())).toEqual(expected(['a', left]));
  });

  check('a series that was deleted whole is in no label query', async (f) => {
    await f.db.write(batch(series({ x: '1' }, rows), series({ y: '1' }, rows)));
    await f.db.deleteSamples([matchers(['x', '=', '1'])], ALL_TIME);
    const querier = (await f.settle()).querier(ALL_TIME);
    expect(await querier.labelNames([])).toEqual(['__name__', 'y']);
    expect(await querier.labelValues('x', [])).toEqual([]);
    expect(await querier.series([])).toHaveLength(1);
    querier.close();
  });

  check('cleaning tombstones changes no answer', async (f) => {
    await f.db.write(batch(series('a', rows), series('b', rows)));
    await f.db.deleteSamples([matchers(['__name__', '=', 'a'])], between(0, 6));
    await f.storage.cleanTombstones();
    const left = expected(['a', rows.slice(7)], ['b', rows]);
    expect(await dump(f.db)).toEqual(left);
    const storage = await f.settleStorage();
    await storage.cleanTombstones();
    expect(await dump(defaultDatabase(storage))).toEqual(left);
  });
}

export function databaseChecks(check: Check): void {
  check('databases are created once and listed in order', async (f) => {
    expect(f.storage.databaseNames()).toEqual([DEFAULT_DATABASE]);
    expect(await f.storage.createDatabase('zebra')).toBe(true);
    expect(await f.storage.createDatabase('Ant-1.b:c')).toBe(true);
    expect(await f.storage.createDatabase('zebra')).toBe(false);
    expect(await f.storage.createDatabase(DEFAULT_DATABASE)).toBe(false);
    const storage = await f.settleStorage();
    expect(storage.databaseNames()).toEqual(['Ant-1.b:c', DEFAULT_DATABASE, 'zebra']);
    expect(storage.database('zebra')?.name).toBe('zebra');
    expect(storage.database('Zebra')).toBeUndefined();
  });

  check('bad database names are refused', async (f) => {
    const invalid = expect.objectContaining({ code: 'STORAGE_DATABASE_NAME', kind: 'bad_data' });
    for (const name of [
      '',
      '.',
      '..',
      '.hidden',
      'a/b',
      'a\\b',
      'a b',
      'é',
      'x'.repeat(65),
      'a\n',
    ]) {
      await expect((async () => f.storage.createDatabase(name))()).rejects.toEqual(invalid);
      expect(f.storage.database(name)).toBeUndefined();
    }
    expect((await f.settleStorage()).databaseNames()).toEqual([DEFAULT_DATABASE]);
  });

  check('databases share nothing', async (f) => {
    await f.storage.createDatabase('other');
    const other = f.storage.database('other')!;
    const metadata = { metric: 'a', type: 'gauge', help: 'of other', unit: '' } as const;
    await f.db.write(batch(series('a', [row(1, 1)]), series({ only: 'default' }, [row(1, 1)])));
    await other.write({ ...batch(series('a', [row(1, 2), row(2, 2)])), metadata: [metadata] });
    await f.db.write(batch(series('a', [row(3, 3)])));
    await other.deleteSamples([EVERYTHING], between(2, 2));
    const storage = await f.settleStorage();
    const reopened = storage.database('other')!;
    expect(await dump(reopened)).toEqual(expected(['a', [row(1, 2)]]));
    expect(await dump(defaultDatabase(storage), matchers(['__name__', '=', 'a']))).toEqual(
      expected(['a', [row(1, 1), row(3, 3)]]),
    );
    const querier = reopened.querier(ALL_TIME);
    expect(await querier.labelNames([])).toEqual(['__name__']);
    querier.close();
    expect(defaultDatabase(storage).metadata()).toEqual([]);
    expect(reopened.metadata()).toEqual([metadata]);
  });

  check('a dropped database is gone and comes back empty', async (f) => {
    expect(await f.storage.dropDatabase('never there')).toBe(false);
    await f.storage.createDatabase('gone');
    await f.storage.createDatabase('again');
    const again = f.storage.database('again')!;
    const metadata = [{ metric: 'a', type: 'gauge', help: '', unit: '' } as const];
    await again.write({ ...batch(series('a', [row(1, 1)])), metadata });
    await f.db.write(batch(series('a', [row(1, 1)])));
    expect(await f.storage.dropDatabase('gone')).toBe(true);
    expect(await f.storage.dropDatabase('gone')).toBe(false);
    expect(await f.storage.dropDatabase('again')).toBe(true);
    expect(f.storage.database('again')).toBeUndefined();
    await expect((async () => again.write(batch(series('a', [row(1, 1)]))))()).rejects.toThrow();
    expect(await f.storage.createDatabase('again')).toBe(true);
    const storage = await f.settleStorage();
    expect(storage.databaseNames()).toEqual(['again', DEFAULT_DATABASE]);
    expect(await dump(storage.database('again')!)).toEqual([]);
    expect(storage.database('again')!.metadata()).toEqual([]);
    await storage.database('again')!.write(batch(series('a', [row(2, 2)])));
    expect(await dump(storage.database('again')!)).toEqual(expected(['a', [row(2, 2)]]));
    expect(await dump(defaultDatabase(storage))).toEqual(expected(['a', [row(1, 1)]]));
  });

  check('documents are kept, replaced and dropped with their database', async (f) => {
    await f.storage.createDatabase('again');
    const again = f.storage.database('again')!;
    expect(again.document('notes')).toBeUndefined();
    await again.putDocument('notes', 'first');
    await again.putDocument('other', '');
    await again.putDocument('notes', 'second\n"é');
    const storage = await f.settleStorage();
    expect(storage.database('again')!.document('notes')).toBe('second\n"é');
    expect(storage.database('again')!.document('other')).toBe('');
    expect(defaultDatabase(storage).document('notes')).toBeUndefined();
    await storage.dropDatabase('again');
    await storage.createDatabase('again');
    expect(storage.database('again')!.document('notes')).toBeUndefined();
  });

  check('settings are kept and hold, quotas refuse, and a drop forgets both', async (f) => {
    await f.storage.createDatabase('again');
    const again = f.storage.database('again')!;
    expect(again.settings).toEqual(DEFAULT_DATABASE_SETTINGS);
    const settings = { retentionMs: 0, quotas: { ...NO_QUOTAS, maxActiveSeries: 1 } };
    await again.configure(settings);
    const written = await again.write(batch(series('a', [row(1, 1)]), series('b', [row(1, 1)])));
    expect(written).toMatchObject({ samplesWritten: 1, rejectedTotal: 1, refusedSeries: [1] });
    expect(written.rejections[0]?.reason).toBe('series_quota');
    expect(again.usage()).toMatchObject({ activeSeries: 1, samplesWritten: 1, newSeries: 1 });
    const storage = await f.settleStorage();
    expect(storage.database('again')!.settings).toEqual(settings);
    expect(await dump(storage.database('again')!)).toEqual(expected(['a', [row(1, 1)]]));
    await storage.dropDatabase('again');
    await storage.createDatabase('again');
    expect(storage.database('again')!.settings).toEqual(DEFAULT_DATABASE_SETTINGS);
  });

  check('the default database is emptied and stays', async (f) => {
    const metadata = [{ metric: 'a', type: 'gauge', help: '', unit: '' } as const];
    await f.db.write({ ...batch(series('a', [row(1, 1)])), metadata });
    expect(await f.storage.dropDatabase(DEFAULT_DATABASE)).toBe(true);
    const storage = await f.settleStorage();
    expect(storage.databaseNames()).toEqual([DEFAULT_DATABASE]);
    expect(await dump(defaultDatabase(storage))).toEqual([]);
    expect(defaultDatabase(storage).metadata()).toEqual([]);
    await defaultDatabase(storage).write(batch(series('a', [row(2, 2)])));
    expect(await dump(defaultDatabase(storage))).toEqual(expected(['a', [row(2, 2)]]));
  });

  check('cardinality counts what was written, in lists of bounded length', async (f) => {
    const hosts = ['a', 'b', 'c'].map((host) => series({ __name__: 'up', host }, [row(1, 1)]));
    await f.db.write(batch(...hosts, series('down', [row(2, 2)])));
    const cardinality = await f.db.cardinality(2);
    expect(cardinality).toMatchObject({ numSeries: 4, numLabelPairs: 5 });
    expect(cardinality.seriesCountByMetricName).toEqual([
      { name: 'up', value: 3 },
      { name: 'down', value: 1 },
    ]);
    expect(cardinality.labelValueCountByLabelName).toEqual([
      { name: 'host', value: 3 },
      { name: '__name__', value: 2 },
    ]);
    // Of equal ones the first by name.
    expect(cardinality.seriesCountByLabelValuePair).toEqual([
      { name: '__name__=up', value: 3 },
      { name: '__name__=down', value: 1 },
    ]);
    expect(cardinality.memoryInBytesByLabelName).toHaveLength(2);
  });

  check('figures are plain numbers', async (f) => {
    await f.db.write(batch(series('a', [row(1, 1)])));
    const { counters, gauges } = f.storage.stats();
    for (const value of [...Object.values(counters), ...Object.values(gauges)]) {
      expect(value).toBeTypeOf('number');
      expect(value).not.toBeNaN();
    }
  });

  check('a closed store takes no writes, and may be closed again', async (f) => {
    await f.db.write(batch(series('a', [row(1, 1)])));
    await f.storage.close();
    await f.storage.close();
    const write = async (): Promise<unknown> => f.db.write(batch(series('a', [row(2, 2)])));
    await expect(write()).rejects.toMatchObject({ kind: 'unavailable' });
    if (!f.restarts) return;
    expect(await dump(await f.settle())).toEqual(expected(['a', [row(1, 1)]]));
  });
}
