// A query service that evaluates nothing: it notes what it was asked and answers what the test says.

import type {
  ActiveQuery,
  QueryAnswer,
  QueryRequest,
  QueryService,
  TopQuery,
} from '../../src/query/interface.ts';
import type { ListedWork, Listing, StatementRequest } from '../../src/query/statement.ts';
import type { StopSignal } from '../../src/runtime/stop-signal.ts';

export class FakeQueries implements QueryService {
  readonly requests: QueryRequest[] = [];
  readonly statements: StatementRequest[] = [];
  /** Of the requests and statements, in their order. */
  readonly signals: StopSignal[] = [];
  /** Answers whose pieces have been read to the end, or given up. */
  ended = 0;
  readonly canceled: string[] = [];
  /** Pieces of every answer. */
  pieces: Iterable<string> = ['{"status":"success","data":', 'null}'];
  /** The answer, if it is one piece. */
  whole: Uint8Array | undefined;
  isOwn = false;
  /** What a query waits for before it answers. */
  evaluation: Promise<void> = Promise.resolve();
  /** Thrown instead of an answer. */
  error: Error | undefined;
  activeQueries: readonly ActiveQuery[] = [];
  readonly listed: ListedWork[] = [];
  topQueries: readonly TopQuery[] = [];

  /** The only request so far, without its database. */
  get request(): Omit<QueryRequest, 'database'> {
    const [first, ...others] = this.requests;
    if (first === undefined || others.length > 0) throw new Error('not exactly one request');
    const { database: _, ...rest } = first;
    return rest;
  }

  async run(request: QueryRequest, signal: StopSignal): Promise<QueryAnswer> {
    this.requests.push(request);
    return this.#answer(signal);
  }

  async runStatement(request: StatementRequest, signal: StopSignal): Promise<QueryAnswer> {
    this.statements.push(request);
    return this.#answer(signal);
  }

  list(work: ListedWork): Listing {
    this.listed.push(work);
    return { id: '1', end: () => {} };
  }

  async #answer(signal: StopSignal): Promise<QueryAnswer> {
    this.signals.push(signal);
    await this.evaluation;
    if (this.error !== undefined) throw this.error;
    return { whole: this.whole, isOwn: this.isOwn, pieces: this.#bytes() };
  }

  async *#bytes(): AsyncGenerator<Uint8Array, void> {
    try {
      for (const piece of this.pieces) yield new TextEncoder().encode(piece);
    } finally {
      this.ended++;
    }
  }

  active(): readonly ActiveQuery[] {
    return this.activeQueries;
  }

  top(limit: number): readonly TopQuery[] {
    return this.topQueries.slice(0, limit);
  }

  cancel(id: string): boolean {
    this.canceled.push(id);
    return this.activeQueries.some((query) => query.id === id);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
