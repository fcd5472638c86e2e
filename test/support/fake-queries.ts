// A query service that evaluates nothing: it notes what it was asked and answers what the test says.

import type {
  ActiveQuery,
  QueryAnswer,
  QueryRequest,
  QueryService,
  TopQuery,
} from '../../src/query/interface.ts';

export class FakeQueries implements QueryService {
  readonly requests: QueryRequest[] = [];
  readonly canceled: string[] = [];
  /** Pieces of every answer. */
  pieces: readonly string[] = ['{"status":"success","data":', 'null}'];
  /** Thrown instead of an answer. */
  error: Error | undefined;
  activeQueries: readonly ActiveQuery[] = [];
  topQueries: readonly TopQuery[] = [];

  /** The only request so far, without its database. */
  get request(): Omit<QueryRequest, 'database'> {
    const [first, ...others] = this.requests;
    if (first === undefined || others.length > 0) throw new Error('not exactly one request');
    const { database: _, ...rest } = first;
    return rest;
  }

  run(request: QueryRequest): Promise<QueryAnswer> {
    this.requests.push(request);
    if (this.error !== undefined) return Promise.reject(this.error);
    return Promise.resolve({ pieces: bytes(this.pieces) });
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

async function* bytes(pieces: readonly string[]): AsyncGenerator<Uint8Array, void> {
  for (const piece of pieces) yield new TextEncoder().encode(piece);
}
