// A statement that reads, from its job to the pieces of its answer.

import type { CheckedSelect } from '../../protocol/influxql/index.ts';
import { executeSelect } from '../execute-select.ts';
import { piecesOf, type ResultPieces, separatePieces } from '../result.ts';
import { showCardinality } from '../show/cardinality.ts';
import { showMeasurements } from '../show/measurements.ts';
import { showFieldKeys, showSeries, showTagKeys, showTagValues } from '../show/tags.ts';
import { IndexView } from '../view/index-view.ts';
import type { ReadContext } from './context.ts';
import { explain } from './explain.ts';
import type { ReadJob } from './read-job.ts';

/** At least one piece. Throws AppError; what was yielded before stands. */
export async function* executeRead(job: ReadJob, context: ReadContext): ResultPieces {
  const { statement, checked } = job;
  switch (statement.kind) {
    case 'select':
      yield* executeSelect(checked as CheckedSelect, context);
      return;
    case 'explain': {
      const series = await explain(statement, checked as CheckedSelect, context);
      yield { series: [series], isPartial: false };
      return;
    }
    default:
  }
  const index = await IndexView.read(context);
  switch (statement.kind) {
    case 'show series':
      yield* piecesOf(showSeries(statement, index, context), context.chunkSize);
      return;
    case 'show field keys':
      yield* piecesOf(showFieldKeys(statement, index), context.chunkSize);
      return;
    case 'show tag keys':
      yield* separatePieces(showTagKeys(statement, index, context));
      return;
    case 'show tag values':
      yield* separatePieces(showTagValues(statement, index, context));
      return;
    case 'show measurements':
      yield { series: await showMeasurements(statement, index), isPartial: false };
      return;
    default:
      yield { series: await showCardinality(statement, index, context), isPartial: false };
  }
}
