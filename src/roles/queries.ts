// The query service of a server: settings → threads, budgets and metrics.

import { availableParallelism, totalmem } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import type { Settings } from '../config/settings.ts';
import { databaseOfScope } from '../influxql/index.ts';
import { parserOptions } from '../promql/language/features.ts';
import { AnswerCache } from '../query/cache/answer-cache.ts';
import { InlineExecutor } from '../query/inline-executor.ts';
import { MemoryLedger } from '../query/memory-ledger.ts';
import type { LanguageOptions } from '../query/prepare.ts';
import { LocalQueryService } from '../query/service.ts';
import type { ThreadSetup } from '../query/thread-messages.ts';
import { ThreadPool } from '../query/thread-pool.ts';
import { warmUp } from '../query/warm-up.ts';
import type { Clock } from '../runtime/clock.ts';
import { doWhenIdle } from '../runtime/idle.ts';
import type { Logger } from '../runtime/log.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { startWorker } from '../runtime/workers.ts';
import { DEFAULT_DATABASE, type Storage } from '../storage/interface.ts';
import { EVALUATORS } from './languages.ts';

/** Of the cache: for whole answers. The threads have the rest for their results. */
const ANSWER_SHARE = 1 / 8;

/** Builds the service; its threads start with the first queries, or when `warmUp` is called. */
export function buildQueries(
  settings: Settings,
  logger: Logger,
  metrics: Metrics,
  clock: Clock,
): { readonly service: LocalQueryService; readonly warmUp: (storage: Storage) => void } {
  const threads = settings['query.threads'] || availableParallelism();
  const maxTotalBytes = settings['query.total-memory'] || Math.floor(memoryOfMachine() / 8);
  const maxBytes = settings['query.max-memory'] || Math.floor(maxTotalBytes / 2);
  const memoryLimits = { maxBytes: Math.min(maxBytes, maxTotalBytes), maxTotalBytes };
  const cacheBytes = settings['query.cache-size'];
  const answerBytes = Math.floor(cacheBytes * ANSWER_SHARE);
  // The last slot is for queries on this thread.
  const ledger = new MemoryLedger(threads + 1);
  const pool: ThreadPool = new ThreadPool({
    threads,
    spawn: spawnQueryThread,
    ledger,
    memoryLimits,
    cacheBytes: Math.floor((cacheBytes - answerBytes) / threads),
    isShared: () => service.isShared,
    onDeath: (error) => logger.log('error', 'a query thread died', { error }),
  });
  const language = languageOptions(settings);
  const inline = new InlineExecutor(ledger, threads, memoryLimits, EVALUATORS);
  const service: LocalQueryService = new LocalQueryService({
    limits: {
      maxConcurrency: settings['query.max-concurrency'],
      maxQueued: settings['query.max-queued'],
      timeoutMs: settings['query.timeout'],
      maxLengthBytes: settings['query.max-length'],
    },
    language,
    threads: pool,
    inline,
    answers: new AnswerCache(answerBytes),
    // Retention policies of a database have databases of their own.
    ownerOf: databaseOfScope,
    clock,
  });
  metrics.addFigures(() => {
    const { figures } = service;
    return {
      counters: {
        queryStarted: figures.started,
        queryRefused: figures.refused,
        queryFailed: figures.failed,
        querySamplesRead: figures.samplesRead,
        queryQueueSeconds: figures.queueSeconds,
        queryEvaluationSeconds: figures.evaluationSeconds,
        queryCacheQueries: figures.cacheQueries,
        queryCacheHits: figures.cacheHits,
        queryThreadDeaths: pool.deaths,
      },
      gauges: {
        queryRunning: figures.running,
        queryQueued: figures.queued,
        queryMemoryBytes: ledger.heldBytes,
      },
    };
  });
  const now = (): number => clock.now();
  const monotonic = (): number => clock.monotonic();
  return {
    service,
    warmUp: (storage) => {
      pool.startAll();
      const database = storage.database(DEFAULT_DATABASE)!;
      // It takes seconds of work, which a store into which much is written has no time for; a new one has no data yet.
      doWhenIdle(() => warmUp({ pool, inline, language, database, now, monotonic }), {
        cpuMs: processCpuMs,
        sleep: (ms) => setTimeout(ms, undefined, { ref: false }),
      }).catch((error) => {
        logger.log('warn', 'query threads were not warmed up', { error });
      });
    },
  };
}

/** All threads together. */
function processCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** How PromQL is understood and evaluated. */
export function languageOptions(settings: Settings): LanguageOptions {
  const features = settings['enable-feature'];
  return {
    parser: parserOptions(features),
    engine: {
      lookbackMs: settings['query.lookback-delta'],
      defaultSubqueryStepMs: settings['query.default-step'],
      maxSamples: settings['query.max-samples'],
      perStepStats: features.includes('promql-per-step-stats'),
      delayedNameRemoval: features.includes('promql-delayed-name-removal'),
      useStartTimestamps: features.includes('use-start-timestamps'),
      typeAndUnitLabels: features.includes('type-and-unit-labels'),
      useKernel: true,
    },
  };
}

/** A thread as the service starts them. */
export function spawnQueryThread(setup: ThreadSetup, heapMiB: number): Worker {
  return startWorker('./query-worker.ts', import.meta.url, {
    workerData: setup,
    resourceLimits: { maxOldGenerationSizeMb: heapMiB },
  });
}

/** Of the container, where it has less than the machine. */
function memoryOfMachine(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}
