// /api/v1/features and /api/v1/openapi.yaml tell the truth about the server.

import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { adminEndpoints } from '../../src/api/admin/index.ts';
import { prometheusEndpoints } from '../../src/api/prometheus/index.ts';
import { OPERATIONS } from '../../src/api/prometheus/openapi/operations.ts';
import { FEATURES } from '../../src/config/value-types.ts';
import { startApi } from '../support/api.ts';
import { FakeQueries } from '../support/fake-queries.ts';

type Features = Record<string, Record<string, boolean>>;

async function features(settings: Parameters<typeof startApi>[0]): Promise<Features> {
  const answer = await startApi(settings).app.inject('/api/v1/features');
  return (answer.json() as { data: Features }).data;
}

test('experimental features are off by default, and on by their names', async () => {
  const off = await features({});
  const on = await features({
    settings: {
      'enable-feature': FEATURES,
      'web.enable-admin-api': true,
      'web.enable-lifecycle': true,
    },
  });
  const changed = Object.entries(on).flatMap(([category, flags]) =>
    Object.keys(flags)
      .filter((name) => flags[name] !== off[category]![name])
      .map((name) => `${category}.${name}`),
  );
  expect(changed).toEqual(
    expect.arrayContaining([
      'api.admin',
      'api.lifecycle',
      'api.search',
      'promql.anchored',
      'promql.delayed_name_removal',
      'promql.fill',
      'promql.per_step_stats',
      'promql.smoothed',
      'promql.type_and_unit_labels',
      'promql_functions.info',
      'promql_functions.mad_over_time',
      'promql_operators.limit_ratio',
      'promql_operators.limitk',
    ]),
  );
  for (const name of changed) {
    const [category, flag] = name.split('.') as [string, string];
    expect([name, on[category]![flag]]).toEqual([name, true]);
  }
  expect(off.promql_functions).toMatchObject({ rate: true, histogram_quantile: true });
  expect(off.promql_operators).toMatchObject({ '</': true, '=~': true, topk: true });
  expect(off.promql).toMatchObject({ by: true, offset: true, subqueries: true });
});

test('names are sorted within their category, as Prometheus has them', async () => {
  for (const flags of Object.values(await features({}))) {
    expect(Object.keys(flags)).toEqual(Object.keys(flags).sort());
  }
});

test('openapi.yaml is YAML', async () => {
  const answer = await startApi().app.inject('/prometheus/api/v1/openapi.yaml');
  expect(answer.headers['content-type']).toBe('application/yaml; charset=utf-8');
  expect(parse(answer.body)).toMatchObject({ openapi: '3.1.0', info: { version: '0.0.0-test' } });
});

/** Administration and pages that Prometheus does not have: docs/reference/http-api.md describes them. */
const OURS = /^\/api\/v1\/(admin\/(databases|keys|remote-writes|users)|prom\/read)\b/;

test('every route of the API is in the document, and answers what the document says', async () => {
  const api = startApi({ queries: new FakeQueries() });
  const mounted = [...prometheusEndpoints(api.context), ...adminEndpoints(api.context)]
    .map(({ paths, methods }) => ({ path: paths[0]!, methods }))
    .filter(({ path }) => path.startsWith('/api/v1/') && !OURS.test(path))
    .map(({ path, methods }) => {
      const documented = path.slice('/api/v1'.length).replaceAll(/:(\w+)/g, '{$1}');
      return `${documented} ${methods.map((method) => String(method).toLowerCase()).join()}`;
    });
  const ingest = ['/write', '/import'];
  const documented = OPERATIONS.filter(({ path }) => !ingest.includes(path));
  expect(mounted.sort()).toEqual(
    documented.map(({ path, methods }) => `${path} ${methods.join()}`).sort(),
  );
  for (const path of ingest) {
    const answer = await api.app.inject(`/api/v1${path}`);
    expect([path, answer.statusCode, answer.headers.allow]).toEqual([path, 405, 'POST']);
  }
});
