// /api/v1/status/…: what the server is, how it is set and what it holds.

import { hostname } from 'node:os';
import { SETTING_NAMES, SETTINGS, type Setting } from '../../config/settings.ts';
import { printDuration } from '../../model/duration.ts';
import type { ApiContext } from '../context.ts';
import { badRequest } from '../errors.ts';
import { parseInteger } from '../param-values.ts';
import type { RequestParams } from '../params.ts';
import { clientSignal, databaseForRead, urlParams } from '../requests.ts';
import { sendData } from '../respond.ts';
import { type Endpoint, readPaths } from '../routes.ts';

/**
 * The Prometheus whose API we answer. Clients (Grafana) switch features on by this number, so it is
 * not our own version.
 */
const PROMETHEUS_VERSION = '3.14.0';

const MAX_LISTED = 10_000;

export function statusEndpoints(context: ApiContext): Endpoint[] {
  const status = (name: string, handle: Endpoint['handle']): Endpoint => ({
    methods: ['GET'],
    paths: readPaths(`/api/v1/status/${name}`),
    errorShape: 'prometheus',
    handle,
  });
  return [
    status('buildinfo', (request, reply) => sendData(request, reply, buildInfo(context))),
    status('runtimeinfo', (request, reply) => sendData(request, reply, runtimeInfo(context))),
    status('flags', (request, reply) => sendData(request, reply, flags(context))),
    status('rejected', async (request, reply) => {
      const limit = listLimit(urlParams(request), 100);
      return sendData(request, reply, rejected(context, limit));
    }),
    status('tsdb', async (request, reply) => {
      const params = urlParams(request);
      const limit = listLimit(params, 10);
      const database = await databaseForRead(context, request, params, clientSignal(reply));
      const { numSeries, numLabelPairs, chunkCount, minT, maxT, ...lists } =
        await database.cardinality(limit);
      const headStats = { numSeries, numLabelPairs, chunkCount, minTime: minT, maxTime: maxT };
      return sendData(request, reply, { headStats, ...lists });
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
}: ApiContext): Record<string, unknown> {
  const { retention } = settings;
  return {
    startTime: new Date(startTime).toISOString(),
    CWD: process.cwd(),
    hostname: hostname(),
    serverTime: new Date(clock.now()).toISOString(),
    reloadConfigSuccess: true,
    lastConfigTime: new Date(startTime).toISOString(),
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

function rejected({ rejections }: ApiContext, limit: number): unknown {
  const entries = rejections.latest(limit).map(({ time, ...entry }) => ({
    time: new Date(time).toISOString(),
    ...entry,
  }));
  return { totals: Object.fromEntries(rejections.totals()), entries };
}
