// The service for exports of a server: as that for queries, but with threads of its own, because an export may take
// hours, and nobody who asks a question is to wait for that.

import type { Settings } from '../config/settings.ts';
import { databaseOfScope } from '../influxql/index.ts';
import { AnswerCache } from '../query/cache/answer-cache.ts';
import { InlineExecutor } from '../query/inline-executor.ts';
import { MemoryLedger } from '../query/memory-ledger.ts';
import { LocalQueryService } from '../query/service.ts';
import { ThreadPool } from '../query/thread-pool.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { EVALUATORS } from './languages.ts';
import { languageOptions, spawnQueryThread } from './queries.ts';

/**
 * An export holds some of one series, or one row group, whatever its size; one of Parquet also its footer, which takes
 * 50 MB for each thousand million samples.
 */
const MAX_BYTES = 512 * 2 ** 20;
/** Longest time that a timer can wait, 24.8 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Builds the service; its threads start with the first exports. */
export function buildExports(
  settings: Settings,
  logger: Logger,
  metrics: Metrics,
  clock: Clock,
): LocalQueryService {
  const threads = Math.max(1, settings['export.max-concurrency']);
  const memoryLimits = { maxBytes: MAX_BYTES, maxTotalBytes: MAX_BYTES * (threads + 1) };
  const ledger = new MemoryLedger(threads + 1);
  const pool: ThreadPool = new ThreadPool({
    threads,
    spawn: spawnQueryThread,
    ledger,
    memoryLimits,
    cacheBytes: 0,
    isShared: () => service.isShared,
    onDeath: (error) => logger.log('error', 'a thread of exports died', { error }),
  });
  const service: LocalQueryService = new LocalQueryService({
    limits: {
      maxConcurrency: threads,
      maxQueued: settings['query.max-queued'],
      timeoutMs: Math.min(settings['export.max-duration'] || MAX_TIMER_MS, MAX_TIMER_MS),
      maxLengthBytes: settings['query.max-length'],
    },
    language: languageOptions(settings),
    threads: pool,
    inline: new InlineExecutor(ledger, threads, memoryLimits, EVALUATORS),
    answers: new AnswerCache(0),
    ownerOf: databaseOfScope,
    clock,
  });
  metrics.addFigures(() => {
    const { started, failed, samplesRead, running, queued } = service.figures;
    return {
      counters: { exportStarted: started, exportFailed: failed, exportSamplesRead: samplesRead },
      gauges: { exportRunning: running, exportQueued: queued },
    };
  });
  return service;
}
