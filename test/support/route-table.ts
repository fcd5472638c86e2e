// What is sent to each route, and who may send it: one row for each route, which the matrix of callers and the
// test of isolation work through. To add a route, add its row here: `METHOD /path` without the prefixes that readers
// and writers may put in front (`/prometheus`, `/select/<tenant>/prometheus` and so on), the rule, and what the
// route answers to who may. Both tests fail for a route without a row.

import type { Endpoint } from '../../src/api/routes.ts';
import { snappyEncode } from '../../src/codec/snappy.ts';
import { encodeReadRequest, ResponseType } from '../../src/protocol/remote-read/request.ts';
import { series, V1_TYPE, writeBody } from './api.ts';
import { otlpRequest } from './otlp.ts';

/** Who may do what a row asks for. */
export type Rule = 'everybody' | 'known' | 'read' | 'write' | 'manage' | 'read-all' | 'admin';

/**
 * Stands for a text in what a row sends that tells whose data it is. What writes should store it in a label's value,
 * so that it shows if the data turns up anywhere else.
 */
export const MARK = 'MARK';

/** Stands for the database in a query of a row, where a face has a parameter of its own for it. */
export const TENANT = 'TENANT';

export interface Row {
  readonly rule: Rule;
  /** Of callers that may. */
  readonly status: number;
  /** Of the URL, with {@link MARK} and {@link TENANT} in it or not. */
  readonly query?: string;
  /** In the place of parameters in the path. */
  readonly params?: Readonly<Record<string, string>>;
  /** A text with {@link MARK} in it or not, or bytes made for a mark. */
  readonly payload?: string | ((mark: string) => Buffer);
  readonly headers?: Readonly<Record<string, string>>;
  /** True for an answer that goes on for as long as the client stays. */
  readonly isEndless?: true;
}

const NOW = Date.now();

const READ = Buffer.from(
  snappyEncode(
    encodeReadRequest({
      queries: [
        {
          range: { minT: 0, maxT: NOW + 1 },
          matchers: [{ type: '=~', name: '__name__', value: '.+' }],
          hints: undefined,
        },
      ],
      acceptedResponseTypes: [ResponseType.samples],
    }),
  ),
);

const read = (query = '', status = 200): Row => ({ rule: 'read', status, query });
const known = (query = '', status = 200): Row => ({ rule: 'known', status, query });
const manage = (status: number, query = ''): Row => ({ rule: 'manage', status, query });
const admin = (status: number, payload = '{}'): Row => ({ rule: 'admin', status, payload });
const write = (status: number, payload: string, query = ''): Row => {
  return { rule: 'write', status, payload, query };
};
const remoteRead: Row = { rule: 'read', status: 200, payload: () => READ };
const remoteWrite = (status: number): Row => ({
  rule: 'write',
  status,
  payload: (mark) => writeBody(1, series({ __name__: 'up', job: mark }, [NOW, 1])),
  headers: { 'content-type': V1_TYPE },
});

/** JSON, in which a mark shows. */
const otlp: Row = {
  ...write(
    200,
    JSON.stringify(
      otlpRequest([{ name: 'up', gauge: { dataPoints: [{ timeUnixNano: `${NOW}000000` }] } }], {
        'service.name': MARK,
      }),
    ),
  ),
  headers: { 'content-type': 'application/json' },
};

const datadogSeries = write(
  202,
  `{"series":[{"metric":"up","points":[{"timestamp":${NOW / 1000},"value":1}],"tags":["job:MARK"]}]}`,
);

const pushed: Row = { ...write(200, 'up{mark="MARK"} 1'), params: { '*': 'job/x' } };

/** By method and path below the prefixes that readers and writers may put in front. */
export const ROWS: Readonly<Record<string, Row>> = {
  'GET /-/healthy': { rule: 'everybody', status: 200 },
  'GET /-/ready': { rule: 'everybody', status: 200 },
  'GET /ping': { rule: 'everybody', status: 204 },
  'GET /status': { rule: 'everybody', status: 204 },
  'GET /health': { rule: 'everybody', status: 200 },
  'GET /metrics': { rule: 'read-all', status: 200 },
  'POST /-/quit': admin(403),
  'PUT /-/quit': admin(403),
  'POST /-/reload': admin(403),
  'PUT /-/reload': admin(403),
  'POST /internal/force_flush': admin(204),
  'POST /internal/force_merge': admin(204),

  'GET /query': known('q=SHOW DATABASES'),
  'POST /query': known('q=SHOW DATABASES'),
  'POST /api/v2/query': known('', 403),

  'POST /write': write(204, 'cpu,job=MARK value=1'),
  'POST /api/v2/write': write(204, 'cpu,job=MARK value=1', 'bucket=TENANT'),

  'POST /influx/write': write(204, 'cpu,job=MARK value=1'),
  'POST /influx/api/v2/write': write(204, 'cpu,job=MARK value=1'),
  'GET /influx/ping': { rule: 'everybody', status: 204 },
  'GET /influx/health': { rule: 'everybody', status: 200 },
  'GET /influx/query': known('q=SHOW DATABASES'),
  'POST /influx/query': known('q=SHOW DATABASES'),

  'POST /api/v1/write': remoteWrite(204),
  'POST /api/v1/prom/write': remoteWrite(204),
  'POST /insert': remoteWrite(204),
  'POST /receive': remoteWrite(204),
  'POST /api/v1/receive': remoteWrite(204),
  'POST /api/prom_write': remoteWrite(200),
  'POST /api/v3/write': remoteWrite(200),
  'POST /api/prom/push': remoteWrite(200),
  'POST /api/v1/push': remoteWrite(200),
  'POST /api/v1/import': write(
    204,
    `{"metric":{"__name__":"up","job":"MARK"},"values":[1],"timestamps":[${NOW}]}`,
  ),
  'POST /api/v1/import/csv': write(204, 'MARK,1', 'format=1:label:job,2:metric:up'),
  'POST /api/v1/import/prometheus': write(204, 'up{job="MARK"} 1'),
  'POST /api/v1/import/prometheus/metrics/*': pushed,
  'PUT /api/v1/import/prometheus/metrics/*': pushed,
  'POST /api/v1/import/collectd': write(
    204,
    `[{"values":[1],"dstypes":["gauge"],"dsnames":["value"],"time":${NOW / 1000},"host":"MARK","plugin":"up","type":"up"}]`,
  ),
  'POST /collectd-post': write(204, '[]'),
  'POST /api/put': write(204, `{"metric":"up","timestamp":${NOW},"value":1,"tags":{"job":"MARK"}}`),
  'POST /datadog/api/v1/series': write(
    202,
    `{"series":[{"metric":"up","points":[[${NOW / 1000},1]],"tags":["job:MARK"]}]}`,
  ),
  'POST /datadog/api/v2/series': datadogSeries,
  'POST /api/v2/series': datadogSeries,
  'GET /datadog/api/v1/validate': known(),
  'POST /datadog/api/v1/check_run': write(202, '{}'),
  'POST /datadog/api/v1/metadata': write(202, '{}'),
  'POST /datadog/intake': write(202, '{}'),

  'POST /api/v1/otlp/v1/metrics': otlp,
  'POST /v1/metrics': otlp,
  'POST /otlp/v1/metrics': otlp,
  'POST /api/v1/otlp/metrics': otlp,
  'POST /api/v1/otlp/:tenant/metrics': otlp,
  'POST /opentelemetry/v1/metrics': otlp,
  'POST /opentelemetry/api/v1/push': otlp,

  'POST /api/v1/read': remoteRead,
  'POST /api/v1/prom/read': remoteRead,
  'POST /api/prom_read': remoteRead,
  'POST /api/prom/read': remoteRead,
  'POST /api/v3/read': remoteRead,

  'GET /api/v1/query': read('query=up'),
  'POST /api/v1/query': read('query=up'),
  'GET /api/v1/query_range': read(`query=up&start=${NOW / 1000 - 60}&end=${NOW / 1000}&step=60`),
  'POST /api/v1/query_range': read(`query=up&start=${NOW / 1000 - 60}&end=${NOW / 1000}&step=60`),
  'GET /api/v1/query_exemplars': read('query=up&start=0&end=1'),
  'POST /api/v1/query_exemplars': read('query=up&start=0&end=1'),
  'GET /api/v1/labels': read(),
  'POST /api/v1/labels': read(),
  'GET /api/v1/label/:name/values': { ...read(), params: { name: 'job' } },
  'GET /api/v1/series': read('match[]=up'),
  'POST /api/v1/series': read('match[]=up'),
  'GET /api/v1/metadata': read(),
  'GET /api/v1/export': read('match[]=up'),
  'POST /api/v1/export': read('match[]=up'),
  'GET /api/v1/export/csv': read('match[]=up&format=job'),
  'POST /api/v1/export/csv': read('match[]=up&format=job'),
  'GET /api/v1/export/parquet': read('match[]=up'),
  'POST /api/v1/export/parquet': read('match[]=up'),
  'GET /federate': read('match[]=up'),
  'GET /api/v1/search/metric_names': read('search[]=u'),
  'POST /api/v1/search/metric_names': read('search[]=u'),
  'GET /api/v1/search/label_names': read('search[]=u'),
  'POST /api/v1/search/label_names': read('search[]=u'),
  'GET /api/v1/search/label_values': read('search[]=u&label=job'),
  'POST /api/v1/search/label_values': read('search[]=u&label=job'),
  'GET /api/v1/status/tsdb': read(),
  'GET /api/v1/status/tsdb/blocks': read(),

  'GET /api/query': read('start=1d-ago&m=none:up'),
  'POST /api/query': {
    ...read(),
    payload: '{"start":"1d-ago","queries":[{"metric":"up","aggregator":"none"}]}',
  },
  'GET /api/suggest': read('type=tagv&max=1000'),
  'POST /api/suggest': { ...read(), payload: '{"type":"tagv","max":1000}' },
  'GET /api/search/lookup': read('m=up&limit=1000'),
  'POST /api/search/lookup': { ...read(), payload: '{"metric":"up","limit":1000}' },
  'GET /api/version': known(),
  'POST /api/version': known(),
  'GET /api/aggregators': known(),
  'POST /api/aggregators': known(),
  'GET /api/config/filters': known(),
  'POST /api/config/filters': known(),

  'GET /api/v1/format_query': known('query=up'),
  'POST /api/v1/format_query': known('query=up'),
  'GET /api/v1/parse_query': known('query=up'),
  'POST /api/v1/parse_query': known('query=up'),
  'GET /api/v1/features': known(),
  'GET /api/v1/openapi.yaml': known(),
  'GET /api/v1/notifications': known(),
  'GET /api/v1/notifications/live': { rule: 'known', status: 204, isEndless: true },
  'GET /api/v1/rules': known(),
  'GET /api/v1/alerts': known(),
  'GET /api/v1/targets': known(),
  'GET /api/v1/targets/metadata': known(),
  'GET /api/v1/targets/relabel_steps': known('', 400),
  'GET /api/v1/scrape_pools': known(),
  'GET /api/v1/scrape_pools/config': known('', 400),
  'GET /api/v1/alertmanagers': known(),
  'GET /api/v1/status/buildinfo': known(),
  'GET /api/v1/status/databases': known(),
  'GET /api/v1/status/walreplay': known(),
  'GET /api/v1/status/rejected': known(),
  'GET /api/v1/status/active_queries': known(),
  'GET /api/v1/status/top_queries': known(),
  'GET /api/v1/status/runtimeinfo': { rule: 'read-all', status: 200 },
  'GET /api/v1/status/flags': { rule: 'read-all', status: 200 },
  'GET /api/v1/status/config': { rule: 'read-all', status: 200 },
  'GET /api/v1/status/self_metrics': { rule: 'read-all', status: 200 },

  'POST /api/v1/admin/queries/:id/cancel': admin(404),
  'POST /api/v1/admin/tsdb/delete_series': manage(204, 'match[]={job=~".+"}'),
  'PUT /api/v1/admin/tsdb/delete_series': manage(204, 'match[]={job=~".+"}'),
  'POST /api/v1/admin/tsdb/clean_tombstones': admin(204),
  'PUT /api/v1/admin/tsdb/clean_tombstones': admin(204),
  // The store in memory makes none.
  'POST /api/v1/admin/tsdb/snapshot': admin(501),
  'PUT /api/v1/admin/tsdb/snapshot': admin(501),

  'GET /api/v1/admin/users': admin(200),
  'POST /api/v1/admin/users': admin(400),
  'GET /api/v1/admin/users/:name': admin(404),
  'PATCH /api/v1/admin/users/:name': admin(404, '{"admin":false}'),
  'DELETE /api/v1/admin/users/:name': admin(404),
  'PUT /api/v1/admin/users/:name/grants/:database': admin(404, '{"privilege":"read"}'),
  'DELETE /api/v1/admin/users/:name/grants/:database': admin(404),
  'GET /api/v1/admin/keys': admin(200),
  'POST /api/v1/admin/keys': admin(400),
  'GET /api/v1/admin/keys/:id': admin(404),
  'DELETE /api/v1/admin/keys/:id': admin(404),
  'POST /api/v1/admin/keys/:id/rotate': admin(404),
  'POST /api/v1/admin/keys/:id/retire': admin(404),
  'POST /api/v1/tsdb/:database': admin(200),
  'GET /api/v1/admin/databases': known(),
  'POST /api/v1/admin/databases': admin(400),
  'GET /api/v1/admin/databases/:database': read(),
  'PATCH /api/v1/admin/databases/:database': { ...manage(400), payload: '{}' },
  'DELETE /api/v1/admin/databases/:database': { ...admin(204), params: { database: 'doomed' } },
  'GET /api/v1/admin/remote-writes': admin(200),
  'POST /api/v1/admin/remote-writes': admin(400),
  'GET /api/v1/admin/remote-writes/:id': admin(404),
  'PATCH /api/v1/admin/remote-writes/:id': admin(404, '{"disabled":true}'),
  'DELETE /api/v1/admin/remote-writes/:id': admin(404),
  'POST /api/v1/admin/remote-writes/:id/rotate-key': admin(404),
  'POST /api/v1/admin/remote-writes/:id/retire-key': admin(404),
};

/** One way to reach a route: a path, and the row that says what is sent there. */
export interface RoutePath {
  readonly method: string;
  /** With `:tenant` and other parameters in it. */
  readonly path: string;
  /** Its name in {@link ROWS}. */
  readonly row: string;
}

/** All paths of all routes. */
export function routePaths(endpoints: readonly Endpoint[]): RoutePath[] {
  return endpoints.flatMap(({ methods, paths }) =>
    methods
      .map(String)
      .filter((method) => method !== 'HEAD')
      .flatMap((method) => paths.map((path) => ({ method, path, row: `${method} ${bare(path)}` }))),
  );
}

/** A path without the prefixes of readers and writers. */
export function bare(path: string): string {
  return path
    .replace(/^\/insert\/:tenant\/prometheus$/, '/insert')
    .replace(/^(\/(select|insert|delete)\/:tenant)?\/prometheus(?=\/)/, '')
    .replace(/^(\/(select|insert)\/:tenant)?\/opentsdb(?=\/)/, '')
    .replace(/^\/insert\/:tenant(?=\/(datadog|influx|opentelemetry)\/)/, '')
    .replace(/^(\/datadog\/.*)\/$/, '$1');
}

export interface RouteRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string | Buffer | undefined;
}

export interface RequestOptions {
  /** In the place of `:tenant`, and where a row speaks of the request's database. */
  readonly tenant: string;
  readonly db?: string;
  readonly mark: string;
}

/** What a row sends to one of its paths. */
export function requestTo(
  { method, path }: RoutePath,
  row: Row,
  { tenant, db, mark }: RequestOptions,
): RouteRequest {
  const values: Readonly<Record<string, string>> = { tenant, database: tenant, ...row.params };
  const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => {
    return encodeURIComponent(values[name] ?? 'x');
  });
  const url = filled.replace('*', values['*'] ?? '*');
  const own = (row.query ?? '').replaceAll(MARK, mark).replaceAll(TENANT, tenant);
  const params = new URLSearchParams(own);
  if (db !== undefined) params.append('db', db);
  const { payload } = row;
  const hasBody = method !== 'GET' && payload !== undefined;
  const body = typeof payload === 'string' ? payload.replaceAll(MARK, mark) : payload?.(mark);
  return {
    method,
    url: `${url}?${params}`,
    headers: row.headers ?? {},
    payload: hasBody ? body : undefined,
  };
}
