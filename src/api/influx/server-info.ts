// What SHOW QUERIES, SHOW STATS and SHOW DIAGNOSTICS tell of this server. Groups and names are InfluxDB's where it has
// the same figures.

import { arch, availableParallelism, hostname, platform } from 'node:os';
import type { Principal } from '../../access/index.ts';
import { databaseOfScope, type InfoGroup, type ServerInfo } from '../../influxql/index.ts';
import { printGoDuration } from '../../protocol/influxql/index.ts';
import type { Storage } from '../../storage/interface.ts';
import type { ApiContext } from '../context.ts';
import { maySee } from '../query-visibility.ts';

const NS_PER_MS = 1_000_000n;

/** `principal` is who asks. */
export function serverInfo(api: ApiContext, principal: Principal): ServerInfo {
  const { queries, lifecycle } = api;
  return {
    queries: () => {
      const visible = queries.active().filter(({ about }) => maySee(principal, about));
      return visible.map(({ id, query, database, ageMs, state }) => ({
        id: Number(id),
        text: query,
        database: databaseOfScope(database),
        durationMs: ageMs,
        status: state,
      }));
    },
    kill: (id) => queries.cancel(String(id)),
    stats: () => [runtimeStats(), queryStats(api), ...databaseStats(lifecycle.currentOrThrow())],
    diagnostics: () => diagnostics(api),
  };
}

function runtimeStats(): InfoGroup {
  const { heapUsed, heapTotal, external, rss } = process.memoryUsage();
  return {
    name: 'runtime',
    values: {
      Alloc: heapUsed,
      HeapAlloc: heapUsed,
      HeapSys: heapTotal,
      External: external,
      Sys: rss,
    },
  };
}

function queryStats({ queries, influx }: ApiContext): InfoGroup {
  const { executed, finished, durationMs } = influx.requests;
  return {
    name: 'queryExecutor',
    values: {
      queriesActive: queries.active().length,
      queriesExecuted: executed,
      queriesFinished: finished,
      queryDurationNs: Math.round(durationMs * 1e6),
    },
  };
}

function databaseStats(storage: Storage): InfoGroup[] {
  return storage.databaseNames().map((name) => {
    const usage = storage.database(name)!.usage();
    const { activeSeries, newSeries, samplesWritten, storedSamples, diskBytes } = usage;
    return {
      name: 'database',
      tags: { database: name },
      values: { numSeries: activeSeries, newSeries, samplesWritten, storedSamples, diskBytes },
    };
  });
}

function diagnostics({ settings, version, startTime, clock }: ApiContext): InfoGroup[] {
  const now = clock.now();
  const upMs = BigInt(Math.max(0, Math.round(now - startTime)));
  return [
    { name: 'build', values: { Version: version } },
    {
      name: 'config-coordinator',
      values: {
        'max-concurrent-queries': settings['query.max-concurrency'],
        'max-select-point': settings['query.max-samples'],
        'query-timeout': printGoDuration(BigInt(settings['query.timeout']) * NS_PER_MS),
      },
    },
    { name: 'network', values: { hostname: hostname() } },
    {
      name: 'runtime',
      values: {
        ARCH: arch(),
        CPUS: availableParallelism(),
        OS: platform(),
        version: process.version,
      },
    },
    {
      name: 'system',
      values: {
        PID: process.pid,
        currentTime: { time: now },
        started: { time: startTime },
        uptime: printGoDuration(upMs * NS_PER_MS),
      },
    },
  ];
}
