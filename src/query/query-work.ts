// What a run has to get done, whatever the language.

import type { Execution, Executor } from './executor.ts';
import type { About, ActiveQuery } from './interface.ts';
import type { ExecutionEvents } from './job.ts';

export interface QueryWork {
  /** Name of the database under which it is on record. */
  readonly database: string;
  readonly about: About;
  readonly text: string;
  /** Capped by the setting; undefined: that one. */
  readonly timeoutMs: number | undefined;
  /** May threads read what it reads? */
  readonly isForThreads: boolean;
  /** So small that it had better not be given to another thread. */
  readonly isSmall: boolean;
  /** Id of the listed work that it is a part of; undefined: it is listed itself. */
  readonly listedAs: string | undefined;
  describe(): Omit<ActiveQuery, 'id' | 'receivedAt' | 'ageMs' | 'state'>;
  /** Gives it to an executor that has room. Throws if it cannot be started. */
  start(executor: Executor, timing: WorkTiming, events: ExecutionEvents): Execution;
}

/** ms, of a run until it is started. */
export interface WorkTiming {
  /** Until the timeout. */
  readonly timeLeftMs: number;
  readonly queuedMs: number;
  readonly preparationMs: number;
}
