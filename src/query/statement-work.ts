// A statement of another language than PromQL as the work of a run.

import type { Execution, Executor } from './executor.ts';
import type { ExecutionEvents } from './job.ts';
import { affinityOf } from './promql-work.ts';
import type { QueryWork, WorkTiming } from './query-work.ts';
import type { StatementRequest } from './statement.ts';

export class StatementWork implements QueryWork {
  readonly timeoutMs: undefined = undefined;
  readonly #request: StatementRequest;

  constructor(request: StatementRequest) {
    this.#request = request;
  }

  get database(): string {
    return this.#request.database.name;
  }

  get about(): string[] {
    const reads = this.#request.reads.map(({ database }) => database.name);
    return [...new Set([this.database, ...reads])];
  }

  /** If that is not known, its answer is as large as it may be: no thread but its own shall be held up by it. */
  get isSmall(): boolean {
    return this.#request.isSmall ?? false;
  }

  get text(): string {
    return this.#request.text;
  }

  get isForThreads(): boolean {
    return this.#request.reads.every(({ database }) => database.share !== undefined);
  }

  get listedAs(): string | undefined {
    return this.#request.listing?.id;
  }

  describe(): ReturnType<QueryWork['describe']> {
    const { language } = this.#request;
    return {
      language,
      database: this.database,
      about: this.about,
      query: this.text,
      startT: undefined,
      endT: undefined,
      stepMs: undefined,
    };
  }

  start(executor: Executor, { timeLeftMs }: WorkTiming, events: ExecutionEvents): Execution {
    const { language, body, reads } = this.#request;
    const job = { language, body, timeLeftMs };
    return executor.startStatement(job, reads, affinityOf(this.database, this.text), events);
  }
}
