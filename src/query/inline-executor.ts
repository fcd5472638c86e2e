// Queries on the thread of the service itself: for backends whose data other threads cannot read. Evaluation
// holds everything else up; one at a time, because evaluation uses scratch memory of its thread.

import type { TimeRange } from '../model/time-range.ts';
import type { Database } from '../storage/interface.ts';
import { PIECE_BYTES } from './answer/byte-pieces.ts';
import { SmallPieces } from './answer/small-pieces.ts';
import { type AnswerHost, answerQuery } from './answer-query.ts';
import { answerStatement } from './answer-statement.ts';
import type { Execution, Executor } from './executor.ts';
import { Interrupt, type StopReason, StopWord } from './interrupt.ts';
import type { ExecutionEvents, QueryJob } from './job.ts';
import { MemoryAccount, type MemoryLedger, type MemoryLimits } from './memory-ledger.ts';
import { Credits } from './piece-channel.ts';
import type { DatabaseRange, StatementEvaluators, StatementJob } from './statement.ts';
import { Turn } from './turn.ts';

export class InlineExecutor implements Executor {
  readonly size = 1;
  onRoom: () => void = () => {};
  readonly #ledger: MemoryLedger;
  readonly #slot: number;
  readonly #memoryLimits: MemoryLimits;
  readonly #evaluators: StatementEvaluators;
  readonly #turn = new Turn();
  readonly #word = new StopWord();
  readonly #working = new Set<Promise<void>>();
  readonly #smallPieces = new SmallPieces();
  #lastTicket = 0;

  /** `evaluators`: of the languages besides PromQL. */
  constructor(
    ledger: MemoryLedger,
    slot: number,
    memoryLimits: MemoryLimits,
    evaluators: StatementEvaluators = {},
  ) {
    this.#ledger = ledger;
    this.#slot = slot;
    this.#memoryLimits = memoryLimits;
    this.#evaluators = evaluators;
    this.#turn.onFree = () => this.onRoom();
  }

  get hasRoom(): boolean {
    return !this.#turn.isTaken;
  }

  start(job: QueryJob, database: Database, range: TimeRange, events: ExecutionEvents): Execution {
    const ticket = ++this.#lastTicket;
    const now = (): number => performance.now();
    const interrupt = new Interrupt(this.#word, ticket, now() + job.timeLeftMs, now);
    const credits = new Credits();
    const memory = new AnswerMemory(this.#smallPieces);
    const turn = this.#turn.place();
    // Free, as there is room.
    void turn.take();
    let isEvaluated = false;
    const evaluationEnded = (): void => {
      isEvaluated = true;
      turn.give();
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
      newBytes: () => memory.next(),
      piece: (piece, isLast) => events.piece(piece, isLast),
    };
    this.#work(events, async () => {
      try {
        await answerQuery(job, database.querier(range), host);
      } finally {
        evaluationEnded();
      }
    });
    return {
      taken: () => {
        memory.taken();
        credits.add();
      },
      stop: (reason: StopReason) => {
        if (!isEvaluated) this.#word.set(ticket, reason);
        credits.stop();
      },
    };
  }

  startStatement(
    job: StatementJob,
    reads: readonly DatabaseRange[],
    _affinity: number,
    events: ExecutionEvents,
  ): Execution {
    const ticket = ++this.#lastTicket;
    const now = (): number => performance.now();
    const interrupt = new Interrupt(this.#word, ticket, now() + job.timeLeftMs, now);
    const credits = new Credits();
    const memory = new AnswerMemory(this.#smallPieces);
    const place = this.#turn.place();
    // Free, as there is room.
    void place.take();
    this.#work(events, () =>
      answerStatement(job, () => reads.map(({ database, range }) => database.querier(range)), {
        evaluators: this.#evaluators,
        interrupt,
        memory: new MemoryAccount(this.#ledger, this.#slot, this.#memoryLimits),
        credits,
        place,
        now,
        evaluated: (figures) => events.evaluated(figures),
        newBytes: () => memory.next(),
        piece: (piece, isLast) => events.piece(piece, isLast),
      }),
    );
    return {
      taken: () => {
        memory.taken();
        credits.add();
      },
      stop: (reason: StopReason) => {
        this.#word.set(ticket, reason);
        credits.stop();
      },
    };
  }

  #work(events: ExecutionEvents, run: () => Promise<void>): void {
    const work = (async (): Promise<void> => {
      // Callers have the execution in hand before anything happens to it.
      await Promise.resolve();
      try {
        await run();
      } catch (error) {
        events.failed(error);
      } finally {
        events.done();
      }
    })();
    this.#working.add(work);
    void work.then(() => this.#working.delete(work));
  }

  async close(): Promise<void> {
    await Promise.all(this.#working);
  }
}

/** Memory for the pieces of one answer: most have one, and that is small. */
class AnswerMemory {
  readonly #smallPieces: SmallPieces;
  #first: Uint8Array | undefined;
  #isBegun = false;

  constructor(smallPieces: SmallPieces) {
    this.#smallPieces = smallPieces;
  }

  /** For the next piece. */
  next(): Uint8Array {
    if (this.#isBegun) return new Uint8Array(PIECE_BYTES);
    this.#isBegun = true;
    this.#first = this.#smallPieces.take();
    return this.#first;
  }

  /** One piece more, in their order, has been read. */
  taken(): void {
    if (this.#first !== undefined) this.#smallPieces.giveBack(this.#first);
    this.#first = undefined;
  }
}
