// What views on other threads keep open, give back and report. That they answer as the engine does is
// in db.test.ts, which runs the storage suite through them.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ALL_TIME } from '../../model/time-range.ts';
import { FaultyFileSystem } from '../../runtime/faulty-file-system.ts';
import type { SharedView } from '../../storage/interface.ts';
import type { Tsdb } from '../db.ts';
import { PartCorruptError } from '../partition/errors.ts';
import { batchOf, floatSeries, labelsOf, NOW } from '../testing/engine-model.ts';
import { DATA_DIR, filesBelow, openInline } from '../testing/inline-engine.ts';
import { openSharedView, type SharedViewDescriptor } from './shared-view.ts';

/** A file system that knows which files are open, and how often each is. */
class CountingFileSystem extends FaultyFileSystem {
  readonly #paths = new Map<number, string>();

  override open(path: string, mode: Parameters<FaultyFileSystem['open']>[1]): number {
    const fd = super.open(path, mode);
    this.#paths.set(fd, path);
    return fd;
  }

  override close(fd: number): void {
    super.close(fd);
    this.#paths.delete(fd);
  }

  openParts(): string[] {
    return [...this.#paths.values()].filter((path) => path.endsWith('.part')).sort();
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

async function withParts(fs: CountingFileSystem, parts: number): Promise<Tsdb> {
  const db = await openInline(fs);
  for (let i = 0; i < parts; i++) {
    await db.database('default')!.write(batchOf(floatSeries(labelsOf(1), [[NOW + i, i]])));
    await db.flush();
  }
  return db;
}

function share(db: Tsdb): { view: SharedView; descriptor: SharedViewDescriptor } {
  const view = db.database('default')!.share(ALL_TIME);
  return { view, descriptor: structuredClone(view.descriptor) as SharedViewDescriptor };
}

test('a thread opens each part once, and closes it when it is neither live nor read', async () => {
  const fs = new CountingFileSystem();
  const db = await withParts(fs, 2);
  const engine = fs.openParts();
  expect(engine).toHaveLength(2);
  const first = share(db);
  const querier = openSharedView(first.descriptor, undefined, fs);
  const again = openSharedView(first.descriptor, undefined, fs);
  expect(fs.openParts()).toHaveLength(4);
  again.close();
  expect(fs.openParts()).toHaveLength(4);

  await db.database('default')!.deleteSamples([[]], ALL_TIME);
  await db.cleanTombstones();
  // The view still pins both files, and reads them.
  const second = share(db);
  openSharedView(second.descriptor, undefined, fs).close();
  second.view.release();
  expect((await querier.selection([], ALL_TIME)).read(0, NOW, NOW + 9).length).toBe(2);
  expect(fs.openParts()).toHaveLength(4);
  querier.close();
  expect(fs.openParts()).toHaveLength(2);
  first.view.release();
  first.view.release();
  expect(fs.openParts()).toEqual([]);
  expect(filesBelow(fs, DATA_DIR).filter((path) => path.endsWith('.part'))).toEqual([]);
});

test('a thread without queries closes everything after a while', async () => {
  const fs = new CountingFileSystem();
  const db = await withParts(fs, 1);
  const { view, descriptor } = share(db);
  const querier = openSharedView(descriptor, undefined, fs);
  vi.advanceTimersByTime(60_000);
  expect(fs.openParts()).toHaveLength(2);
  querier.close();
  view.release();
  expect(fs.openParts()).toHaveLength(2);
  vi.advanceTimersByTime(60_000);
  expect(fs.openParts()).toHaveLength(1);
});

test('damage is told with path and message, and later views do without the part', async () => {
  const fs = new CountingFileSystem();
  const db = await withParts(fs, 2);
  const [path] = fs.openParts();
  for (let bit = 0; bit < 400; bit += 8) fs.flipBit(path!, 8 * 64 + bit);
  const { view, descriptor } = share(db);
  const querier = openSharedView(descriptor, undefined, fs);
  const error = await querier
    .selection([], ALL_TIME)
    .then((found) => found.read(0, NOW, NOW + 9))
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  expect(error).toBeInstanceOf(PartCorruptError);
  view.damaged((error as PartCorruptError).path, (error as PartCorruptError).message);
  querier.close();
  view.release();
  expect(db.stats().counters.partsQuarantined).toBe(1);
  const later = share(db);
  const found = await openSharedView(later.descriptor, undefined, fs).selection([], ALL_TIME);
  expect(found.read(0, NOW, NOW + 9).length).toBe(1);
  later.view.release();
});

test('a querier counts what it reads: pages once, chunks and samples every time', async () => {
  const fs = new CountingFileSystem();
  const db = await withParts(fs, 2);
  const points = Array.from({ length: 40 }, (_, i): [number, number] => [NOW + 10 + i, i]);
  await db.database('default')!.write(batchOf(floatSeries(labelsOf(1), points)));
  const { view, descriptor } = share(db);
  const querier = openSharedView(descriptor, undefined, fs);
  const found = await querier.selection([], ALL_TIME);
  expect(querier.stats).toMatchObject({ series: 1, samples: 0, chunks: 0 });
  const { pages } = querier.stats!;
  expect(found.read(0, NOW, NOW + 100).length).toBe(42);
  // A page and a chunk of each part; of the head two sealed blocks and the rows behind them.
  expect(querier.stats).toMatchObject({ series: 1, samples: 42, chunks: 5, pages: pages + 2 });
  expect(found.read(0, NOW, NOW).length).toBe(1);
  expect(querier.stats).toMatchObject({ series: 1, samples: 43, chunks: 6, pages: pages + 2 });
  expect(querier.stats!.bytes).toBeGreaterThan(100);
  querier.close();
  view.release();
});

test('matching of many values can be stopped, in memory and on disk, and finds all of them the next time', async () => {
  const fs = new CountingFileSystem();
  const db = await openInline(fs);
  const write = (first: number): Promise<unknown> => {
    const series = Array.from({ length: 600 }, (_, i) =>
      floatSeries(labelsOf(first + i), [[NOW, i]]),
    );
    return db.database('default')!.write(batchOf(...series));
  };
  await write(0);
  await db.flush();
  await write(600);
  const { view, descriptor } = share(db);
  const search = async (stopAt: number): Promise<number> => {
    let asked = 0;
    const checkpoint = (): void => {
      asked++;
      if (asked === stopAt) throw new Error('stopped');
    };
    const querier = openSharedView(descriptor, checkpoint, fs);
    try {
      return (await querier.selection([{ type: '=~', name: 'series', value: 's[0-9]+' }], ALL_TIME))
        .length;
    } finally {
      querier.close();
    }
  };
  // A checkpoint each 256 values: two in the section, two in the head.
  for (const stopAt of [1, 2, 3, 4]) await expect(search(stopAt)).rejects.toThrow('stopped');
  expect(await search(5)).toBe(1200);
  view.release();
});

test('what stays the same from view to view is the same object, and frozen', async () => {
  const db = await withParts(new CountingFileSystem(), 2);
  const views = [share(db), share(db)].map(({ view }) => view);
  const [a, b] = views.map(({ descriptor }) => descriptor as SharedViewDescriptor);
  const constants = ({ sections, liveParts }: SharedViewDescriptor): object[] => [
    ...sections,
    liveParts,
  ];
  expect(constants(a!)).toHaveLength(3);
  for (const [i, constant] of constants(a!).entries()) {
    expect(Object.isFrozen(constant)).toBe(true);
    expect(constants(b!)[i]).toBe(constant);
  }
  for (const view of views) view.release();
});
