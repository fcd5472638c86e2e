// One flipped bit in each byte of each file of a small data folder: the engine always starts, and says
// the right values or fewer, never wrong ones.

import { expect, test } from 'vitest';
import { labelsFromObject, printLabels } from '../model/labels.ts';
import { DAY_MS } from '../model/time-range.ts';
import { AppError } from '../runtime/error.ts';
import { FaultyFileSystem } from '../runtime/faulty-file-system.ts';
import { integerHistogram } from '../storage/conformance/data.ts';
import type { BatchSeries, Database } from '../storage/interface.ts';
import type { Tsdb } from './db.ts';
import { batchOf, floatSeries, labelsOf, NOW, readEverything } from './testing/engine-model.ts';
import { DATA_DIR, filesBelow, openInline } from './testing/inline-engine.ts';

/** Look at every n-th byte only; 1 is all of them. */
const STRIDE = Number(process.env.FLIP_STRIDE ?? 1);

const METADATA = { metric: 'test_metric', type: 'gauge', help: 'Help.', unit: 's' } as const;

function histogramSeries(series: number, n: number): BatchSeries {
  const samples = {
    length: 1,
    t: Float64Array.of(NOW),
    v: new Float64Array(1),
    startT: Float64Array.of(NOW - 1000),
    histograms: [integerHistogram(n)],
  };
  const exemplar = { labels: labelsFromObject({ trace: `t${n}` }), value: n, t: NOW };
  return { labels: labelsOf(series), samples, exemplars: [exemplar] };
}

/**
 * Two databases with a part each, one of them with a second part and a delete, and writes that are only
 * in the log. No (series, time) is written twice: where a later part is lost, an earlier value would show.
 */
async function newFolder(): Promise<FaultyFileSystem> {
  const fs = new FaultyFileSystem();
  const db = await openInline(fs);
  await db.createDatabase('other');
  const database = db.database('default')!;
  const other = db.database('other')!;
  await database.write({
    ...batchOf(
      floatSeries(labelsOf(1), [
        [NOW - DAY_MS, 1.5],
        [NOW, 2.5],
      ]),
      histogramSeries(2, 3),
    ),
    metadata: [METADATA],
  });
  await other.write(batchOf(floatSeries(labelsOf(1), [[NOW, 4]])));
  await db.flush();
  await database.write(
    batchOf(
      floatSeries(labelsOf(1), [
        [NOW + 1, 5],
        [NOW + 2, 6],
      ]),
    ),
  );
  await db.flush();
  const deleted = { type: '=', name: 'series', value: 's1' } as const;
  await database.deleteSamples([[deleted]], { minT: NOW + 2, maxT: NOW + 2 });
  for (let i = 0; i < 4; i++) {
    const target = i % 2 === 0 ? database : other;
    await target.write(batchOf(floatSeries(labelsOf(3), [[NOW + i, i + 10]])));
  }
  return fs.powerCut(1);
}

type Contents = Record<
  string,
  { samples: [string, unknown][]; exemplars: unknown; metadata: unknown }
>;

/** Everything there is; a query that meets damage may fail once, and then does without the part. */
async function read(db: Tsdb): Promise<Contents> {
  const contents: Contents = {};
  for (const name of db.databaseNames()) {
    const database = db.database(name)!;
    contents[name] = {
      samples: flat(await again(() => readEverything(database))),
      exemplars: await again(() => exemplarsOf(database)),
      metadata: database.metadata(),
    };
  }
  return contents;
}

/** Each part of the folder may be damaged once, so after a few errors the answer must come. */
async function again<T>(query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ kind: 'corrupt', code: 'TSDB_PART_CORRUPT' });
    return await query();
  }
}

function flat(points: Map<string, Map<number, string>>): [string, string][] {
  return [...points].flatMap(([series, rows]) =>
    [...rows].map(([t, value]): [string, string] => [`${series} ${t}`, value]),
  );
}

async function exemplarsOf(database: Database): Promise<unknown[]> {
  const querier = database.querier({ minT: 0, maxT: NOW + DAY_MS });
  try {
    return await querier.selectExemplars([]);
  } finally {
    querier.close();
  }
}

/** What of `seen` is not in `wanted`, and how many samples are missing. */
function compare(seen: Contents, wanted: Contents): { wrong: unknown[]; missing: string[] } {
  const wrong: unknown[] = [];
  const missing: string[] = [];
  for (const [name, { samples, exemplars, metadata }] of Object.entries(wanted)) {
    const found = seen[name];
    if (found === undefined) {
      wrong.push(`database ${name} is missing`);
      continue;
    }
    const right = new Map(samples);
    for (const [key, value] of found.samples) {
      if (right.get(key) !== value) wrong.push([name, key, value]);
      right.delete(key);
    }
    missing.push(...[...right.keys()].map((key) => `${name} ${key}`));
    for (const [got, want] of [
      [found.exemplars, exemplars],
      [found.metadata, metadata],
    ] as [unknown[], unknown[]][]) {
      if (got.length > 0 && JSON.stringify(got) !== JSON.stringify(want)) wrong.push([name, got]);
    }
  }
  return { wrong, missing };
}

test('every byte of every file flipped once: right values or fewer, never wrong ones', async () => {
  const folder = await newFolder();
  const wanted = await read(await openInline(folder.powerCut(1)));
  expect(wanted.default!.samples.length).toBe(6);
  expect(wanted.default!.metadata).toEqual([METADATA]);
  expect(wanted.default!.exemplars).toHaveLength(1);
  const kinds = new Map<string, { flips: number; losses: number }>();
  for (const path of filesBelow(folder, DATA_DIR)) {
    const kind = path.replace(/.*\//, '').replace(/^[\d-]+/, '');
    const tally = kinds.get(kind) ?? { flips: 0, losses: 0 };
    kinds.set(kind, tally);
    for (let byte = 0; byte < folder.readFile(path).length; byte += STRIDE) {
      const context = `${path} byte ${byte}`;
      const fs = folder.powerCut(1);
      fs.flipBit(path, byte * 8 + ((byte * 5 + 3) % 8));
      const logged: string[] = [];
      const db = await openInline(fs, {
        logger: (level, message) => void (level === 'error' && logged.push(message)),
      });
      const { wrong, missing } = compare(await read(db), wanted);
      expect(wrong, context).toEqual([]);
      tally.flips++;
      if (missing.length > 0) tally.losses++;
      expectLossToBeTold(path, db, fs, missing, logged, context);
    }
  }
  for (const [kind, { flips }] of kinds) expect(flips, kind).toBeGreaterThan(50 / STRIDE);
  // Nothing is lost with these: there is a second copy, or they are made again from the parts.
  expect(kinds.get('manifest.json')?.losses).toBe(0);
  expect(kinds.get('manifest.prev.json')?.losses).toBe(0);
  expect(kinds.get('metadata.json')?.losses).toBe(0);
  expect(kinds.get('.part')?.losses).toBeGreaterThan(0);
}, 120_000);

/** Samples are missing only of the damaged file, which has been set aside and reported. */
function expectLossToBeTold(
  path: string,
  db: Tsdb,
  fs: FaultyFileSystem,
  missing: readonly string[],
  logged: readonly string[],
  context: string,
): void {
  if (missing.length === 0) return;
  if (path.endsWith('.part')) {
    expect(db.stats().counters.partsQuarantined, context).toBe(1);
    const aside = path.replace('/parts/', '/quarantine/');
    expect(fs.exists(aside) && !fs.exists(path), context).toBe(true);
    expect(logged, context).toContain(
      'part is damaged and was set aside; its samples are not served',
    );
  } else {
    expect(path, context).toContain('/wal/');
    // A record is lost, not all of them. Rot in the last batch looks like the tail of a crash.
    expect(missing.length, context).toBe(1);
  }
}

test('a data folder of which the manifests are gone starts and serves everything', async () => {
  const folder = await newFolder();
  const wanted = await read(await openInline(folder.powerCut(1)));
  for (const path of filesBelow(folder, DATA_DIR)) {
    if (path.endsWith('/manifest.json')) folder.unlink(path);
  }
  expect(await read(await openInline(folder))).toEqual(wanted);
});

test('a new database survives the loss of its manifest before anything was flushed', async () => {
  const fs = new FaultyFileSystem();
  const db = await openInline(fs);
  await db.database('default')!.write(batchOf(floatSeries(labelsOf(1), [[NOW, 1]])));
  const cut = fs.powerCut(1);
  cut.flipBit(`${DATA_DIR}/databases/default/manifest.json`, 99);
  const after = await openInline(cut);
  const seen = await readEverything(after.database('default')!);
  expect(seen).toEqual(new Map([[printLabels(labelsOf(1)), new Map([[NOW, '3ff0000000000000']])]]));
});

test('a database folder that nothing can be made of does not keep the others from starting', async () => {
  const fs = await newFolder();
  const wanted = await read(await openInline(fs.powerCut(1)));
  for (const path of filesBelow(fs, `${DATA_DIR}/databases/default`)) {
    if (!path.endsWith('.json')) fs.unlink(path);
    else for (let bit = 0; bit < 800; bit += 8) fs.flipBit(path, bit);
  }
  const db = await openInline(fs);
  const seen = await read(db);
  expect(seen.other).toEqual(wanted.other);
  expect(seen.default).toEqual({ samples: [], exemplars: [], metadata: [] });
  await db.database('default')!.write(batchOf(floatSeries(labelsOf(1), [[NOW, 1]])));
  await db.close();
  const again = await openInline(fs);
  expect((await read(again)).default!.samples).toHaveLength(1);
});
