// What every route works with. Built once by the role that serves.

import { type AccessStore, Authenticator } from '../access/index.ts';
import type { Settings } from '../config/settings.ts';
import { databaseOfScope } from '../influxql/index.ts';
import type { QueryService } from '../query/interface.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Lifecycle, Phase } from '../runtime/lifecycle.ts';
import type { Logger } from '../runtime/log.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { Database, Storage } from '../storage/interface.ts';
import { type ReportAuthFailure, reportFailures } from './auth-failures.ts';
import { BodyReader } from './body.ts';
import { ConcurrencyLimit } from './concurrency.ts';
import { addDatabaseMetrics } from './database-metrics.ts';
import { HttpMetrics } from './http-metrics.ts';
import { InfluxState } from './influx/state.ts';
import { OtlpReceiver } from './ingest/otlp-receiver.ts';
import { SeriesTables } from './ingest/series-tables.ts';
import { Notifications } from './notifications.ts';
import { QueryShares } from './query-shares.ts';
import { RejectionLedger } from './rejections.ts';
import { Usage } from './usage.ts';

/** What the role provides. */
export interface ApiDependencies {
  readonly settings: Settings;
  /** Hands out the store once its log has been replayed. */
  readonly lifecycle: Lifecycle<Storage>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** Of this program, as in package.json. */
  readonly version: string;
  readonly queries: QueryService;
  /** Evaluates exports; that of the queries if left out. */
  readonly exports?: QueryService;
  /** Who may do what. */
  readonly access: AccessStore;
  /** Stops the program in good order; answers already begun are finished. */
  readonly requestStop?: () => void;
  /** Where settings and certificates can be read again. */
  readonly reload?: ConfigReload;
}

/** What came of reading settings and certificates again. */
export interface ConfigReload {
  /** Throws for settings that cannot be used; then those so far stay. */
  run(): void;
  readonly hasSucceeded: boolean;
  /** When they were last read, ms. */
  readonly succeededAt: number;
}

export interface ApiContext extends ApiDependencies {
  readonly exports: QueryService;
  readonly authenticator: Authenticator;
  /** Counts a refusal and tells of it. */
  readonly reportAuthFailure: ReportAuthFailure;
  readonly bodies: BodyReader;
  readonly httpMetrics: HttpMetrics;
  readonly rejections: RejectionLedger;
  readonly seriesTables: SeriesTables;
  readonly usage: Usage;
  readonly remoteReads: ConcurrencyLimit;
  readonly influx: InfluxState;
  readonly otlp: OtlpReceiver;
  readonly notifications: Notifications;
  /** ms */
  readonly startTime: number;
}

export function createContext(dependencies: ApiDependencies): ApiContext {
  const { settings, metrics, clock, lifecycle, logger, access } = dependencies;
  const httpMetrics = new HttpMetrics(metrics);
  const reportAuthFailure = reportFailures(metrics, logger, clock);
  const bodies = new BodyReader(settings['limits.body-memory']);
  const remoteReads = new ConcurrencyLimit(settings['limits.remote-read-concurrency']);
  metrics.gauge('tidemark_body_memory_bytes', 'Request bodies in flight.', () => bodies.heldBytes);
  metrics.gauge(
    'tidemark_remote_reads_running',
    'Remote reads at work.',
    () => remoteReads.running,
  );
  metrics.gauge(
    'tidemark_remote_reads_waiting',
    'Remote reads in the queue.',
    () => remoteReads.waiting,
  );
  metrics.gauge('tidemark_ready', '1 once the log has been replayed.', () =>
    lifecycle.current === undefined ? 0 : 1,
  );
  metrics.addFigures(() => lifecycle.current?.stats());
  const usage = new Usage();
  addDatabaseMetrics(metrics, lifecycle, usage);
  const ownerOf = (database: Database): Database =>
    lifecycle.current?.database(databaseOfScope(database.name)) ?? database;
  const inShares = (service: QueryService): QueryShares =>
    new QueryShares(service, ownerOf, (database) => usage.countRefusedQuery(database));
  const queries = inShares(dependencies.queries);
  return {
    ...dependencies,
    queries,
    exports: dependencies.exports === undefined ? queries : inShares(dependencies.exports),
    authenticator: new Authenticator({ store: access, clock, onFailure: reportAuthFailure }),
    reportAuthFailure,
    bodies,
    httpMetrics,
    rejections: new RejectionLedger(httpMetrics, () => clock.now()),
    seriesTables: new SeriesTables(),
    usage,
    remoteReads,
    influx: new InfluxState(settings['influx.naming']),
    otlp: new OtlpReceiver(settings, clock, metrics),
    notifications: phaseNotifications(lifecycle, () => clock.now()),
    startTime: clock.now(),
  };
}

const PHASE_TEXTS: Readonly<Record<Phase, string | undefined>> = {
  starting: 'Tidemark is starting and replaying its log.',
  ready: undefined,
  stopping: 'Tidemark is shutting down and gracefully stopping all operations.',
};

/** Notifications that tell of starting and stopping. */
function phaseNotifications(lifecycle: Lifecycle<Storage>, now: () => number): Notifications {
  const notifications = new Notifications(now);
  lifecycle.watch((phase) => {
    for (const text of Object.values(PHASE_TEXTS)) {
      if (text !== undefined && text !== PHASE_TEXTS[phase]) notifications.remove(text);
    }
    const text = PHASE_TEXTS[phase];
    if (text !== undefined) notifications.add(text);
    if (phase === 'stopping') notifications.close();
  });
  return notifications;
}
