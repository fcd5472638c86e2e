// Where queries are worked on: threads, or the thread of the service itself.

import type { TimeRange } from '../model/time-range.ts';
import type { Database } from '../storage/interface.ts';
import type { StopReason } from './interrupt.ts';
import type { ExecutionEvents, QueryJob } from './job.ts';
import type { DatabaseRange, StatementJob } from './statement.ts';

export interface Executor {
  /** How many queries it can evaluate at the same time. */
  readonly size: number;
  /** May a query be started now? */
  readonly hasRoom: boolean;
  /** Called whenever {@link hasRoom} may have become true. */
  onRoom: () => void;
  /**
   * Starts a query that reads `range` of the database. Must not be called without room. The events come
   * later, never from within this call; `done` comes always, `failed` before it.
   */
  start(job: QueryJob, database: Database, range: TimeRange, events: ExecutionEvents): Execution;
  /**
   * The same for a statement of another language. `affinity` is equal for statements that had better be on the same
   * thread. Its `evaluated` comes with the last piece.
   */
  startStatement(
    job: StatementJob,
    reads: readonly DatabaseRange[],
    affinity: number,
    events: ExecutionEvents,
  ): Execution;
  /** Ends whatever works; resolves when nothing does any more. */
  close(): Promise<void>;
}

/** One query at work. */
export interface Execution {
  /** A piece has been taken: one more may be made. */
  taken(): void;
  /** Stops it as soon as it can be; `done` tells when. Idempotent. */
  stop(reason: StopReason): void;
}
