// What every route works with. Built once by the role that serves.

import type { Settings } from '../config/settings.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Lifecycle } from '../runtime/lifecycle.ts';
import type { Logger } from '../runtime/log.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { Storage } from '../storage/interface.ts';
import { BodyReader } from './body.ts';
import { ConcurrencyLimit } from './concurrency.ts';
import { HttpMetrics } from './http-metrics.ts';
import { RejectionLedger } from './rejections.ts';

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
}

export interface ApiContext extends ApiDependencies {
  readonly bodies: BodyReader;
  readonly httpMetrics: HttpMetrics;
  readonly rejections: RejectionLedger;
  readonly remoteReads: ConcurrencyLimit;
  /** ms */
  readonly startTime: number;
}

export function createContext(dependencies: ApiDependencies): ApiContext {
  const { settings, metrics, clock, lifecycle } = dependencies;
  const httpMetrics = new HttpMetrics(metrics);
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
  return {
    ...dependencies,
    bodies,
    httpMetrics,
    rejections: new RejectionLedger(httpMetrics, () => clock.now()),
    remoteReads,
    startTime: clock.now(),
  };
}
