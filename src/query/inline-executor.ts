// Queries on the thread of the service itself: for backends whose data other threads cannot read. Evaluation
// holds everything else up; one at a time, because evaluation uses scratch memory of its thread.

import type { TimeRange } from '../model/time-range.ts';
import type { Database } from '../storage/interface.ts';
import { PIECE_BYTES } from './answer/byte-pieces.ts';
import { type AnswerHost, answerQuery } from './answer-query.ts';
import type { Execution, Executor } from './executor.ts';
import { Interrupt, type StopReason, StopWord } from './interrupt.ts';
import type { ExecutionEvents, QueryJob } from './job.ts';
import { MemoryAccount, type MemoryLedger, type MemoryLimits } from './memory-ledger.ts';
import { Credits } from './piece-channel.ts';

export class InlineExecutor implements Executor {
  onRoom: () => void = () => {};
  readonly #ledger: MemoryLedger;
  readonly #slot: number;
  readonly #memoryLimits: MemoryLimits;
  readonly #word = new StopWord();
  readonly #working = new Set<Promise<void>>();
  #lastTicket = 0;
  #isEvaluating = false;

  constructor(ledger: MemoryLedger, slot: number, memoryLimits: MemoryLimits) {
    this.#ledger = ledger;
    this.#slot = slot;
    this.#memoryLimits = memoryLimits;
  }

  get hasRoom(): boolean {
    return !this.#isEvaluating;
  }

  start(job: QueryJob, database: Database, range: TimeRange, events: ExecutionEvents): Execution {
    const ticket = ++this.#lastTicket;
    const now = (): number => performance.now();
    const interrupt = new Interrupt(this.#word, ticket, now() + job.timeLeftMs, now);
    const credits = new Credits();
    this.#isEvaluating = true;
    let isEvaluated = false;
    const evaluationEnded = (): void => {
      if (isEvaluated) return;
      isEvaluated = true;
      this.#isEvaluating = false;
      this.onRoom();
    };
    const host: AnswerHost = {
      interrupt,
      memory: new MemoryAccount(this.#ledger, this.#slot, this.#memoryLimits),
      credits,
      cache: undefined,
      helpers: undefined,
      now,
      evaluated: (figures) => {
        events.evaluated(figures);
        evaluationEnded();
      },
      newBytes: () => new Uint8Array(PIECE_BYTES),
      piece: (piece, isLast) => events.piece(piece, isLast),
    };
    const work = (async (): Promise<void> => {
      // Callers have the execution in hand before anything happens to it.
      await Promise.resolve();
      try {
        await answerQuery(job, database.querier(range), host);
      } catch (error) {
        events.failed(error);
      } finally {
        evaluationEnded();
        events.done();
      }
    })();
    this.#working.add(work);
    void work.then(() => this.#working.delete(work));
    return {
      taken: () => credits.add(),
      stop: (reason: StopReason) => {
        if (!isEvaluated) this.#word.set(ticket, reason);
        credits.stop();
      },
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#working);
  }
}
