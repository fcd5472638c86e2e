// Work of faces that is listed among the active queries: requests of several statements, some of which the service
// runs and some the face itself.

import type { Clock } from '../runtime/clock.ts';
import type { ActiveQuery } from './interface.ts';
import type { QueryRun } from './query-run.ts';
import type { ListedWork, Listing } from './statement.ts';

interface ListedEntry {
  readonly work: ListedWork;
  readonly receivedAt: number;
  /** Of the steady clock. */
  readonly startedMs: number;
}

export class Listings {
  readonly #clock: Clock;
  readonly #byId = new Map<string, ListedEntry>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(id: string, work: ListedWork): Listing {
    const clock = this.#clock;
    this.#byId.set(id, { work, receivedAt: clock.now(), startedMs: clock.monotonic() });
    return { id, end: () => void this.#byId.delete(id) };
  }

  /** `runs`: all that the service has; those of listed work tell whether it waits. */
  describe(runs: readonly QueryRun[]): ActiveQuery[] {
    const waiting = new Set(runs.filter(({ state }) => state === 'queued').map(({ id }) => id));
    const now = this.#clock.monotonic();
    return [...this.#byId].map(([id, { work, receivedAt, startedMs }]) => {
      const { language, database, about, query } = work;
      const state = waiting.has(id) ? 'queued' : 'running';
      const range = { startT: undefined, endT: undefined, stepMs: undefined };
      const ageMs = now - startedMs;
      return { id, language, database, about, query, ...range, receivedAt, ageMs, state };
    });
  }

  /** False if there is none of that id. */
  stop(id: string): boolean {
    const listed = this.#byId.get(id);
    listed?.work.stop();
    return listed !== undefined;
  }
}
