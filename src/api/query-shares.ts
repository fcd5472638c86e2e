// Queries of one database take turns if it has a quota for them, so that they do not fill the places that all
// databases share.

import type {
  ActiveQuery,
  QueryAnswer,
  QueryRequest,
  QueryService,
  TopQuery,
} from '../query/interface.ts';
import { quotaExceeded } from '../storage/errors.ts';
import { ConcurrencyLimit } from './concurrency.ts';

/** For each query that may run, so many may wait. */
const WAITING_PER_PLACE = 10;

interface Share {
  readonly quota: number;
  readonly limit: ConcurrencyLimit;
}

export class QueryShares implements QueryService {
  readonly #inner: QueryService;
  /** By database; those with a quota. */
  readonly #shares = new Map<string, Share>();

  constructor(inner: QueryService) {
    this.#inner = inner;
  }

  run(request: QueryRequest, signal: AbortSignal): Promise<QueryAnswer> {
    const { name, settings } = request.database;
    const quota = settings.quotas.maxConcurrentQueries;
    if (quota === undefined) {
      this.#shares.delete(name);
      return this.#inner.run(request, signal);
    }
    return this.#runInTurn(this.#shareOf(name, quota), request, signal);
  }

  async #runInTurn(
    { quota, limit }: Share,
    request: QueryRequest,
    signal: AbortSignal,
  ): Promise<QueryAnswer> {
    if (limit.waiting >= quota * WAITING_PER_PLACE) {
      const { name } = request.database;
      throw quotaExceeded(name, 'maxConcurrentQueries', quota, `${limit.waiting} more are waiting`);
    }
    const release = await limit.acquire(signal);
    try {
      const { whole, pieces } = await this.#inner.run(request, signal);
      if (whole !== undefined) release();
      return { whole, pieces: whole === undefined ? releasing(pieces, release) : pieces };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** A new one after the quota has been changed; who waits at the old one is let in by it. */
  #shareOf(name: string, quota: number): Share {
    const known = this.#shares.get(name);
    if (known?.quota === quota) return known;
    const share = { quota, limit: new ConcurrencyLimit(quota) };
    this.#shares.set(name, share);
    return share;
  }

  active(): readonly ActiveQuery[] {
    return this.#inner.active();
  }

  top(limit: number): readonly TopQuery[] {
    return this.#inner.top(limit);
  }

  cancel(id: string): boolean {
    return this.#inner.cancel(id);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

/** The pieces; calls back once, at their end or when they are given up. */
function releasing(
  pieces: AsyncGenerator<Uint8Array, void>,
  release: () => void,
): AsyncGenerator<Uint8Array, void> {
  let isOver = false;
  const over = (): void => {
    if (!isOver) release();
    isOver = true;
  };
  // Not a generator function: one that is ended before it is asked for anything would not run at all.
  return {
    next: async () => {
      try {
        const result = await pieces.next();
        if (result.done === true) over();
        return result;
      } catch (error) {
        over();
        throw error;
      }
    },
    return: async () => {
      over();
      return pieces.return();
    },
    throw: async (error: unknown) => {
      over();
      return pieces.throw(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  } as AsyncGenerator<Uint8Array, void>;
}
