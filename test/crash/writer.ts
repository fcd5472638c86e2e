// Writes to a server that may die at any moment and keeps the ledger: floats of all bit patterns,
// native histograms, any order of time, overwrites, deletes, several databases, both versions.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Label, labelsFromObject, printLabels } from '../../src/model/labels.ts';
import { DAY_MS } from '../../src/model/time-range.ts';
import type { BatchSeries } from '../../src/storage/interface.ts';
import type { Answer, Client } from '../support/client.ts';
import type { Random } from '../support/random.ts';
import { rowText } from '../support/rows.ts';
import type { Ledger, RowChange } from './ledger.ts';
import { columnsOf, type RowValue, randomFloat, randomHistogram } from './samples.ts';

/** Requests on their way at a time; each worker has series of its own. */
const WORKERS = 4;
const SERIES_PER_WORKER = 20;
const MAX_SERIES_PER_REQUEST = 12;
const MAX_ROWS_PER_SERIES = 5;
/** One in so many series has histograms. */
const HISTOGRAM_SHARE = 6;
/** One in so many rows is written over an existing one. */
const OVERWRITE_SHARE = 10;
/** One in so many operations deletes all rows of a series. */
const DELETE_SHARE = 400;
/** Rows lie within so many days … */
const RECENT_DAYS = 2;
/** … but for those of series that retention is to take. */
export const EXPIRING_DAYS: readonly [least: number, most: number] = [6, 8];
/** One in so many series. */
const EXPIRING_SHARE = 7;

/** Where a database is written to. */
export interface Target {
  readonly database: string;
  readonly path: string;
}

export interface WriterOptions {
  readonly targets: readonly Target[];
  /** False while retention would refuse the old rows. */
  readonly writesExpiring: boolean;
  /** No further requests. */
  readonly stop: AbortSignal;
  /** From now on answers do not count. */
  readonly struck: AbortSignal;
}

export interface WriterStats {
  acknowledgedRequests: number;
  acknowledgedRows: number;
  /** 503: the server asks to come back later. */
  turnedAway: number;
  /** Requests that got no answer. */
  unanswered: number;
  /** Answers that should not be. */
  readonly unexpected: string[];
}

interface SeriesPlan {
  readonly labels: readonly Label[];
  readonly key: string;
  readonly isHistogram: boolean;
  readonly isExpiring: boolean;
}

/** Lives through all restarts of the server: its serial numbers make every value a new one. */
export class Writer {
  readonly #ledger: Ledger;
  readonly #random: Random;
  readonly #startedAt = Date.now();
  #serial = 0;

  constructor(ledger: Ledger, random: Random) {
    this.#ledger = ledger;
    this.#random = random;
  }

  /** Writes until the server is gone or told to stop. */
  async run(client: Client, options: WriterOptions): Promise<WriterStats> {
    const stats: WriterStats = {
      acknowledgedRequests: 0,
      acknowledgedRows: 0,
      turnedAway: 0,
      unanswered: 0,
      unexpected: [],
    };
    const workers = Array.from({ length: WORKERS }, (_, worker) =>
      this.#work(worker, client, options, stats),
    );
    await Promise.all(workers);
    return stats;
  }

  async #work(
    worker: number,
    client: Client,
    options: WriterOptions,
    stats: WriterStats,
  ): Promise<void> {
    while (!options.stop.aborted) {
      const target = this.#random.pick(options.targets);
      const deletion = this.#random.oneIn(DELETE_SHARE)
        ? this.#planDelete(worker, target)
        : undefined;
      const request = deletion ?? this.#planWrite(worker, target, options.writesExpiring);
      const operation = this.#ledger.begin(request.changes);
      let answer: Answer;
      try {
        answer = await request.send(client);
      } catch {
        stats.unanswered++;
        return;
      }
      if (options.struck.aborted) {
        stats.unanswered++;
      } else if (answer.status === 204) {
        this.#ledger.acknowledge(operation);
        stats.acknowledgedRequests++;
        stats.acknowledgedRows += request.changes.length;
      } else if (answer.status === 503) {
        stats.turnedAway++;
        await sleep(20);
      } else {
        stats.unexpected.push(`${answer.status} ${answer.text.slice(0, 300)}`);
      }
    }
  }

  #planWrite(worker: number, target: Target, writesExpiring: boolean): Request {
    const random = this.#random;
    const changes: RowChange[] = [];
    const batch: BatchSeries[] = [];
    const chosen = new Set<number>();
    for (let n = random.between(1, MAX_SERIES_PER_REQUEST); n > 0; n--) {
      chosen.add(random.below(SERIES_PER_WORKER));
    }
    for (const number of chosen) {
      const plan = planSeries(worker, number);
      if (plan.isExpiring && !writesExpiring) continue;
      const rows = this.#planRows(plan, target.database);
      const samples = columnsOf(rows);
      batch.push({ labels: plan.labels, samples, exemplars: [] });
      const { database } = target;
      rows.forEach(({ t }, i) => {
        changes.push({ database, series: plan.key, t, text: rowText(samples, i) });
      });
    }
    const version = random.oneIn(2) ? 1 : 2;
    return { changes, send: (client) => client.write(batch, version, target.path) };
  }

  #planRows(plan: SeriesPlan, database: string): { t: number; value: RowValue }[] {
    const random = this.#random;
    const rows = new Map<number, RowValue>();
    for (let n = random.between(1, MAX_ROWS_PER_SERIES); n > 0; n--) {
      const serial = ++this.#serial;
      const value = plan.isHistogram
        ? randomHistogram(random, serial)
        : randomFloat(random, serial);
      const t = this.#chooseTime(plan, database, value);
      if (t !== undefined && !rows.has(t)) rows.set(t, value);
    }
    return [...rows].map(([t, value]) => ({ t, value }));
  }

  /** Undefined if the time drawn is taken. */
  #chooseTime(plan: SeriesPlan, database: string, value: RowValue): number | undefined {
    const random = this.#random;
    const isOverwrite = random.oneIn(OVERWRITE_SHARE);
    // A stale marker does not replace a number, so what is written over is always a plain number.
    if (isOverwrite && !('kind' in value) && (value.high & 0x7ff0_0000) !== 0x7ff0_0000) {
      const times = this.#ledger.times(database, plan.key);
      if (times.length > 0) return random.pick(times);
    }
    const t = this.#startedAt + this.#offset(plan);
    return this.#ledger.has(database, plan.key, t) ? undefined : t;
  }

  /** From the start of the run: mostly a little later with every serial number, else anywhere. */
  #offset({ isExpiring }: SeriesPlan): number {
    const random = this.#random;
    if (isExpiring) {
      const [least, most] = EXPIRING_DAYS;
      return -random.between(least * DAY_MS, most * DAY_MS);
    }
    if (random.oneIn(3)) return -random.below(RECENT_DAYS * DAY_MS);
    return -3_600_000 + this.#serial * 7;
  }

  /** Undefined if there is nothing to delete: the database may not even exist yet. */
  #planDelete(worker: number, { database }: Target): Request | undefined {
    const { key, labels } = planSeries(worker, this.#random.below(SERIES_PER_WORKER));
    const changes = this.#ledger
      .times(database, key)
      .map((t) => ({ database, series: key, t, text: undefined }));
    if (changes.length === 0) return undefined;
    const selector = labels.map(({ name, value }) => `${name}=${JSON.stringify(value)}`).join(',');
    const params = new URLSearchParams({ 'match[]': `{${selector}}`, db: database });
    const path = `/api/v1/admin/tsdb/delete_series?${params}`;
    return { changes, send: (client) => client.send('POST', path) };
  }
}

interface Request {
  readonly changes: readonly RowChange[];
  readonly send: (client: Client) => Promise<Answer>;
}

function planSeries(worker: number, number: number): SeriesPlan {
  const isHistogram = number % HISTOGRAM_SHARE === 1;
  const isExpiring = number % EXPIRING_SHARE === 2;
  const labels = labelsFromObject({
    __name__: isHistogram ? 'crash_histogram' : 'crash_value',
    series: `${worker}-${number}`,
    lifetime: isExpiring ? 'short' : 'long',
  });
  return { labels, key: printLabels(labels), isHistogram, isExpiring };
}
