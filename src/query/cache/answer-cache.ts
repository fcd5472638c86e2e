// Whole answers to range queries, for those who ask the very same again while nothing that it rests on has
// changed: dashboards open in several places, or refreshed within a step. Known without asking a thread.

import type { QueryPlan } from '../../promql/eval/plan.ts';
import type { ChangeLog } from '../../storage/change-log.ts';
import type { QueryRequest } from '../interface.ts';
import { metricClassesOf } from './dependencies.ts';

/** Of the cache: the largest answer, so that it does not take the place of many. */
const MAX_ANSWER_SHARE = 1 / 4;
/** What an entry takes besides its bytes and its key. */
const ENTRY_BYTES = 300;

interface Entry {
  readonly answer: Uint8Array;
  /** Of the change log, before the data was looked at. */
  readonly seq: number;
  /** What was read: times and classes of metric names, undefined for any. */
  readonly minT: number;
  readonly maxT: number;
  readonly metricClasses: readonly number[] | undefined;
  readonly bytes: number;
}

/** Where the answer to a request may be kept, as of the moment it was asked. */
export interface AnswerPlace {
  /** Larger answers are not kept. */
  readonly maxBytes: number;
  /** Takes the bytes over, which must not change any more. */
  keep(plan: QueryPlan, answer: Uint8Array): void;
}

export class AnswerCache {
  readonly #maxBytes: number;
  /** Longest unused first. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  /** Of 0 bytes it keeps nothing. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The answer, not to be written to, or where to keep it; undefined if it is none to be kept. */
  find(request: QueryRequest): Uint8Array | AnswerPlace | undefined {
    const { database, stepMs, useCache, stats, trace, warnings } = request;
    if (stepMs === undefined || !useCache || stats !== 'none' || trace || warnings.length > 0) {
      return undefined;
    }
    const feed = this.#maxBytes === 0 ? undefined : database.changes?.();
    if (feed === undefined) return undefined;
    const { log, keptFromT } = feed;
    const key = keyOf(request, log.id);
    const entry = this.#entries.get(key);
    if (entry !== undefined) {
      this.#entries.delete(key);
      if (isTrue(entry, log, keptFromT)) {
        this.#entries.set(key, entry);
        return entry.answer;
      }
      this.#bytes -= entry.bytes;
    }
    const { seq } = log;
    return {
      maxBytes: this.#maxBytes * MAX_ANSWER_SHARE,
      keep: (plan, answer) => this.#keep(key, seq, keptFromT, plan, answer),
    };
  }

  #keep(key: string, seq: number, keptFromT: number, plan: QueryPlan, answer: Uint8Array): void {
    const { minT, maxT } = plan.range;
    if (answer.length > this.#maxBytes * MAX_ANSWER_SHARE || minT < keptFromT) return;
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
    const bytes = answer.length + key.length * 2 + ENTRY_BYTES;
    this.#entries.set(key, {
      answer,
      seq,
      minT,
      maxT,
      metricClasses: metricClassesOf(plan),
      bytes,
    });
    this.#bytes += bytes;
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#entries.delete(oldest);
      this.#bytes -= entry.bytes;
    }
  }
}

/** All that the answer depends on but the data. A log is of one database. */
function keyOf(
  { query, startT, endT, stepMs, lookbackMs, limit }: QueryRequest,
  logId: number,
): string {
  return `${logId} ${startT} ${endT} ${stepMs} ${lookbackMs} ${limit} ${query}`;
}

function isTrue(
  { seq, minT, maxT, metricClasses }: Entry,
  log: ChangeLog,
  keptFromT: number,
): boolean {
  if (minT < keptFromT) return false;
  return log.firstChange(seq, minT, maxT, metricClasses) === Number.POSITIVE_INFINITY;
}
