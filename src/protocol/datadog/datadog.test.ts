import { describe, expect, it } from 'vitest';
import {
  type Collected,
  smallSeriesTable,
  takeCollected,
} from '../../../test/support/collected.ts';
import type { JsonTemplate } from '../json-templates.ts';
import { ProtobufWriter } from '../protobuf-writer.ts';
import { RowCollector } from '../row-collector.ts';
import type { StreamDecoder } from '../stream-decoder.ts';
import { type DatadogJsonOptions, DatadogV1JsonDecoder, DatadogV2JsonDecoder } from './json.ts';
import { DatadogV2ProtobufDecoder } from './protobuf.ts';
import { sanitizeMetric } from './series.ts';

const NOW = 1_700_000_123_456;

type Decoder = new (collector: RowCollector, options: DatadogJsonOptions) => StreamDecoder;

function decode(Decoder: Decoder, body: unknown, isSanitized = true): Collected {
  const options = {
    isSanitized,
    seriesTable: smallSeriesTable(),
    templates: smallSeriesTable<JsonTemplate>(),
    now: NOW,
  };
  const [first, second] = [1, 2].map(() => {
    const collector = new RowCollector();
    const decoder = new Decoder(collector, options);
    decoder.push(body instanceof Uint8Array ? body : Buffer.from(asText(body)));
    decoder.end();
    return takeCollected(collector);
  });
  // The second time its series are known.
  expect(second).toEqual(first);
  return first!;
}

function asText(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

const v1 = (...series: unknown[]): Collected => decode(DatadogV1JsonDecoder, { series });
const v2 = (...series: unknown[]): Collected => decode(DatadogV2JsonDecoder, { series });

describe('version 1', () => {
  it('reads what the agent sends', () => {
    const series = {
      metric: 'system.load.1',
      points: [
        [1_700_000_000, 0.5],
        [1_700_000_015.5, '0.25'],
      ],
      tags: ['env:prod', 'canary', 'url:http://a:80'],
      host: 'web-1',
      device: 'sda',
      interval: 15,
      type: 'gauge',
      source_type_name: 'System',
    };
    const labels =
      '{"system.load.1", host="web-1", device="sda", env="prod", canary="no_label_value", url="http://a:80"}';
    expect(v1(series)).toEqual({
      samples: [`${labels} 0.5 1700000000000`, `${labels} 0.25 1700000015500`],
      problems: [],
      losses: {},
    });
  });

  it('a tag called host is not the host, of two tags with one name the last counts', () => {
    expect(
      v1({ metric: 'm', points: [[1, 1]], host: 'a', tags: ['host:b', 'x:1', 'x:2', ':y', 'z:'] }),
    ).toMatchObject({ samples: ['m{host="a", exported_host="b", x="2", z=""} 1 1000'] });
  });

  it('points without a time are of now', () => {
    expect(
      v1({
        metric: 'm',
        points: [
          [0, 1],
          [-5, 2],
          [null, 3],
        ],
      }).samples,
    ).toEqual([`m 1 ${NOW}`, `m 2 ${NOW}`, `m 3 ${NOW}`]);
  });
});

describe('version 2', () => {
  const series = {
    metric: 'system.load.1',
    type: 3,
    points: [{ timestamp: 1_700_000_000, value: 0.5 }],
    resources: [
      { name: 'web-1', type: 'host' },
      { name: 'sda', type: 'device' },
    ],
    tags: ['env:prod'],
    source_type_name: 'System',
    unit: 'load',
  };
  const samples = [
    '{"system.load.1", host="web-1", device="sda", env="prod", source_type_name="System"} 0.5 1700000000000',
  ];

  it('reads JSON', () => {
    expect(v2(series)).toEqual({ samples, problems: [], losses: {} });
  });

  it('reads protobuf', () => {
    expect(decode(DatadogV2ProtobufDecoder, encode(series))).toEqual({
      samples,
      problems: [],
      losses: {},
    });
  });

  it('protobuf leaves out what is zero', () => {
    const body = encode({
      ...series,
      points: [{ timestamp: 0, value: 0 }],
      resources: [],
      tags: [],
    });
    expect(decode(DatadogV2ProtobufDecoder, body).samples).toEqual([
      `{"system.load.1", source_type_name="System"} 0 ${NOW}`,
    ]);
  });
});

describe('a series is refused alone', () => {
  const good = { metric: 'm', points: [[1, 1]] };
  it.each([
    [7, 'not an object'],
    [{ points: [[1, 1]] }, 'missing metric name'],
    [{ metric: '', points: [[1, 1]] }, 'missing metric name'],
    [{ metric: {}, points: [[1, 1]] }, 'missing metric name'],
    [{ metric: 'a', points: 7 }, '"points" is not a list'],
    [{ metric: 'a', points: [[1, 1]], tags: 'x:y' }, '"tags" is not a list'],
    [{ metric: 'a', points: [[1, 1]], tags: [['x']] }, '"tags" is not a list of texts'],
    [{ metric: 'a', points: [[1, 'one']] }, 'point 0: bad value'],
    [{ metric: 'a', points: [[1]] }, 'point 0: bad value'],
    [{ metric: 'a', points: [{ timestamp: 1 }] }, 'point 0: bad value'],
    [{ metric: 'a', points: [7] }, 'point 0: bad value'],
    [{ metric: 'a', points: [[1e300, 1]] }, 'point 0: bad timestamp'],
  ])('%j', (series, message) => {
    expect(v1(good, series, good)).toMatchObject({
      samples: ['m 1 1000', 'm 1 1000'],
      problems: [`2: ${message}`],
    });
  });

  it('and of its points the good ones are kept', () => {
    expect(
      v1({
        metric: 'm',
        points: [
          [1, 1],
          [2, 'x'],
          [3, null],
          [4, 4],
        ],
      }),
    ).toEqual({
      samples: ['m 1 1000', 'm 4 4000'],
      problems: ['1: point 1: bad value'],
      losses: { nan_dropped: 1 },
    });
  });

  it('in protobuf for a text that is not UTF-8', () => {
    const bad = Buffer.from(encode({ metric: 'mX', points: [{ timestamp: 1, value: 1 }] }));
    bad[bad.indexOf('X')] = 0xff;
    const whole = Buffer.concat([
      bad,
      encode({ metric: 'm', points: [{ timestamp: 1, value: 1 }] }),
    ]);
    expect(decode(DatadogV2ProtobufDecoder, whole)).toMatchObject({
      samples: ['m 1 1000'],
      problems: ['1: a text is not valid UTF-8'],
    });
  });
});

it.each(['', '[]', '7', '{"series":[{]}', '{"series":[]} x'])(
  '%j is refused as a whole',
  (body) => {
    for (const Decoder of [DatadogV1JsonDecoder, DatadogV2JsonDecoder]) {
      expect(() => decode(Decoder, body)).toThrow(
        expect.objectContaining({ code: 'JSON_MALFORMED' }),
      );
    }
  },
);

it.each(['{}', '{"series":null}', '{"series":[]}', '{"other":[{}]}'])(
  '%j holds nothing',
  (body) => {
    expect(decode(DatadogV1JsonDecoder, body)).toEqual({ samples: [], problems: [], losses: {} });
  },
);

it('counts what the model cannot hold', () => {
  const body = '{"series":[{"metric":"m","points":[[1.0001,9007199254740993]]}]}';
  expect(decode(DatadogV1JsonDecoder, body).losses).toEqual({
    integer_rounded: 1,
    time_below_millisecond: 1,
  });
});

it.each([
  ['dd.m-x', 'dd.m_x'],
  ['a  b__c', 'a_b_c'],
  ['a_.b._c_._d', 'a.b.c.d'],
  ['système', 'syst_me'],
  ['-', '_'],
])('%s is written %s', (name, written) => {
  expect(sanitizeMetric(name)).toBe(written);
  expect(
    decode(DatadogV1JsonDecoder, { series: [{ metric: name, points: [[1, 1]] }] }, false)
      .samples[0],
  ).toContain(name);
});

interface SeriesV2 {
  readonly metric: string;
  readonly points: readonly { readonly timestamp: number; readonly value: number }[];
  readonly resources?: readonly { readonly type: string; readonly name: string }[];
  readonly tags?: readonly string[];
  readonly source_type_name?: string;
}

/** One series as the agent writes it. */
function encode(series: SeriesV2): Uint8Array {
  const writer = new ProtobufWriter();
  const whole = writer.beginMessage(1);
  for (const { type, name } of series.resources ?? []) {
    const resource = writer.beginMessage(1);
    writer.string(1, type);
    writer.string(2, name);
    writer.endMessage(resource);
  }
  writer.string(2, series.metric);
  for (const tag of series.tags ?? []) writer.string(3, tag);
  for (const { timestamp, value } of series.points) {
    const point = writer.beginMessage(4);
    if (value !== 0) writer.double(1, value);
    if (timestamp !== 0) writer.uint(2, timestamp);
    writer.endMessage(point);
  }
  if (series.source_type_name) writer.string(7, series.source_type_name);
  writer.endMessage(whole);
  return writer.finish();
}
