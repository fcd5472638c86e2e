// The ledger of everything that was refused: counted by reason, the latest listed one by one.

import type { WriteResult } from '../storage/interface.ts';

/** Latest refusals kept. */
const MAX_ENTRIES = 1000;
/** Longest series and message kept, so that the ledger has a bound: about 2 MB. */
const MAX_TEXT_LENGTH = 1000;

export interface RejectionEntry {
  /** ms */
  readonly time: number;
  readonly database: string;
  /** The face that refused: `remote_write`, `import`, … */
  readonly protocol: string;
  /** One of REJECT_REASONS, or the code of the error for which a whole request was refused. */
  readonly reason: string;
  /** Empty where a whole request was refused. */
  readonly series: string;
  readonly message: string;
  readonly samples: number;
  readonly histograms: number;
  readonly exemplars: number;
}

export interface RejectionCounters {
  countRejectedSamples(protocol: string, reason: string, amount: number): void;
  countRejectedRequest(protocol: string, reason: string): void;
}

export class RejectionLedger {
  readonly #counters: RejectionCounters;
  readonly #now: () => number;
  /** A ring: the entry after the newest is the oldest, once full. */
  readonly #ring: RejectionEntry[] = [];
  #next = 0;
  readonly #totals = new Map<string, number>();

  constructor(counters: RejectionCounters, now: () => number) {
    this.#counters = counters;
    this.#now = now;
  }

  /** Notes what a write had to leave out. */
  addResult(protocol: string, database: string, result: WriteResult): void {
    let listed = 0;
    for (const rejection of result.rejections) {
      const { reason, series, message, samples, histograms, exemplars } = rejection;
      const amount = samples + histograms + exemplars;
      listed += amount;
      this.#count(protocol, reason, amount);
      this.#push({
        time: this.#now(),
        database,
        protocol,
        reason,
        series: cut(series),
        message: cut(message),
        samples,
        histograms,
        exemplars,
      });
    }
    if (result.rejectedTotal > listed)
      this.#count(protocol, 'not_listed', result.rejectedTotal - listed);
  }

  /** Notes a request that was refused as a whole. */
  addRequest(protocol: string, database: string, reason: string, message: string): void {
    this.#counters.countRejectedRequest(protocol, reason);
    this.#totals.set(reason, (this.#totals.get(reason) ?? 0) + 1);
    this.#push({
      time: this.#now(),
      database,
      protocol,
      reason,
      series: '',
      message: cut(message),
      samples: 0,
      histograms: 0,
      exemplars: 0,
    });
  }

  /** Notes lines of an import that could not be read; `total` may be more than are listed. */
  addLines(
    protocol: string,
    database: string,
    lines: readonly { readonly line: number; readonly message: string }[],
    total: number,
  ): void {
    this.#count(protocol, 'invalid_line', total);
    for (const { line, message } of lines) {
      this.#push({
        time: this.#now(),
        database,
        protocol,
        reason: 'invalid_line',
        series: '',
        message: cut(`line ${line}: ${message}`),
        samples: 0,
        histograms: 0,
        exemplars: 0,
      });
    }
  }

  /** Refusals since start: samples, histograms and exemplars by reason, requests by error code. */
  totals(): ReadonlyMap<string, number> {
    return this.#totals;
  }

  /** The latest entries, newest first, of the databases that `includes` lets pass. */
  latest(limit: number, includes: (database: string) => boolean = () => true): RejectionEntry[] {
    const oldestFirst = [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)];
    return oldestFirst
      .reverse()
      .filter(({ database }) => includes(database))
      .slice(0, limit);
  }

  #count(protocol: string, reason: string, amount: number): void {
    this.#counters.countRejectedSamples(protocol, reason, amount);
    this.#totals.set(reason, (this.#totals.get(reason) ?? 0) + amount);
  }

  #push(entry: RejectionEntry): void {
    this.#ring[this.#next] = entry;
    this.#next = (this.#next + 1) % MAX_ENTRIES;
  }
}

function cut(text: string): string {
  return text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH)}…` : text;
}
