// What becomes of failed authentication: counted, and told in the log now and then.

import type { FailureReason } from '../access/index.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';
import type { Metrics } from '../runtime/metrics.ts';

/** A line for every attempt would let strangers fill the log. */
const LOG_INTERVAL_MS = 10_000;
/** What strangers call themselves is cut to this. */
const MAX_NAME_LENGTH = 64;

/** `name` as the client gave it, '' where it gave none. */
export type ReportAuthFailure = (reason: FailureReason, name: string, client: string) => void;

export function reportFailures(metrics: Metrics, logger: Logger, clock: Clock): ReportAuthFailure {
  const failures = metrics.counter(
    'tidemark_auth_failures_total',
    'Requests whose credentials were missing, wrong, expired, or not looked at because too many were wrong before.',
    'reason',
  );
  let lastLog = Number.NEGATIVE_INFINITY;
  let unlogged = 0;
  return (reason, name, client) => {
    failures.add(1, reason);
    const now = clock.monotonic();
    if (now - lastLog < LOG_INTERVAL_MS) {
      unlogged++;
      return;
    }
    const user = name.slice(0, MAX_NAME_LENGTH);
    logger.log('warn', 'authentication failed', { reason, user, client, sinceLastLine: unlogged });
    lastLog = now;
    unlogged = 0;
  };
}
