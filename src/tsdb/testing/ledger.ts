// Who wrote what, and what of it was acknowledged: the oracle of the tests that break disks. No sample
// is ever written twice, so that whatever is read back was either acknowledged or under way.

import { printLabels } from '../../model/labels.ts';
import { DAY_MS } from '../../model/time-range.ts';
import type { Database, WriteResult } from '../../storage/interface.ts';
import { batchOf, floatSeries, labelsOf, NOW, readEverything } from './engine-model.ts';

/** Series → time → bits of the value. */
export type Points = Map<string, Map<number, string>>;

export class Ledger {
  readonly acknowledged: Points = new Map();
  readonly attempted: Points = new Map();
  #lastNumber = 0;

  /** Writes samples of one series that nobody has written before, on this day or the one before it. */
  async write(database: Database, series: number, samples = 1): Promise<WriteResult> {
    const labels = labelsOf(series);
    const rows: [t: number, value: number][] = [];
    for (let i = 0; i < samples; i++) {
      const number = ++this.#lastNumber;
      rows.push([NOW - (number % 2) * DAY_MS - number * 1000, number + 0.25]);
    }
    const name = `${database.name} ${printLabels(labels)}`;
    for (const [t, value] of rows) note(this.attempted, name, t, bitsOf(value));
    const result = await database.write(batchOf(floatSeries(labels, rows)));
    for (const [t, value] of rows) note(this.acknowledged, name, t, bitsOf(value));
    return result;
  }

  /** How many samples have been acknowledged. */
  get count(): number {
    let count = 0;
    for (const points of this.acknowledged.values()) count += points.size;
    return count;
  }

  /** The first sample of these databases that was lost or invented, in words. */
  async problemIn(databases: Iterable<Database>): Promise<string | undefined> {
    return this.#compare(await readDatabases(databases), this.attempted);
  }

  /** The same where nothing but the acknowledged may be seen. */
  async problemInStrictly(databases: Iterable<Database>): Promise<string | undefined> {
    return this.#compare(await readDatabases(databases), this.acknowledged);
  }

  #compare(seen: Points, allowed: Points): string | undefined {
    for (const [series, points] of this.acknowledged) {
      for (const [t, value] of points) {
        const found = seen.get(series)?.get(t);
        if (found !== value) return `lost ${series} at ${t}: ${found}, want ${value}`;
      }
    }
    for (const [series, points] of seen) {
      for (const [t, value] of points) {
        const written = allowed.get(series)?.get(t);
        if (written !== value) return `invented ${series} at ${t}: ${value}, want ${written}`;
      }
    }
    return undefined;
  }
}

async function readDatabases(databases: Iterable<Database>): Promise<Points> {
  const all: Points = new Map();
  for (const database of databases) {
    for (const [series, points] of await readEverything(database)) {
      all.set(`${database.name} ${series}`, points);
    }
  }
  return all;
}

function note(points: Points, series: string, t: number, value: string): void {
  const ofSeries = points.get(series) ?? new Map<number, string>();
  ofSeries.set(t, value);
  points.set(series, ofSeries);
}

function bitsOf(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, '0');
}
