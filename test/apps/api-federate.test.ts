// /federate: which samples, with which labels, in which format.

import { expect, test } from 'vitest';
import { labelsFromObject } from '../../src/model/labels.ts';
import { type NativeHistogram, ResetHint, rawFloat64 } from '../../src/model/native-histogram.ts';
import { setStaleAt } from '../../src/model/stale.ts';
import type { BatchSeries } from '../../src/storage/interface.ts';
import { series, startApi, type TestApi } from '../support/api.ts';

const NOW = Date.now();
const MINUTE = 60_000;

async function write(api: TestApi, ...batch: BatchSeries[]): Promise<void> {
  await api.storage.database('default')!.write({ series: batch, metadata: [], rejections: [] });
}

function stale(labels: Readonly<Record<string, string>>, t: number): BatchSeries {
  const marked = series(labels, [t - 1000, 1], [t, 0]);
  setStaleAt(marked.samples.v, 1);
  return marked;
}

function histogram(
  labels: Readonly<Record<string, string>>,
  schema: number,
  resetHint: ResetHint = ResetHint.unknown,
): BatchSeries {
  const value: NativeHistogram = {
    kind: 'integer',
    resetHint,
    schema,
    zeroThreshold: schema === -53 ? 0 : 0.001,
    zeroCount: 0n,
    count: 3n,
    sum: rawFloat64(4.5),
    positiveSpans: [{ offset: 0, length: 2 }],
    negativeSpans: [],
    positiveCounts: [1n, 2n],
    negativeCounts: [],
    customValues: schema === -53 ? [1, 2] : [],
  };
  const samples = {
    length: 1,
    t: Float64Array.of(NOW - 1000),
    v: new Float64Array(1),
    startT: undefined,
    histograms: [value],
  };
  return { labels: labelsFromObject(labels), samples, exemplars: [] };
}

async function federate(api: TestApi, query: string, accept?: string): Promise<string> {
  const headers = accept === undefined ? {} : { accept };
  const answer = await api.app.inject({ url: `/federate?${query}`, headers });
  expect(answer.statusCode).toBe(200);
  return answer.body;
}

const ALL = 'match[]={__name__!=""}';

test('the newest sample within the lookback, by name, with an empty instance', async () => {
  const api = startApi();
  await write(
    api,
    series({ __name__: 'up', job: 'a', instance: 'i:1' }, [NOW - 2 * MINUTE, 0], [NOW - 1000, 1]),
    series({ __name__: 'up', job: 'b' }, [NOW - 1000, 2.5]),
    series({ __name__: 'down', job: 'c' }, [NOW - 4 * MINUTE, 3]),
    series({ __name__: 'old' }, [NOW - 6 * MINUTE, 1]),
    series({ job: 'nameless' }, [NOW - 1000, 1]),
    stale({ __name__: 'stale' }, NOW - 1000),
  );
  const expected = [
    '# TYPE down untyped',
    `down{job="c",instance=""} 3 ${NOW - 4 * MINUTE}`,
    '# TYPE up untyped',
    `up{instance="i:1",job="a"} 1 ${NOW - 1000}`,
    `up{job="b",instance=""} 2.5 ${NOW - 1000}`,
    '',
  ].join('\n');
  expect(await federate(api, `${ALL}&match[]={job="nameless"}`)).toBe(expected);
  expect(await federate(api, 'match[]=up&match[]={job=~"a|c"}')).toBe(expected);
  expect(await federate(api, 'match[]=down')).toBe(
    `${expected.split('\n').slice(0, 2).join('\n')}\n`,
  );
  expect(await federate(api, '')).toBe('');
  const prefixed = await api.app.inject('/select/0/prometheus/federate?match[]=up&match[]=down');
  expect(prefixed.body).toBe(expected);
  expect(prefixed.headers['content-type']).toBe(
    'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
  );
});

test('external labels are added where there is none; one called instance replaces the empty one', async () => {
  const api = startApi({
    settings: { 'external-labels': labelsFromObject({ region: 'eu', instance: 'us' }) },
  });
  await write(
    api,
    series({ __name__: 'up', region: 'us' }, [NOW - 1000, 1]),
    series({ __name__: 'up', zone: 'z' }, [NOW - 1000, 1]),
  );
  expect(await federate(api, 'match[]=up')).toBe(
    [
      '# TYPE up untyped',
      `up{region="us",instance="us"} 1 ${NOW - 1000}`,
      `up{zone="z",instance="us",region="eu"} 1 ${NOW - 1000}`,
      '',
    ].join('\n'),
  );
});

test('histograms: custom buckets everywhere, exponential ones in protobuf only', async () => {
  const api = startApi();
  await write(
    api,
    histogram({ __name__: 'custom' }, -53),
    histogram({ __name__: 'exponential' }, 3),
    histogram({ __name__: 'gauge' }, 3, ResetHint.gauge),
    series({ __name__: 'custom', kind: 'float' }, [NOW - 1000, 7]),
  );
  const text = await federate(api, ALL);
  expect(text.split('\n')).toEqual([
    '# TYPE custom histogram',
    `custom_bucket{instance="",le="1"} 1 ${NOW - 1000}`,
    `custom_bucket{instance="",le="2"} 3 ${NOW - 1000}`,
    `custom_bucket{instance="",le="+Inf"} 3 ${NOW - 1000}`,
    `custom_sum{instance=""} 4.5 ${NOW - 1000}`,
    `custom_count{instance=""} 3 ${NOW - 1000}`,
    '# TYPE custom untyped',
    `custom{kind="float",instance=""} 7 ${NOW - 1000}`,
    '',
  ]);
  const open = await federate(api, ALL, 'application/openmetrics-text;version=1.0.0');
  expect(open).toMatch(/^# TYPE custom histogram\n[\s\S]*# TYPE custom unknown\n[\s\S]*\n# EOF\n$/);
  const accept =
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';
  const binary = await federate(api, ALL, accept);
  expect(['custom', 'exponential', 'gauge'].map((name) => binary.includes(name))).toEqual([
    true,
    true,
    true,
  ]);
});

test('a selector that does not parse is 400 in plain text', async () => {
  const answer = await startApi().app.inject('/federate?match[]=up{');
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([
    400,
    'text/plain; charset=utf-8',
  ]);
  expect(answer.body).toBe('1:4: parse error: unexpected end of input inside braces\n');
});
