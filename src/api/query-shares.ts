// Queries of one database take turns if it has a quota for them, so that they do not fill the places that all
// databases share.

import type {
  ActiveQuery,
  QueryAnswer,
  QueryRequest,
  QueryService,
  TopQuery,
} from '../query/interface.ts';
import type { ListedWork, Listing, StatementRequest } from '../query/statement.ts';
import type { StopSignal } from '../runtime/stop-signal.ts';
import { quotaExceeded } from '../storage/errors.ts';
import type { Database } from '../storage/interface.ts';
import { ConcurrencyLimit } from './concurrency.ts';

/** For each query that may run, so many may wait. */
const WAITING_PER_PLACE = 10;

interface Share {
  readonly name: string;
  readonly quota: number;
  readonly limit: ConcurrencyLimit;
}

export class QueryShares implements QueryService {
  readonly #inner: QueryService;
  readonly #ownerOf: (database: Database) => Database;
  readonly #onRefusal: (database: string) => void;
  /** By database; those with a quota. */
  readonly #shares = new Map<string, Share>();

  /**
   * `ownerOf` gives the database that another is a part of, or itself: retention policies have databases of their own,
   * and no places of their own. `onRefusal` is told of each query that a database's quota refuses.
   */
  constructor(
    inner: QueryService,
    ownerOf: (database: Database) => Database,
    onRefusal: (database: string) => void,
  ) {
    this.#inner = inner;
    this.#ownerOf = ownerOf;
    this.#onRefusal = onRefusal;
  }

  run(request: QueryRequest, signal: StopSignal): Promise<QueryAnswer> {
    const share = this.#shareOf(this.#ownerOf(request.database));
    if (share === undefined) return this.#inner.run(request, signal);
    return this.#runInTurn([share], signal, () => this.#inner.run(request, signal));
  }

  /** Takes a share of every database that it is about. */
  runStatement(request: StatementRequest, signal: StopSignal): Promise<QueryAnswer> {
    const asked = [request.database, ...request.reads.map(({ database }) => database)];
    const shares = new Set(asked.flatMap((one) => this.#shareOf(this.#ownerOf(one)) ?? []));
    if (shares.size === 0) return this.#inner.runStatement(request, signal);
    return this.#runInTurn([...shares], signal, () => this.#inner.runStatement(request, signal));
  }

  list(work: ListedWork): Listing {
    return this.#inner.list(work);
  }

  /** A new one after the quota has been changed; who waits at the old one is let in by it. */
  #shareOf({ name, settings }: Database): Share | undefined {
    const quota = settings.quotas.maxConcurrentQueries;
    const known = this.#shares.get(name);
    if (known !== undefined && known.quota === quota) return known;
    if (quota === undefined) {
      this.#shares.delete(name);
      return undefined;
    }
    const share = { name, quota, limit: new ConcurrencyLimit(quota) };
    this.#shares.set(name, share);
    return share;
  }

  async #runInTurn(
    shares: readonly Share[],
    signal: StopSignal,
    run: () => Promise<QueryAnswer>,
  ): Promise<QueryAnswer> {
    const release = await this.#acquireAll(shares, signal);
    try {
      const answer = await run();
      if (answer.whole === undefined) {
        return { ...answer, pieces: releasing(answer.pieces, release) };
      }
      release();
      return answer;
    } catch (error) {
      release();
      throw error;
    }
  }

  /** One after another, always in the same order, so that no two wait for each other. */
  async #acquireAll(shares: readonly Share[], signal: StopSignal): Promise<() => void> {
    const releases: (() => void)[] = [];
    const releaseAll = (): void => {
      for (const release of releases) release();
    };
    try {
      for (const { name, quota, limit } of shares.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
        if (limit.waiting >= quota * WAITING_PER_PLACE) {
          this.#onRefusal(name);
          const why = `${limit.waiting} more are waiting`;
          throw quotaExceeded(name, 'maxConcurrentQueries', quota, why);
        }
        releases.push(await limit.acquire(signal));
      }
      return releaseAll;
    } catch (error) {
      releaseAll();
      throw error;
    }
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
