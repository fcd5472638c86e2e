// The peers as servers under test: VictoriaMetrics and Prometheus, found on PATH or named by
// `--peer name=path`.

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { bytesBelow, findProgram } from './files.ts';
import {
  countExportedSamples,
  type DiskUse,
  type RunningServer,
  type ServerKind,
  sumMetric,
} from './server.ts';

/** Seldom enough that printing its metrics costs VictoriaMetrics nothing to speak of. */
const SETTLE_POLL_MS = 500;
/** A merge may be followed by another; so many times in a row there was none. */
const SETTLED_POLLS = 3;

/** How a peer's program may be called, and what it becomes. */
interface Peer {
  readonly programs: readonly string[];
  readonly toKind: (program: string) => ServerKind;
}

export const PEERS: ReadonlyMap<string, Peer> = new Map([
  [
    'victoria-metrics',
    { programs: ['victoria-metrics', 'victoria-metrics-prod'], toKind: victoriaMetrics },
  ],
  ['prometheus', { programs: ['prometheus'], toKind: prometheus }],
]);

/** The peers that are there; `onMissing` hears of the others. `paths` maps names to programs. */
export function findPeers(
  paths: ReadonlyMap<string, string>,
  onMissing: (name: string) => void,
): ServerKind[] {
  const kinds: ServerKind[] = [];
  for (const [name, { programs, toKind }] of PEERS) {
    const program = paths.get(name) ?? findProgram(programs);
    if (program === undefined) onMissing(name);
    else kinds.push(toKind(program));
  }
  return kinds;
}

function victoriaMetrics(program: string): ServerKind {
  return {
    name: 'victoria-metrics',
    title: 'VictoriaMetrics',
    version: versionOf(program, '-version', 'victoria-metrics'),
    program,
    flags: ['-retentionPeriod=100y', '-selfScrapeInterval=0', '-loggerLevel=WARN'],
    placeArgs: (folder, port) => [
      `-storageDataPath=${join(folder, 'data')}`,
      `-httpListenAddr=127.0.0.1:${port}`,
    ],
    writePath: '/api/v1/write',
    readyPath: '/health',
    acceptedSamples: (server) => server.metric('vm_rows_inserted_total'),
    storedSamples: countExportedSamples,
    settle: settleVictoriaMetrics,
    logBytes: () => 0,
  };
}

/** Its flushes and merges go on after the requests that start them. */
async function settleVictoriaMetrics(server: RunningServer): Promise<DiskUse> {
  await server.ask('/internal/force_flush');
  await server.ask('/internal/force_merge');
  for (let quiet = 0; ; ) {
    await sleep(SETTLE_POLL_MS);
    const metrics = await server.ask('/metrics');
    const busy =
      sumMetric(metrics, 'vm_active_merges') +
      sumMetric(metrics, 'vm_pending_rows') +
      sumMetric(metrics, 'vm_data_size_bytes', /inmemory/);
    quiet = busy === 0 ? quiet + 1 : 0;
    if (quiet < SETTLED_POLLS) continue;
    return {
      totalBytes: sumMetric(metrics, 'vm_data_size_bytes'),
      indexBytes: sumMetric(metrics, 'vm_data_size_bytes', /indexdb/),
    };
  }
}

function prometheus(program: string): ServerKind {
  return {
    name: 'prometheus',
    title: 'Prometheus',
    version: versionOf(program, '--version', 'prometheus'),
    program,
    flags: [
      '--web.enable-remote-write-receiver',
      '--web.enable-admin-api',
      '--enable-feature=native-histograms',
      '--storage.tsdb.retention.time=100y',
      '--log.level=warn',
    ],
    placeArgs: (folder, port) => {
      const config = join(folder, 'prometheus.yml');
      writeFileSync(config, 'global:\n  scrape_interval: 15s\n');
      return [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ];
    },
    writePath: '/api/v1/write',
    readyPath: '/-/ready',
    // Without labels before 2.44.
    acceptedSamples: (server) =>
      server.metric('prometheus_tsdb_head_samples_appended_total', /^$|"(float|histogram)"/),
    storedSamples: countPrometheusSamples,
    settle: snapshotPrometheus,
    logBytes: (folder) => bytesBelow(join(folder, 'data/wal')),
  };
}

/** It cannot be told to write its head out; a snapshot, head included, has all data as blocks. */
async function snapshotPrometheus(server: RunningServer): Promise<DiskUse> {
  const answer = await server.ask('/api/v1/admin/tsdb/snapshot', 'POST');
  const { data } = JSON.parse(answer) as { data: { name: string } };
  const snapshot = join(server.folder, 'data/snapshots', data.name);
  return {
    totalBytes: bytesBelow(snapshot),
    indexBytes: bytesBelow(snapshot, /^index$/),
  };
}

async function countPrometheusSamples(
  server: RunningServer,
  metric: string,
  minT: number,
  maxT: number,
): Promise<number> {
  // A range leaves out its first moment.
  const query = `sum(count_over_time(${metric}[${maxT - minT + 1}ms]))`;
  const params = new URLSearchParams({ query, time: String(maxT / 1000) });
  const answer = JSON.parse(await server.ask(`/api/v1/query?${params}`)) as {
    data: { result: readonly { value: readonly [number, string] }[] };
  };
  return Number(answer.data.result[0]?.value[1] ?? 0);
}

/** What a program says its version is; if nothing, what Debian's package notes beside it. */
function versionOf(program: string, flag: string, debianPackage: string): string {
  const { stdout, stderr } = spawnSync(program, [flag], { encoding: 'utf8' });
  const said = /\d+\.\d+\.\d+/.exec(`${stdout}${stderr}`)?.[0];
  return said ?? packagedVersion(program, debianPackage) ?? 'of unknown version';
}

function packagedVersion(program: string, debianPackage: string): string | undefined {
  const folder = join(dirname(program), '../share/doc', debianPackage);
  try {
    const changelog = gunzipSync(readFileSync(join(folder, 'changelog.Debian.gz'))).toString(
      'utf8',
    );
    return /^\S+ \((?:\d+:)?(\d+\.\d+\.\d+)/.exec(changelog)?.[1];
  } catch {
    return undefined;
  }
}
