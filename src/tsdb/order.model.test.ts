// The engine against the in-memory store: whatever is written, deleted, flushed, merged, dropped,
// crashed and reopened, in any order and in up to fifty databases, every value of every database is equal
// after every step.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Matcher } from '../model/matcher.ts';
import { ALL_TIME, DAY_MS, type TimeRange } from '../model/time-range.ts';
import { FaultyFileSystem } from '../runtime/faulty-file-system.ts';
import {
  BASE,
  batch,
  between,
  type Dump,
  dump,
  floatHistogram,
  integerHistogram,
  type Row,
  type RowValue,
  STALE,
  STALE_HISTOGRAM,
  series,
} from '../storage/conformance/data.ts';
import type { BatchSeries, Storage } from '../storage/interface.ts';
import { MemoryStorage } from '../storage/memory-store.ts';
import type { Tsdb } from './db.ts';
import { snapshotDir } from './filenames.ts';
import { FakeClock } from './testing/engine-model.ts';
import { DATA_DIR, openInline } from './testing/inline-engine.ts';

const RUNS = Number(process.env.PROP_RUNS ?? 60);
const SEED = Number(process.env.PROP_SEED ?? 1);
/** Orders of flushing and merging that the permutations are tried with, of 243. */
const PATTERNS = Number(process.env.ORDER_PATTERNS ?? 8);

// ——— The engine and its model ———

class Pair {
  readonly clock = new FakeClock();
  readonly model: Storage = new MemoryStorage({ now: () => this.clock.now() });
  readonly #constantHash: boolean;
  #disk: FaultyFileSystem;
  #db: Tsdb | undefined;

  constructor(seed: number, constantHash: boolean) {
    this.#disk = new FaultyFileSystem(seed);
    this.#constantHash = constantHash;
    // The day of BASE is still warm; a day later it is cold.
    this.clock.wall = BASE + DAY_MS / 2;
  }

  get db(): Tsdb {
    return this.#db!;
  }

  async start(): Promise<void> {
    this.#db = await this.open(this.#disk, DATA_DIR);
  }

  open(disk: FaultyFileSystem, dataDir: string): Promise<Tsdb> {
    const { clock } = this;
    const testing = { constantHash: this.#constantHash };
    return openInline(disk, {
      clock,
      dataDir,
      testing,
      onFatal: (error) => expect.fail(`${error}`),
    });
  }

  async reopen(): Promise<void> {
    await this.db.close();
    await this.start();
  }

  /** The process and what the disk had not been told to keep are gone. */
  async crash(seed: number): Promise<void> {
    this.#disk = this.#disk.powerCut(seed);
    await this.start();
  }

  /** A second engine on a snapshot holds the same, and the first does not mind. */
  async openSnapshot(seed: number): Promise<void> {
    const name = await this.db.snapshot();
    const copy = await this.open(this.#disk.powerCut(seed), snapshotDir(DATA_DIR, name));
    await this.expectSame(copy);
    await copy.close();
  }

  /** Any present database, by an arbitrary number. */
  nameOf(n: number): string {
    const names = this.model.databaseNames();
    return names[n % names.length]!;
  }

  async expectSame(storage: Storage): Promise<void> {
    expect(storage.databaseNames()).toEqual(this.model.databaseNames());
    for (const name of this.model.databaseNames()) {
      const wanted = await dump(this.model.database(name)!);
      expect(await dump(storage.database(name)!), name).toEqual(wanted);
    }
  }
}

// ——— Steps ———

type Step =
  | { readonly do: 'write'; readonly database: number; readonly series: readonly BatchSeries[] }
  | { readonly do: 'burst'; readonly writes: readonly { database: number; series: BatchSeries }[] }
  | {
      readonly do: 'delete';
      readonly database: number;
      readonly selector: readonly Matcher[];
      readonly range: TimeRange;
    }
  | { readonly do: 'create'; readonly database: number }
  | { readonly do: 'drop'; readonly database: number }
  | { readonly do: 'createMany'; readonly count: number }
  | { readonly do: 'crash'; readonly seed: number }
  | { readonly do: 'snapshot'; readonly seed: number }
  | { readonly do: Bare };

/** Steps that need nothing to be said. */
type Bare = 'writeAll' | 'flush' | 'merge' | 'clean' | 'reopen' | 'tick' | 'dayPasses';

async function take(pair: Pair, step: Step): Promise<void> {
  const { db, model } = pair;
  const both: readonly Storage[] = [db, model];
  switch (step.do) {
    case 'write': {
      const name = pair.nameOf(step.database);
      const [result, wanted] = await Promise.all(
        both.map((storage) => storage.database(name)!.write(batch(...step.series))),
      );
      expect(result).toEqual(wanted);
      break;
    }
    case 'writeAll':
      for (const storage of both) {
        for (const [i, name] of storage.databaseNames().entries()) {
          await storage.database(name)!.write(batch(series({ x: 'all' }, [{ t: i, value: i }])));
        }
      }
      break;
    case 'burst': {
      // All under way at once: one sync, and the order in which they were begun.
      const write = (storage: Storage): Promise<unknown>[] =>
        step.writes.map(({ database, series: one }) =>
          storage.database(pair.nameOf(database))!.write(batch(one)),
        );
      await Promise.all(both.flatMap(write));
      break;
    }
    case 'delete':
      for (const storage of both) {
        const database = storage.database(pair.nameOf(step.database))!;
        await database.deleteSamples([step.selector], step.range);
      }
      break;
    case 'create':
      for (const storage of both) await storage.createDatabase(`db${step.database % 5}`);
      break;
    case 'createMany':
      for (let i = 0; i < step.count; i++) {
        for (const storage of both) await storage.createDatabase(`many${i}`);
      }
      break;
    case 'drop': {
      const name = pair.nameOf(step.database);
      for (const storage of both) await storage.dropDatabase(name);
      break;
    }
    case 'flush':
      await db.flush();
      break;
    case 'merge':
      await db.merge();
      break;
    case 'clean':
      await db.cleanTombstones();
      break;
    case 'tick':
      db.tick();
      break;
    case 'dayPasses':
      pair.clock.advance(DAY_MS);
      break;
    case 'reopen':
      await pair.reopen();
      break;
    case 'crash':
      await pair.crash(step.seed);
      break;
    case 'snapshot':
      await pair.openSnapshot(step.seed);
      break;
  }
}

async function run(steps: readonly Step[], seed: number, constantHash: boolean): Promise<void> {
  const pair = new Pair(seed, constantHash);
  await pair.start();
  for (const step of steps) {
    await take(pair, step);
    await pair.expectSame(pair.db);
  }
  await pair.crash(seed);
  await pair.expectSame(pair.db);
  await pair.db.close();
}

// ——— Random steps ———

const half = fc.nat(0xffff_ffff);
const value: fc.Arbitrary<RowValue> = fc.oneof(
  { weight: 6, arbitrary: fc.nat(4) },
  { weight: 2, arbitrary: fc.tuple(half, half) },
  { weight: 3, arbitrary: fc.constant(STALE) },
  { weight: 1, arbitrary: fc.constant(STALE_HISTOGRAM) },
  { weight: 1, arbitrary: fc.nat(3).map((n) => integerHistogram(n)) },
  { weight: 1, arbitrary: fc.nat(3).map((n) => floatHistogram(n)) },
);
// Few different times on three days, so that most writes meet earlier ones.
const time = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 3 }) },
  { weight: 1, arbitrary: fc.integer({ min: -4, max: 0 }).map((n) => n * (DAY_MS / 2)) },
);
const row: fc.Arbitrary<Row> = fc
  .record({ t: time, value })
  .map((one) => (one.t === 2 ? { ...one, startT: BASE - 1000 } : one));
const oneSeries = fc
  .tuple(fc.constantFrom('a', 'b', 'c'), fc.array(row, { minLength: 1, maxLength: 5 }))
  .map(([x, rows]) => series({ x }, rows));
const database = fc.nat(60);
const selector = fc.constantFrom<readonly Matcher[]>(
  [],
  [{ type: '=', name: 'x', value: 'a' }],
  [{ type: '=~', name: 'x', value: 'b|c' }],
);
const range = fc
  .tuple(time, time)
  .map(([a, b]) => between(Math.min(a, b), Math.max(a, b)))
  .chain((some) => fc.constantFrom(some, some, ALL_TIME));

type Given<D extends Step['do']> = Omit<Extract<Step, { do: D }>, 'do'>;

function step<D extends Exclude<Step['do'], Bare>>(
  weight: number,
  kind: D,
  given: { [K in keyof Given<D>]: fc.Arbitrary<Given<D>[K]> },
): fc.WeightedArbitrary<Step> {
  const arbitrary = fc.record({ do: fc.constant(kind), ...given });
  return { weight, arbitrary: arbitrary as fc.Arbitrary<unknown> as fc.Arbitrary<Step> };
}

function bare(weight: number, kind: Bare): fc.WeightedArbitrary<Step> {
  return { weight, arbitrary: fc.constant({ do: kind }) };
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    step(12, 'write', { database, series: fc.array(oneSeries, { minLength: 1, maxLength: 3 }) }),
    step(4, 'burst', {
      writes: fc.array(fc.record({ database, series: oneSeries }), { minLength: 2, maxLength: 5 }),
    }),
    step(3, 'delete', { database, selector, range }),
    bare(1, 'writeAll'),
    bare(6, 'flush'),
    bare(4, 'merge'),
    bare(2, 'clean'),
    bare(1, 'tick'),
    bare(1, 'dayPasses'),
    step(2, 'create', { database }),
    step(1, 'createMany', { count: fc.constantFrom(2, 50) }),
    step(2, 'drop', { database }),
    bare(2, 'reopen'),
    step(3, 'crash', { seed: fc.nat(1000) }),
    step(1, 'snapshot', { seed: fc.nat(1000) }),
  ),
  { minLength: 5, maxLength: 30, size: 'max' },
);

test(`random steps: every value of every database equals the model's (${RUNS} runs)`, async () => {
  const property = fc.asyncProperty(steps, fc.nat(1000), (list, seed) => run(list, seed, false));
  await fc.assert(property, { numRuns: RUNS, seed: SEED });
}, 600_000);

test('the same where all hashes of labels are equal', async () => {
  const property = fc.asyncProperty(steps, fc.nat(1000), (list, seed) => run(list, seed, true));
  await fc.assert(property, { numRuns: Math.ceil(RUNS / 6), seed: SEED });
}, 600_000);

// ——— What has gone wrong once ———

const writeA: Step = {
  do: 'write',
  database: 0,
  series: [
    series(
      { x: 'a' },
      [1, 2, 3].map((t) => ({ t, value: t })),
    ),
  ],
};
const deleteAt = (t: number): Step => ({
  do: 'delete',
  database: 0,
  selector: [],
  range: between(t, t),
});

test.each<[string, Step[]]>([
  [
    'two deletes with a cleaning and no write between',
    [writeA, deleteAt(1), { do: 'clean' }, deleteAt(2)],
  ],
  [
    'two deletes with a cleaning and a crash between',
    [writeA, deleteAt(1), { do: 'clean' }, { do: 'crash', seed: 1 }, deleteAt(2)],
  ],
  ['two deletes at once, then the time written again', [writeA, deleteAt(1), deleteAt(2), writeA]],
])('%s', (_, list) => run(list, 1, false));

// ——— All orders of six writes ———

/** Two writes at each of three times; at the third the one is a stale marker. */
const SIX_WRITES: readonly Row[] = [
  { t: 1, value: 11 },
  { t: 1, value: 12 },
  { t: 2, value: 21 },
  { t: 2, value: STALE },
  { t: 3, value: integerHistogram(3) },
  { t: 3, value: 32 },
];

function permutationsOf<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, i) =>
    permutationsOf([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]),
  );
}

test(`all permutations of 6 writes at 3 times, with flushes and merges between (${PATTERNS} of 243 ways)`, async () => {
  // A series for each permutation, so that one engine holds all 720 at once.
  const orders = permutationsOf(SIX_WRITES);
  for (let i = 0; i < PATTERNS; i++) {
    const pattern = Math.floor((i * 243) / PATTERNS + SEED) % 243;
    const pair = new Pair(i, false);
    await pair.start();
    for (let round = 0; round < SIX_WRITES.length; round++) {
      const list = orders.map((order, n) => series({ order: String(n) }, [order[round]!]));
      for (const storage of [pair.db, pair.model]) {
        await storage.database('default')!.write(batch(...list));
      }
      const between = Math.floor(pattern / 3 ** round) % 3;
      if (between > 0) await pair.db.flush();
      if (between > 1) await pair.db.merge();
    }
    const wanted: Dump = await dump(pair.model.database('default')!);
    expect(wanted.length).toBe(720);
    expect(await dump(pair.db.database('default')!), `pattern ${pattern}`).toEqual(wanted);
    await pair.db.flush();
    await pair.db.merge();
    expect(await dump(pair.db.database('default')!), `pattern ${pattern}`).toEqual(wanted);
    await pair.crash(i);
    expect(await dump(pair.db.database('default')!), `pattern ${pattern}`).toEqual(wanted);
    await pair.db.close();
  }
}, 600_000);
