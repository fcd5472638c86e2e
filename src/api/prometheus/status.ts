// /api/v1/status/…: what the server is, how it is set and what it holds.

import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { Principal } from '../../access/index.ts';
import { SETTING_NAMES, SETTINGS, type Setting } from '../../config/settings.ts';
import { printDuration } from '../../model/duration.ts';
import type { StoredBlock } from '../../storage/interface.ts';
import type { ApiContext } from '../context.ts';
import { badRequest } from '../errors.ts';
import { parseInteger } from '../param-values.ts';
import type { RequestParams } from '../params.ts';
import { clientSignal, databaseForRead, urlParams } from '../requests.ts';
import { sendData } from '../respond.ts';
import type { Access } from '../rights.ts';
import { type Endpoint, readPaths } from '../routes.ts';

/**
 * The Prometheus whose API we answer. Clients (Grafana) switch features on by this number, so it is
 * not our own version.
 */
const PROMETHEUS_VERSION = '3.14.0';

const MAX_LISTED = 10_000;

export function statusEndpoints(context: ApiContext): Endpoint[] {
  const status = (name: string, access: Access, handle: Endpoint['handle']): Endpoint => ({
    methods: ['GET'],
    paths: readPaths(`/api/v1/status/${name}`),
    access,
    errorShape: 'prometheus',
    handle,
  });
  return [
    status('buildinfo', 'known', (request, reply) => sendData(request, reply, buildInfo(context))),
    status('runtimeinfo', 'read-all', (request, reply) =>
      sendData(request, reply, runtimeInfo(context)),
    ),
    status('flags', 'read-all', (request, reply) => sendData(request, reply, flags(context))),
    status('rejected', 'known', async (request, reply) => {
      const limit = listLimit(urlParams(request), 100);
      return sendData(request, reply, rejected(context, request.principal, limit));
    }),
    status('config', 'read-all', (request, reply) =>
      sendData(request, reply, { yaml: configYaml(context) }),
    ),
    status('walreplay', 'known', (request, reply) => sendData(request, reply, walReplay(context))),
    status('tsdb', 'read', async (request, reply) => {
      const params = urlParams(request);
      const limit = listLimit(params, 10);
      const database = await databaseForRead(context, request, params, clientSignal(reply));
      const { numSeries, numLabelPairs, chunkCount, minT, maxT, ...lists } =
        await database.cardinality(limit);
      const headStats = { numSeries, numLabelPairs, chunkCount, minTime: minT, maxTime: maxT };
      return sendData(request, reply, { headStats, ...lists });
    }),
    status('tsdb/blocks', 'read', async (request, reply) => {
      const params = urlParams(request);
      const database = await databaseForRead(context, request, params, clientSignal(reply));
      return sendData(request, reply, { blocks: (database.blocks?.() ?? []).map(blockToJson) });
    }),
  ];
}

function listLimit(params: RequestParams, fallback: number): number {
  const text = params.value('limit') ?? '';
  if (text === '') return fallback;
  const limit = parseInteger(text);
  if (typeof limit !== 'number' || limit < 1) throw badRequest('limit must be a positive number');
  if (limit > MAX_LISTED) throw badRequest(`limit must not exceed ${MAX_LISTED}`);
  return limit;
}

function buildInfo({ version }: ApiContext): Record<string, string> {
  return {
    version: PROMETHEUS_VERSION,
    revision: '',
    branch: '',
    buildUser: '',
    buildDate: '',
    goVersion: '',
    application: 'tidemark',
    applicationVersion: version,
    nodeVersion: process.version,
  };
}

function runtimeInfo({
  settings,
  startTime,
  clock,
  lifecycle,
  reload,
}: ApiContext): Record<string, unknown> {
  const { retention } = settings;
  return {
    startTime: new Date(startTime).toISOString(),
    CWD: process.cwd(),
    hostname: hostname(),
    serverTime: new Date(clock.now()).toISOString(),
    reloadConfigSuccess: reload?.hasSucceeded ?? true,
    lastConfigTime: new Date(reload?.succeededAt ?? startTime).toISOString(),
    corruptionCount: lifecycle.current?.stats().counters.corruptions ?? 0,
    goroutineCount: 0,
    GOMAXPROCS: 0,
    GOMEMLIMIT: 0,
    GOGC: '',
    GODEBUG: '',
    storageRetention: retention === 0 ? 'unlimited' : printDuration(retention),
  };
}

function flags({ settings }: ApiContext): Record<string, string> {
  const entries = SETTING_NAMES.map((name) => {
    const { type } = SETTINGS[name] as Setting<unknown>;
    return [name, type.print(settings[name])];
  });
  return Object.fromEntries(entries);
}

/** Totals are of all databases, so that only who may read all of them gets any. */
function rejected({ rejections }: ApiContext, principal: Principal, limit: number): unknown {
  const latest = rejections.latest(limit, (database) => principal.may('read', database));
  const entries = latest.map(({ time, ...entry }) => ({
    time: new Date(time).toISOString(),
    ...entry,
  }));
  const totals = principal.mayEverywhere('read') ? rejections.totals() : [];
  return { totals: Object.fromEntries(totals), entries };
}

/** Our settings as far as prometheus.yml has them, since programs look for external labels there. */
function configYaml({ settings }: ApiContext): string {
  const labels = settings['external-labels'];
  const lines = labels.map(({ name, value }) => {
    return `    ${JSON.stringify(name)}: ${JSON.stringify(value)}\n`;
  });
  const { retention } = settings;
  return [
    'global:\n',
    labels.length === 0 ? '  external_labels: {}\n' : `  external_labels:\n${lines.join('')}`,
    'storage:\n  tsdb:\n    retention:\n',
    `      time: ${printDuration(retention)}\n`,
  ].join('');
}

/** How far the replay of the log is; we only know whether it is done. */
function walReplay({ lifecycle }: ApiContext): Record<string, number> {
  return { min: 0, max: 1, current: lifecycle.phase === 'starting' ? 0 : 1 };
}

function blockToJson({ id, minT, maxT, series, samples }: StoredBlock): unknown {
  const ulid = ulidOf(minT, id);
  return {
    ulid,
    minTime: minT,
    maxTime: maxT,
    stats: { numSamples: samples, numSeries: series },
    compaction: { level: 1, sources: [ulid] },
    version: 1,
  };
}

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The form of identifier that clients expect: 10 digits of time, 16 of the hash of our own one. */
function ulidOf(t: number, id: string): string {
  const bytes = createHash('sha256').update(id).digest();
  let digits = '';
  for (let rest = Math.max(0, t), i = 0; i < 10; i++, rest = Math.floor(rest / 32)) {
    digits = CROCKFORD[rest % 32] + digits;
  }
  for (let i = 0; i < 16; i++) digits += CROCKFORD[bytes[i]! % 32];
  return digits;
}
