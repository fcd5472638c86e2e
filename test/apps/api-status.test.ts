// What the server tells about itself: status pages, notifications, lifecycle, and the valid empty
// answers about what it does not do (scraping, rules).

import { expect, test } from 'vitest';
import { startApi, type TestApi } from '../support/api.ts';

const get = async (api: TestApi, url: string): Promise<unknown> =>
  (await api.app.inject(url)).json();
const data = (value: unknown): unknown => ({ status: 'success', data: value });

test.each<[path: string, expected: unknown]>([
  ['targets', { activeTargets: [], droppedTargets: [], droppedTargetCounts: {} }],
  ['targets?state=active', { activeTargets: [], droppedTargets: [], droppedTargetCounts: null }],
  ['targets/metadata', []],
  ['targets/metadata?match_target={job="a"}&metric=up&limit=2', []],
  ['scrape_pools', { scrapePools: [] }],
  ['alertmanagers', { activeAlertmanagers: [], droppedAlertmanagers: [] }],
  ['rules', { groups: [] }],
  ['rules?type=alert&exclude_alerts=true&group_limit=5&match[]={a="b"}', { groups: [] }],
  ['alerts', { alerts: [] }],
  ['notifications', []],
  ['status/walreplay', { min: 0, max: 1, current: 1 }],
  ['status/tsdb/blocks', { blocks: [] }],
])('GET /api/v1/%s, also below the other prefixes', async (path, expected) => {
  const api = startApi();
  for (const prefix of ['', '/prometheus', '/select/0/prometheus']) {
    expect(await get(api, `${prefix}/api/v1/${path}`)).toEqual(data(expected));
  }
});

test.each<[path: string, error: string]>([
  ['targets/metadata?limit=x', 'limit must be a number'],
  [
    'targets/metadata?match_target={',
    'invalid parameter "match_target": 1:2: parse error: unexpected end of input inside braces',
  ],
  ['scrape_pools/config', 'no scrapePool parameter provided'],
  [
    'scrape_pools/config?scrapePool=a"b',
    'error retrieving scrape config: scrape pool "a\\"b" not found',
  ],
  ['targets/relabel_steps', 'no scrapePool parameter provided'],
  ['targets/relabel_steps?scrapePool=a', 'no labels parameter provided'],
  [
    'targets/relabel_steps?scrapePool=a&labels={}',
    'error retrieving scrape config: scrape pool "a" not found',
  ],
  ['rules?type=Both', 'invalid parameter "type": not supported value "both"'],
  [
    'rules?exclude_alerts=maybe',
    'invalid parameter "exclude_alerts": error converting exclude_alerts: strconv.ParseBool: parsing "maybe": invalid syntax',
  ],
  [
    'rules?group_next_token=x',
    'invalid parameter "group_next_token": group_limit needs to be present in order to paginate over the groups',
  ],
  [
    'rules?group_limit=x',
    'invalid parameter "group_limit": group_limit needs to be a valid number: strconv.ParseInt: parsing "x": invalid syntax',
  ],
  [
    'rules?group_limit=3000000000',
    'invalid parameter "group_limit": group_limit needs to be a valid number: strconv.ParseInt: parsing "3000000000": value out of range',
  ],
  [
    'rules?group_limit=0',
    'invalid parameter "group_limit": group_limit needs to be greater than 0',
  ],
  [
    'rules?group_limit=1&group_next_token=x',
    `invalid parameter "group_next_token": invalid group_next_token 'x'. were rule groups changed?`,
  ],
  ['rules?match[]={}', 'match[] must contain at least one non-empty matcher'],
])('GET /api/v1/%s is 400', async (path, error) => {
  const answer = await startApi().app.inject(`/api/v1/${path}`);
  expect(answer.statusCode).toBe(400);
  expect(answer.json()).toEqual({ status: 'error', errorType: 'bad_data', error });
});

test('status/config shows external labels where prometheus.yml has them', async () => {
  const api = startApi({ settings: { 'external-labels': [{ name: 'region', value: 'eu "1"' }] } });
  const { data } = (await get(api, '/api/v1/status/config')) as { data: { yaml: string } };
  expect(data.yaml).toBe(
    [
      'global:',
      '  external_labels:',
      '    "region": "eu \\"1\\""',
      'storage:',
      '  tsdb:',
      '    retention:',
      '      time: 400d',
      '',
    ].join('\n'),
  );
});

test('walreplay and notifications answer before the store is ready', async () => {
  const api = startApi({ starting: true });
  expect(await get(api, '/api/v1/status/walreplay')).toEqual(data({ min: 0, max: 1, current: 0 }));
  expect(await get(api, '/api/v1/notifications')).toMatchObject({
    data: [{ text: 'Tidemark is starting and replaying its log.', active: true }],
  });
  api.lifecycle.becomeReady(api.storage);
  expect(await get(api, '/api/v1/notifications')).toEqual(data([]));
});

test('live notifications are server-sent events; they end with the server', async () => {
  const api = startApi({ starting: true });
  const live = api.app.inject('/api/v1/notifications/live');
  await new Promise((resolve) => setImmediate(resolve));
  api.lifecycle.becomeReady(api.storage);
  api.lifecycle.beginStopping();
  const answer = await live;
  expect(answer.headers['content-type']).toBe('text/event-stream');
  const events = answer.body.split('\n\n').slice(0, -1);
  expect(events.map((event) => JSON.parse(event.slice('data: '.length)))).toMatchObject([
    { text: 'Tidemark is starting and replaying its log.', active: true },
    { text: 'Tidemark is starting and replaying its log.', active: false },
    { text: expect.stringContaining('shutting down'), active: true },
  ]);
});

test('the seventeenth listener is sent away', async () => {
  const { app, context } = startApi();
  for (let i = 0; i < 16; i++) {
    expect(
      context.notifications.subscribe(
        () => {},
        () => {},
      ),
    ).toBeDefined();
  }
  expect((await app.inject('/api/v1/notifications/live')).statusCode).toBe(204);
});

test('self_metrics: families as data, chosen by a whole-name pattern', async () => {
  const api = startApi();
  await api.app.inject('/-/healthy');
  const all = (await get(api, '/api/v1/status/self_metrics')) as { data: { name: string }[] };
  const names = all.data.map(({ name }) => name);
  expect(names).toEqual([...names].sort());
  const url = '/api/v1/status/self_metrics?metric_name_pattern=';
  expect(await get(api, `${url}tidemark_ready`)).toEqual(
    data([
      {
        name: 'tidemark_ready',
        help: '1 once the log has been replayed.',
        type: 'GAUGE',
        metric: [{ gauge: { value: 1 } }],
      },
    ]),
  );
  expect(await get(api, `${url}tidemark_read`)).toEqual(data([]));
  const durations = await get(api, `${url}.*duration.*`);
  expect(durations).toMatchObject({
    data: [
      {
        type: 'HISTOGRAM',
        metric: expect.arrayContaining([
          {
            label: expect.arrayContaining([{ name: 'route', value: '/-/healthy' }]),
            histogram: {
              sampleCount: '1',
              sampleSum: expect.any(Number),
              bucket: expect.arrayContaining([
                { cumulativeCount: expect.any(String), upperBound: expect.any(Number) },
              ]),
            },
          },
        ]),
      },
    ],
  });
  expect((await api.app.inject(`${url}(`)).statusCode).toBe(400);
});

test('healthy and ready take HEAD', async () => {
  const api = startApi();
  for (const url of ['/-/healthy', '/-/ready']) {
    const answer = await api.app.inject({ method: 'HEAD', url });
    expect([answer.statusCode, answer.body]).toEqual([200, '']);
  }
  const starting = startApi({ starting: true });
  const answer = await starting.app.inject({ method: 'HEAD', url: '/-/ready' });
  expect(answer.statusCode).toBe(503);
});

test('quit and reload are 403 unless enabled, and never GET', async () => {
  const off = startApi();
  for (const url of ['/-/quit', '/-/reload']) {
    const answer = await off.app.inject({ method: 'POST', url });
    expect([answer.statusCode, answer.body]).toEqual([403, 'Lifecycle API is not enabled.\n']);
    expect((await off.app.inject(url)).statusCode).toBe(405);
  }
  const on = startApi({ settings: { 'web.enable-lifecycle': true } });
  expect((await on.app.inject({ method: 'PUT', url: '/-/reload' })).statusCode).toBe(200);
  expect((await on.app.inject({ method: 'PUT', url: '/-/quit' })).statusCode).toBe(200);
  const foreign = { origin: 'https://evil.example' };
  const answer = await on.app.inject({ method: 'POST', url: '/-/quit', headers: foreign });
  expect(answer.statusCode).toBe(403);
});
