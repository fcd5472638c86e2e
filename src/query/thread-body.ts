// The side of a query thread: takes jobs from its port, one evaluation at a time, and sends pieces of the
// answers back while there is credit. Evaluation is synchronous for long stretches; messages are read between.

import type { MessagePort } from 'node:worker_threads';
import { Engine } from '../promql/eval/engine.ts';
import { collectGarbage } from '../runtime/garbage.ts';
import type { Querier } from '../storage/interface.ts';
import { type AnswerHost, answerQuery } from './answer-query.ts';
import { ResultCache } from './cache/result-cache.ts';
import { evaluatePart } from './evaluate-parts.ts';
import { Interrupt, StopWord, stopError } from './interrupt.ts';
import type { QueryFigures, QueryJob } from './job.ts';
import { MemoryAccount, MemoryLedger } from './memory-ledger.ts';
import { Credits } from './piece-channel.ts';
import { PieceSlabs, type Slab } from './piece-slabs.ts';
import { MemoryReceiver } from './shared-memories.ts';
import { ThreadHelpers } from './thread-helpers.ts';
import {
  type FromThread,
  type PartJob,
  sendError,
  type ThreadSetup,
  type ToThread,
} from './thread-messages.ts';

/** Makes a querier of a view's descriptor. */
export type OpenView = (descriptor: unknown) => Querier;

/** Serves queries for as long as the port is open. */
export function runQueryThread(port: MessagePort, setup: ThreadSetup, openView: OpenView): void {
  const thread = new ThreadBody(port, setup, openView);
  port.on('message', (message: ToThread) => thread.receive(message));
}

interface Answering {
  readonly credits: Credits;
  readonly helpers: ThreadHelpers;
}

/** Held by a query: past this its garbage is worth the milliseconds that it takes to collect. */
const GARBAGE_BYTES = 32 * 2 ** 20;

const now = (): number => performance.now();

class ThreadBody {
  readonly #port: MessagePort;
  readonly #setup: ThreadSetup;
  readonly #openView: OpenView;
  readonly #word: StopWord;
  readonly #ledger: MemoryLedger;
  readonly #cache: ResultCache | undefined;
  readonly #memories = new MemoryReceiver();
  readonly #slabs = new PieceSlabs();
  readonly #answering = new Map<number, Answering>();

  constructor(port: MessagePort, setup: ThreadSetup, openView: OpenView) {
    this.#port = port;
    this.#setup = setup;
    this.#openView = openView;
    this.#word = new StopWord(setup.stopWord);
    this.#ledger = new MemoryLedger(setup.ledger);
    this.#cache = setup.cacheBytes > 0 ? new ResultCache(setup.cacheBytes) : undefined;
  }

  receive(message: ToThread): void {
    const { ticket } = message;
    const answering = this.#answering.get(ticket);
    switch (message.kind) {
      case 'run':
        void this.#run(ticket, message.job, this.#memories.unpack(message.view));
        return;
      case 'runPart':
        void this.#runPart(ticket, message.job, this.#memories.unpack(message.view));
        return;
      case 'helpers':
        answering?.helpers.recruited(message.count);
        return;
      case 'part':
        answering?.helpers.part(message.index, message.parts);
        return;
      case 'taken':
        this.#slabs.giveBack(message.slab);
        answering?.credits.add();
        return;
      case 'stop':
        answering?.credits.stop();
        answering?.helpers.stop(stopError(this.#word.reasonFor(ticket) ?? 'canceled'));
        return;
    }
  }

  async #run(ticket: number, job: QueryJob, view: unknown): Promise<void> {
    const credits = new Credits();
    const helpers = new ThreadHelpers((request) =>
      this.#post({ kind: 'recruit', ticket, request }),
    );
    this.#answering.set(ticket, { credits, helpers });
    const unsent = new Set<Slab>();
    let figures: QueryFigures | undefined;
    let isComplete = false;
    const host: AnswerHost = {
      interrupt: this.#interrupt(ticket, job.timeLeftMs),
      memory: this.#account(),
      credits,
      cache: this.#cache,
      helpers,
      now,
      evaluated: (found) => {
        figures = found;
      },
      newBytes: () => {
        const slab = this.#slabs.take();
        unsent.add(slab);
        return slab.bytes;
      },
      piece: (piece, isLast) => {
        const slab = this.#slabs.of(piece);
        unsent.delete(slab);
        const memory = slab.isKnown ? undefined : (piece.buffer as SharedArrayBuffer);
        slab.isKnown = true;
        const { length } = piece;
        this.#post({ kind: 'piece', ticket, slab: slab.id, length, memory, isLast, figures });
        figures = undefined;
        isComplete = isLast;
      },
    };
    let error: unknown;
    try {
      await answerQuery(job, this.#openView(view), host);
    } catch (thrown) {
      error = thrown;
    }
    this.#answering.delete(ticket);
    for (const { id } of unsent) this.#slabs.giveBack(id);
    if (!isComplete) this.#ended(ticket, error);
    dropGarbageOf(host.memory);
  }

  async #runPart(ticket: number, job: PartJob, view: unknown): Promise<void> {
    const interrupt = this.#interrupt(ticket, job.timeLeftMs);
    const memory = this.#account();
    const control = {
      checkpoint: () => interrupt.check(),
      reserve: (bytes: number) => memory.hold(bytes),
    };
    try {
      const engine = new Engine(job.engine);
      const plan = engine.plan(job.request);
      const parts = await withQuerier(this.#openView(view), (querier) =>
        evaluatePart(engine, plan, job.partition, querier, control),
      );
      this.#post({ kind: 'partDone', ticket, parts });
    } catch (error) {
      this.#ended(ticket, error);
    } finally {
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

  #post(message: FromThread): void {
    this.#port.postMessage(message);
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
