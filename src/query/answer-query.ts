// One query from its expression to the bytes of its answer, on whatever thread.

import type { Querier } from '../storage/interface.ts';
import { answerPieces } from './answer/answer-pieces.ts';
import { type EvaluationHost, evaluateJob } from './evaluate-job.ts';
import type { QueryFigures, QueryJob } from './job.ts';
import type { Credits } from './piece-channel.ts';

/** What the work needs of the thread it is on. */
export interface AnswerHost extends EvaluationHost {
  readonly credits: Credits;
  /** The querier has been closed. */
  evaluated(figures: QueryFigures): void;
  /** Memory for a piece. */
  newBytes(): Uint8Array;
  /** Takes the piece over, with the memory whose beginning it is. */
  piece(piece: Uint8Array, isLast: boolean): void;
}

/** Works until the last piece is out or the credits are stopped. Closes the querier. Throws AppError. */
export async function answerQuery(
  job: QueryJob,
  querier: Querier,
  host: AnswerHost,
): Promise<void> {
  try {
    const { answer, figures } = await evaluateJob(job, querier, host);
    host.evaluated(figures);
    const pieces = answerPieces(answer, () => host.newBytes());
    for (;;) {
      if (!(await host.credits.spend())) return;
      const { value, done } = pieces.next();
      host.piece(value, done === true);
      if (done === true) return;
    }
  } finally {
    host.memory.close();
  }
}
