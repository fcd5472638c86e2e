// /api/v1/features and /api/v1/openapi.yaml tell the truth about the server.

import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { allEndpoints } from '../../src/api/server.ts';
import { FEATURES } from '../../src/config/value-types.ts';
import { startApi } from '../support/api.ts';
import { bare, routePaths } from '../support/route-table.ts';

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

test('the document describes every route, and no other', async () => {
  const api = startApi();
  const answer = await api.app.inject('/api/v1/openapi.yaml');
  const { paths } = parse(answer.body) as { paths: Record<string, object> };
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods)
      .filter((method) => method !== 'head')
      .map((method) => {
        const route = path.replace('{pushGroup}', '*').replaceAll(/\{(\w+)\}/g, ':$1');
        return `${method.toUpperCase()} ${bare(route)}`;
      }),
  );
  const routes = new Set(routePaths(allEndpoints(api.context)).map(({ row }) => row));
  expect(described.sort()).toEqual([...routes].sort());
});
