// The side of a query thread: takes jobs from its port, one evaluation at a time, and sends pieces of the
// answers back while there is credit. Evaluation is synchronous for long stretches; messages are read between.

import type { MessagePort } from 'node:worker_threads';
import type { Querier } from '../storage/interface.ts';
import { type AnswerHost, answerQuery } from './answer-query.ts';
import { ResultCache } from './cache/result-cache.ts';
import { Interrupt, StopWord } from './interrupt.ts';
import type { QueryFigures, QueryJob } from './job.ts';
import { MemoryAccount, MemoryLedger } from './memory-ledger.ts';
import { Credits } from './piece-channel.ts';
import { type FromThread, sendError, type ThreadSetup, type ToThread } from './thread-messages.ts';

/** Serves queries for as long as the port is open. `openView` makes a querier of a view's descriptor. */
export function runQueryThread(
  port: MessagePort,
  setup: ThreadSetup,
  openView: (descriptor: unknown) => Querier,
): void {
  const word = new StopWord(setup.stopWord);
  const ledger = new MemoryLedger(setup.ledger);
  const cache = setup.cacheBytes > 0 ? new ResultCache(setup.cacheBytes) : undefined;
  const now = (): number => performance.now();
  const credits = new Map<number, Credits>();

  const run = async (ticket: number, job: QueryJob, view: unknown): Promise<void> => {
    const own = new Credits();
    credits.set(ticket, own);
    let figures: QueryFigures | undefined;
    let isComplete = false;
    const host: AnswerHost = {
      interrupt: new Interrupt(word, ticket, now() + job.timeLeftMs, now),
      memory: new MemoryAccount(ledger, setup.slot, setup.memoryLimits),
      credits: own,
      cache,
      now,
      evaluated: (found) => {
        figures = found;
      },
      piece: (piece, isLast) => {
        const message: FromThread = { kind: 'piece', ticket, piece, isLast, figures };
        figures = undefined;
        isComplete = isLast;
        port.postMessage(message, [piece.buffer]);
      },
    };
    let error: unknown;
    try {
      await answerQuery(job, openView(view), host);
    } catch (thrown) {
      error = thrown;
    }
    credits.delete(ticket);
    if (isComplete) return;
    const sent = error === undefined ? undefined : sendError(error);
    port.postMessage({ kind: 'ended', ticket, error: sent } satisfies FromThread);
  };

  port.on('message', (message: ToThread) => {
    switch (message.kind) {
      case 'run':
        void run(message.ticket, message.job, message.view);
        break;
      case 'taken':
        credits.get(message.ticket)?.add();
        break;
      case 'stop':
        credits.get(message.ticket)?.stop();
        break;
    }
  });
}
