// One statement from its body to the bytes of its answer, on whatever thread. Unlike a query of PromQL it answers
// while it evaluates, so that its answer may be larger than memory.

import type { Querier } from '../storage/interface.ts';
import { languageUnknown } from './errors.ts';
import type { Interrupt } from './interrupt.ts';
import type { QueryFigures } from './job.ts';
import type { MemoryAccount } from './memory-ledger.ts';
import type { Credits } from './piece-channel.ts';
import type { StatementEvaluators, StatementHost, StatementJob } from './statement.ts';
import type { TurnPlace } from './turn.ts';

/** Others on the thread, its messages included, wait for no longer than this. */
const SLICE_MS = 8;

/** What the work needs of the thread it is on. */
export interface StatementAnswerHost {
  readonly evaluators: StatementEvaluators;
  readonly interrupt: Interrupt;
  readonly memory: MemoryAccount;
  readonly credits: Credits;
  /** Of this statement among all that the thread works on. */
  readonly place: TurnPlace;
  /** Steady, ms. */
  readonly now: () => number;
  /** Nothing is read any more, and only the last piece is to come. */
  evaluated(figures: QueryFigures): void;
  newBytes(): Uint8Array;
  /** Takes the piece over, with the memory whose beginning it is. */
  piece(piece: Uint8Array, isLast: boolean): void;
}

/** Works until the last piece is out. Opens the queriers, and closes them. Throws AppError. */
export async function answerStatement(
  job: StatementJob,
  openQueriers: () => readonly Querier[],
  host: StatementAnswerHost,
): Promise<void> {
  const answering = new AnsweringStatement(host);
  try {
    await answering.run(job, openQueriers);
  } finally {
    answering.end();
  }
}

class AnsweringStatement implements StatementHost {
  readonly #host: StatementAnswerHost;
  readonly #started: number;
  #queriers: readonly Querier[] = [];
  #sliceEnd = 0;
  /** ms spent waiting for the reader or for the turn. */
  #waitedMs = 0;
  #isAnswered = false;

  constructor(host: StatementAnswerHost) {
    this.#host = host;
    this.#started = host.now();
  }

  async run(job: StatementJob, openQueriers: () => readonly Querier[]): Promise<void> {
    const { evaluators } = this.#host;
    const { language, body } = job;
    if (!Object.hasOwn(evaluators, language)) throw languageUnknown(language);
    await this.#takeTurn();
    this.#queriers = openQueriers();
    await evaluators[language]!(body, this.#queriers, this);
    if (!this.#isAnswered) throw new Error(`the evaluator of ${language} sent no last piece`);
  }

  end(): void {
    this.#closeQueriers();
    this.#host.place.give();
    this.#host.memory.close();
  }

  checkpoint(): void {
    const { interrupt, credits } = this.#host;
    interrupt.check();
    // The word of a thread can name one query, and another may have been stopped since.
    if (credits.isStopped) throw interrupt.stopped();
  }

  reserve(bytes: number): void {
    this.#host.memory.hold(bytes);
  }

  async breathe(): Promise<void> {
    this.checkpoint();
    if (this.#host.now() <= this.#sliceEnd) return;
    const { place } = this.#host;
    if (place.isWanted) place.give();
    await new Promise((resolve) => setImmediate(resolve));
    await this.#takeTurn();
    this.checkpoint();
  }

  newPiece(): Uint8Array {
    return this.#host.newBytes();
  }

  async send(piece: Uint8Array, isLast: boolean): Promise<void> {
    const { credits } = this.#host;
    if (isLast) this.#closeQueriers();
    if (!credits.spendNow()) await this.#waitForReader();
    if (isLast) {
      this.#isAnswered = true;
      this.#host.evaluated(this.#figures());
    }
    this.#host.piece(piece, isLast);
  }

  async #waitForReader(): Promise<void> {
    const { credits, interrupt, now, place } = this.#host;
    const from = now();
    place.give();
    const isWanted = await credits.spend();
    this.#waitedMs += now() - from;
    if (!isWanted) throw interrupt.stopped();
    await this.#takeTurn();
  }

  async #takeTurn(): Promise<void> {
    const { credits, interrupt, now, place } = this.#host;
    const turn = place.take();
    if (turn !== undefined) {
      const from = now();
      credits.onStop = () => place.give();
      await turn;
      credits.onStop = undefined;
      this.#waitedMs += now() - from;
      if (credits.isStopped) throw interrupt.stopped();
    }
    this.#sliceEnd = now() + SLICE_MS;
  }

  #figures(): QueryFigures {
    const { memory, now } = this.#host;
    let samplesRead = 0;
    let seriesReturned = 0;
    for (const { stats } of this.#queriers) {
      samplesRead += stats?.samples ?? 0;
      seriesReturned += stats?.series ?? 0;
    }
    return {
      evaluationMs: now() - this.#started - this.#waitedMs,
      samplesRead,
      peakSamples: 0,
      peakBytes: memory.peakBytes,
      seriesReturned,
      cachedSteps: undefined,
    };
  }

  /** Idempotent, as closing a querier is. */
  #closeQueriers(): void {
    for (const querier of this.#queriers) querier.close();
  }
}
