// The oracle: what was asked of the server, what it acknowledged, and so what it may and must return.
// Acknowledged ⊆ visible ⊆ acknowledged ∪ in flight, and of several writes of one row the last counts.

import type { ReadBack } from '../support/rows.ts';

/** A row that is not there: deleted, or never written. */
const ABSENT = '';

/** One row that an operation sets, or (with `text` undefined) deletes. */
export interface RowChange {
  readonly database: string;
  /** Printed labels. */
  readonly series: string;
  readonly t: number;
  readonly text: string | undefined;
}

/** A change of a row over its life; times are the ledger's own event numbers. */
interface Change {
  readonly text: string;
  readonly began: number;
  /** Infinity until it is acknowledged, and for ever if it never was. */
  acknowledged: number;
}

/** An operation that was begun; give it back to {@link Ledger.acknowledge}. */
export type Operation = readonly Change[];

/** Between the two events a read may have happened; both ends are what {@link Ledger.now} said. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

export interface AuditOptions {
  readonly window?: Window;
  /** Rows before this time may be hidden or gone for good: retention is at work on them. */
  readonly visibleFrom?: number;
}

/** What an audit found; every entry is a sentence. */
export interface Findings {
  /** Acknowledged rows that are missing or have an older value. */
  readonly lost: string[];
  /** Rows that came more than once. */
  readonly duplicated: string[];
  /** Rows nobody wrote, with values nobody wrote, or that had been deleted. */
  readonly invented: string[];
  /** Rows that were compared. */
  rows: number;
}

export function noFindings(): Findings {
  return { lost: [], duplicated: [], invented: [], rows: 0 };
}

/**
 * Rows of one series must not be changed by two operations at a time. The order of changes of a row is
 * then the order in which they began.
 */
export class Ledger {
  /** Database → series → time → changes, oldest first. */
  readonly #databases = new Map<string, Map<string, Map<number, Change[]>>>();
  #event = 0;

  /** Databases with rows that were acknowledged or may have been written. */
  databases(): string[] {
    return [...this.#databases.keys()];
  }

  /** The present moment, for windows. */
  now(): number {
    return this.#event;
  }

  /** True if the row may exist. */
  has(database: string, series: string, t: number): boolean {
    return this.#databases.get(database)?.get(series)?.has(t) ?? false;
  }

  /** Times at which the series may have rows. */
  times(database: string, series: string): number[] {
    return [...(this.#databases.get(database)?.get(series)?.keys() ?? [])];
  }

  /** To be called before the request is sent. */
  begin(changes: readonly RowChange[]): Operation {
    const began = ++this.#event;
    return changes.map(({ database, series, t, text }) => {
      const change = { text: text ?? ABSENT, began, acknowledged: Number.POSITIVE_INFINITY };
      const rows = childOf(childOf(this.#databases, database), series);
      const history = rows.get(t);
      if (history === undefined) rows.set(t, [change]);
      else history.push(change);
      return change;
    });
  }

  /** To be called when the server has said that it is done. */
  acknowledge(operation: Operation): void {
    const now = ++this.#event;
    for (const change of operation) change.acknowledged = now;
  }

  /** Compares what a database returned with what it may and must return. */
  audit(database: string, seen: ReadBack, options: AuditOptions = {}): Findings {
    const { window = { from: this.#event, to: this.#event } } = options;
    const { visibleFrom = Number.NEGATIVE_INFINITY } = options;
    const findings = noFindings();
    findings.duplicated.push(...seen.duplicates.map((row) => `${database}: ${row} came twice`));
    const expected = this.#databases.get(database) ?? new Map<string, Map<number, Change[]>>();
    for (const [series, rows] of expected) {
      for (const [t, history] of rows) {
        const text = seen.series.get(series)?.get(t) ?? ABSENT;
        findings.rows++;
        if (text === ABSENT && t < visibleFrom) continue;
        judge(findings, `${database}: ${series} at ${t}`, text, history, window);
      }
    }
    for (const [series, rows] of seen.series) {
      for (const [t, text] of rows) {
        if (expected.get(series)?.has(t)) continue;
        findings.invented.push(`${database}: ${series} at ${t} is ${text}, nobody wrote that`);
      }
    }
    return findings;
  }

  /**
   * Takes what was seen after a crash as settled: a write in flight that came through must stay, one
   * that did not must never turn up.
   */
  settle(database: string, seen: ReadBack, visibleFrom: number = Number.NEGATIVE_INFINITY): void {
    const event = ++this.#event;
    for (const [series, rows] of this.#databases.get(database) ?? []) {
      for (const [t, history] of rows) {
        const text = seen.series.get(series)?.get(t) ?? ABSENT;
        if (text !== ABSENT) {
          if (history.length > 1 || history[0]!.acknowledged > event) {
            rows.set(t, [{ text, began: event, acknowledged: event }]);
          }
        } else if (t >= visibleFrom) rows.delete(t);
      }
    }
  }

  /** Rows before `t` may go from now on. */
  expire(t: number): void {
    const began = ++this.#event;
    for (const series of this.#databases.values()) {
      for (const rows of series.values()) {
        for (const [time, history] of rows) {
          if (time >= t) continue;
          history.push({ text: ABSENT, began, acknowledged: Number.POSITIVE_INFINITY });
        }
      }
    }
  }
}

function judge(
  findings: Findings,
  row: string,
  text: string,
  history: readonly Change[],
  { from, to }: Window,
): void {
  // Nothing before the last change that had been acknowledged when the window began may show.
  const first = history.findLastIndex((change) => change.acknowledged <= from);
  const isAllowed =
    (first < 0 && text === ABSENT) ||
    history.some((change, i) => i >= first && change.began <= to && change.text === text);
  if (isAllowed) return;
  const wanted = first < 0 ? 'nothing or a write in flight' : history[first]!.text;
  const sentence = `${row} is ${text || 'absent'}, want ${wanted || 'absent'}`;
  const wasWritten = history.some((change) => change.began <= to && change.text === text);
  const wasDeleted = first >= 0 && history[first]!.text === ABSENT;
  const isLoss = text === ABSENT || (wasWritten && !wasDeleted);
  (isLoss ? findings.lost : findings.invented).push(sentence);
}

function childOf<K, V>(map: Map<string, Map<K, V>>, key: string): Map<K, V> {
  let child = map.get(key);
  if (child === undefined) {
    child = new Map();
    map.set(key, child);
  }
  return child;
}
