// The side of a query thread: takes jobs from its port, one evaluation at a time, and sends pieces of the
// answers back while there is credit. Evaluation is synchronous for long stretches; messages are read between.

import type { MessagePort } from 'node:worker_threads';
import { Engine } from '../promql/eval/engine.ts';
import { collectGarbage } from '../runtime/garbage.ts';
import { threadNumber } from '../runtime/thread-clock.ts';
import type { Querier } from '../storage/interface.ts';
import { type AnswerHost, answerQuery } from './answer-query.ts';
import { answerStatement } from './answer-statement.ts';
import { ResultCache } from './cache/result-cache.ts';
import { evaluatePart, transferables } from './evaluate-parts.ts';
import { Interrupt, StopWord, stopError } from './interrupt.ts';
import type { QueryJob } from './job.ts';
import { ValueReceiver } from './known-values.ts';
import { MemoryAccount, MemoryLedger } from './memory-ledger.ts';
import { Credits } from './piece-channel.ts';
import { PieceSender } from './piece-sender.ts';
import { PieceSlabs } from './piece-slabs.ts';
import type { StatementEvaluators, StatementJob } from './statement.ts';
import { ThreadHelpers } from './thread-helpers.ts';
import {
  type FromThread,
  type PartJob,
  sendError,
  type ThreadSetup,
  type ToThread,
} from './thread-messages.ts';
import { Turn } from './turn.ts';

/** Makes a querier of a view's descriptor; it calls `checkpoint`, which may throw, in work that may be long. */
export type OpenView = (descriptor: unknown, checkpoint: () => void) => Querier;

/** Serves queries for as long as the port is open. `evaluators`: of the languages besides PromQL. */
export function runQueryThread(
  port: MessagePort,
  setup: ThreadSetup,
  openView: OpenView,
  evaluators: StatementEvaluators,
): void {
  const thread = new ThreadBody(port, setup, openView, evaluators);
  port.on('message', (message: ToThread) => thread.receive(message));
}

interface Answering {
  readonly credits: Credits;
  /** Of a query of PromQL. */
  readonly helpers?: ThreadHelpers;
}

/** Held by a query: past this its garbage is worth the milliseconds that it takes to collect. */
const GARBAGE_BYTES = 32 * 2 ** 20;

const now = (): number => performance.now();

class ThreadBody {
  readonly #port: MessagePort;
  readonly #setup: ThreadSetup;
  readonly #openView: OpenView;
  readonly #evaluators: StatementEvaluators;
  readonly #turn = new Turn();
  readonly #word: StopWord;
  readonly #ledger: MemoryLedger;
  readonly #cache: ResultCache | undefined;
  readonly #values = new ValueReceiver();
  readonly #slabs = new PieceSlabs();
  readonly #answering = new Map<number, Answering>();

  constructor(
    port: MessagePort,
    setup: ThreadSetup,
    openView: OpenView,
    evaluators: StatementEvaluators,
  ) {
    this.#port = port;
    this.#setup = setup;
    this.#openView = openView;
    this.#evaluators = evaluators;
    this.#word = new StopWord(setup.stopWord);
    this.#word.thread = threadNumber();
    this.#ledger = new MemoryLedger(setup.ledger);
    this.#cache = setup.cacheBytes > 0 ? new ResultCache(setup.cacheBytes) : undefined;
  }

  receive(message: ToThread): void {
    const { ticket } = message;
    const answering = this.#answering.get(ticket);
    switch (message.kind) {
      case 'run':
        void this.#run(ticket, message.job, this.#values.unpack(message.view));
        return;
      case 'runStatement':
        void this.#runStatement(ticket, message.job, this.#values.unpack(message.view));
        return;
      case 'runPart':
        void this.#runPart(ticket, message.job, this.#values.unpack(message.view));
        return;
      case 'helpers':
        answering?.helpers?.recruited(message.count);
        return;
      case 'part':
        answering?.helpers?.part(message.index, message.parts);
        return;
      case 'taken':
        this.#slabs.giveBack(message.slab);
        answering?.credits.add();
        return;
      case 'stop':
        answering?.credits.stop();
        answering?.helpers?.stop(stopError(this.#word.reasonFor(ticket) ?? 'canceled'));
        return;
    }
  }

  async #run(ticket: number, job: QueryJob, view: unknown): Promise<void> {
    const credits = new Credits();
    const helpers = new ThreadHelpers((request) =>
      this.#post({ kind: 'recruit', ticket, request }),
    );
    this.#answering.set(ticket, { credits, helpers });
    const turn = this.#turn.place();
    const sender = this.#pieceSender(ticket);
    const interrupt = this.#interrupt(ticket, job.timeLeftMs);
    let querier: Querier | undefined;
    const host: AnswerHost = {
      interrupt,
      memory: this.#account(),
      credits,
      cache: this.#cache,
      helpers,
      now,
      evaluated: (figures) => {
        sender.figures = figures;
        sender.findings = querier?.findings?.();
        turn.give();
      },
      newBytes: () => sender.newBytes(),
      piece: (piece, isLast) => sender.send(piece, isLast),
    };
    let error: unknown;
    try {
      // A statement may have gone on since the service saw it wait for its reader.
      const waiting = turn.take();
      if (waiting !== undefined) await waiting;
      querier = this.#openView(view, () => interrupt.check());
      await answerQuery(job, querier, host);
    } catch (thrown) {
      error = thrown;
    }
    turn.give();
    this.#over(ticket, sender, error);
    dropGarbageOf(host.memory);
  }

  async #runStatement(ticket: number, job: StatementJob, views: unknown): Promise<void> {
    const credits = new Credits();
    this.#answering.set(ticket, { credits });
    const sender = this.#pieceSender(ticket);
    const memory = this.#account();
    const interrupt = this.#interrupt(ticket, job.timeLeftMs);
    const checkpoint = (): void => interrupt.check();
    const openQueriers = (): Querier[] => {
      const queriers: Querier[] = [];
      try {
        for (const view of views as readonly unknown[]) {
          queriers.push(this.#openView(view, checkpoint));
        }
        return queriers;
      } catch (error) {
        for (const querier of queriers) querier.close();
        throw error;
      }
    };
    let error: unknown;
    try {
      await answerStatement(job, openQueriers, {
        evaluators: this.#evaluators,
        interrupt,
        memory,
        credits,
        place: this.#turn.place(),
        now,
        evaluated: (figures) => {
          sender.figures = figures;
        },
        newBytes: () => sender.newBytes(),
        piece: (piece, isLast) => sender.send(piece, isLast),
      });
    } catch (thrown) {
      error = thrown;
    }
    this.#over(ticket, sender, error);
    dropGarbageOf(memory);
  }

  #pieceSender(ticket: number): PieceSender {
    return new PieceSender(this.#slabs, ticket, (message) => this.#post(message));
  }

  /** Nothing more comes of it, unless the last piece said so already. */
  #over(ticket: number, sender: PieceSender, error: unknown): void {
    this.#answering.delete(ticket);
    sender.close();
    if (!sender.isComplete) this.#ended(ticket, error);
  }

  async #runPart(ticket: number, job: PartJob, view: unknown): Promise<void> {
    const interrupt = this.#interrupt(ticket, job.timeLeftMs);
    const memory = this.#account();
    const turn = this.#turn.place();
    const control = {
      checkpoint: () => interrupt.check(),
      reserve: (bytes: number) => memory.hold(bytes),
    };
    try {
      const waiting = turn.take();
      if (waiting !== undefined) await waiting;
      const engine = new Engine(job.engine);
      const plan = engine.plan(job.request);
      const parts = await withQuerier(this.#openView(view, control.checkpoint), (querier) =>
        evaluatePart(engine, plan, job.partition, querier, control),
      );
      this.#post({ kind: 'partDone', ticket, parts }, transferables(parts));
    } catch (error) {
      this.#ended(ticket, error);
    } finally {
      turn.give();
      memory.close();
      dropGarbageOf(memory);
    }
  }

  #interrupt(ticket: number, timeLeftMs: number): Interrupt {
    return new Interrupt(this.#word, ticket, now() + timeLeftMs, now);
  }

  #account(): MemoryAccount {
    return new MemoryAccount(this.#ledger, this.#setup.slot, this.#setup.memoryLimits);
  }

  #ended(ticket: number, error: unknown): void {
    const sent = error === undefined ? undefined : sendError(error);
    this.#post({ kind: 'ended', ticket, error: sent });
  }

  #post(message: FromThread, moved: readonly ArrayBuffer[] = []): void {
    this.#port.postMessage(message, moved);
  }
}

/** So that the next query does not find the columns of this one still there. */
function dropGarbageOf({ peakBytes }: MemoryAccount): void {
  if (peakBytes >= GARBAGE_BYTES) collectGarbage();
}

async function withQuerier<T>(querier: Querier, use: (querier: Querier) => Promise<T>): Promise<T> {
  try {
    return await use(querier);
  } finally {
    querier.close();
  }
}
