// One statement, from its syntax tree to the pieces of its answer.

import { type Statement, validateSelect } from '../protocol/influxql/index.ts';
import type { ExecutionContext } from './context.ts';
import { statementFailed, unsupported } from './errors.ts';
import { executeSelect } from './execute-select.ts';
import { isManaging, manage } from './manage.ts';
import { removeMeasurement, removeSeries } from './remove.ts';
import {
  EMPTY_PIECE,
  piecesOf,
  type ResultPieces,
  type ResultSeries,
  separatePieces,
  table,
} from './result.ts';
import { showCardinality } from './show/cardinality.ts';
import { showMeasurements } from './show/measurements.ts';
import {
  showContinuousQueries,
  showDatabases,
  showDiagnostics,
  showGrants,
  showQueries,
  showRetentionPolicies,
  showShardGroups,
  showShards,
  showUsers,
} from './show/server.ts';
import { showFieldKeys, showSeries, showTagKeys, showTagValues } from './show/tags.ts';

/** At least one piece. Throws AppError; what was yielded before stands. */
export async function* executeStatement(
  statement: Statement,
  context: ExecutionContext,
): ResultPieces {
  switch (statement.kind) {
    case 'select':
      yield* executeSelect(statement, context);
      return;
    case 'show series':
      yield* piecesOf(showSeries(statement, context), context.chunkSize);
      return;
    case 'show field keys':
      yield* piecesOf(showFieldKeys(statement, context), context.chunkSize);
      return;
    case 'show tag keys':
      yield* separatePieces(showTagKeys(statement, context));
      return;
    case 'show tag values':
      yield* separatePieces(showTagValues(statement, context));
      return;
    default:
  }
  if (isManaging(statement)) {
    await manage(statement, context);
    yield EMPTY_PIECE;
  } else {
    yield { series: await show(statement, context), isPartial: false };
  }
}

async function show(
  statement: Statement,
  context: ExecutionContext,
): Promise<readonly ResultSeries[]> {
  switch (statement.kind) {
    case 'show databases':
      return showDatabases(context);
    case 'show measurements':
      return showMeasurements(statement, context);
    case 'show retention policies':
      return showRetentionPolicies(statement, context);
    case 'show series cardinality':
    case 'show measurement cardinality':
    case 'show tag key cardinality':
    case 'show tag values cardinality':
    case 'show field key cardinality':
      return showCardinality(statement, context);
    case 'show users':
      return showUsers(context);
    case 'show grants':
      return showGrants(statement, context);
    case 'show queries':
      return showQueries(context);
    case 'show continuous queries':
      return showContinuousQueries(context);
    case 'show shards':
      return showShards(context);
    case 'show shard groups':
      return showShardGroups();
    case 'show diagnostics':
      return showDiagnostics(statement, context);
    case 'show stats':
    case 'show subscriptions':
      return [];
    case 'delete':
    case 'drop series':
      await removeSeries(statement, context);
      return [];
    case 'drop measurement':
      await removeMeasurement(statement, context);
      return [];
    case 'kill query':
      if (!context.running.kill(statement.id)) {
        throw statementFailed(`no such query id: ${statement.id}`);
      }
      return [];
    case 'explain':
      return explain(statement, context);
    case 'create continuous query':
    case 'drop continuous query':
      throw unsupported('CONTINUOUS QUERY');
    case 'create subscription':
    case 'drop subscription':
      throw unsupported('SUBSCRIPTION');
    default:
      throw unsupported(statement.kind.toUpperCase());
  }
}

function explain(
  { isAnalyze, select }: Extract<Statement, { kind: 'explain' }>,
  { nowNs }: ExecutionContext,
): ResultSeries[] {
  const { calls, sources } = validateSelect(select, nowNs);
  const what = calls.length === 0 ? 'raw points' : calls.map(({ name }) => name).join(', ');
  const lines = [`${what} of ${sources.length} sources`, 'cost: not estimated'];
  const column = isAnalyze ? 'EXPLAIN ANALYZE' : 'QUERY PLAN';
  return [
    table(
      '',
      [column],
      ['string'],
      lines.map((line) => [line]),
    ),
  ];
}
