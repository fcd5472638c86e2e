// Statements about the server: its databases, policies, users, queries. They change something, or list what there is
// only so much of (databases, policies, users, queries at work, figures), so that the main thread executes them;
// those that change data pause for others. What reads samples or the index is planned in `reading/`, and done by
// threads.

import type { Statement } from '../protocol/influxql/index.ts';
import type { ExecutionContext } from './context.ts';
import { statementFailed, unsupported } from './errors.ts';
import { isManaging, manage } from './manage.ts';
import type { ReadStatement } from './reading/statement.ts';
import { removeMeasurement, removeSeries } from './remove.ts';
import type { ResultSeries } from './result.ts';
import {
  showContinuousQueries,
  showDatabases,
  showDiagnostics,
  showGrants,
  showQueries,
  showRetentionPolicies,
  showShardGroups,
  showShards,
  showStats,
  showUsers,
} from './show/server.ts';

/** Throws AppError. */
export async function executeStatement(
  statement: Exclude<Statement, ReadStatement>,
  context: ExecutionContext,
): Promise<readonly ResultSeries[]> {
  if (isManaging(statement)) {
    await manage(statement, context);
    return [];
  }
  switch (statement.kind) {
    case 'show databases':
      return showDatabases(context);
    case 'show retention policies':
      return showRetentionPolicies(statement, context);
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
      return showStats(statement, context);
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
      if (!context.server.kill(statement.id)) {
        throw statementFailed(`no such query id: ${statement.id}`);
      }
      return [];
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
