import { describe, expect, it } from 'vitest';
import {
  type Collected,
  smallSeriesTable,
  takeCollected,
} from '../../../test/support/collected.ts';
import type { JsonTemplate } from '../json-templates.ts';
import { RowCollector } from '../row-collector.ts';
import { OpentsdbPutDecoder, type PutError } from './put-json.ts';

interface Put extends Collected {
  readonly points: number;
  readonly failed: number;
  readonly errors: readonly PutError[];
}

function put(body: unknown, isStrict = false): Put {
  const tables = { names: smallSeriesTable(), templates: smallSeriesTable<JsonTemplate>() };
  const [first, second] = [1, 2].map((): Put => {
    const collector = new RowCollector();
    const decoder = new OpentsdbPutDecoder(collector, { isStrict }, tables);
    decoder.push(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
    decoder.end();
    const { points, failed, errors } = decoder;
    return { ...takeCollected(collector), points, failed, errors };
  });
  // The second time its points are known.
  expect(second).toEqual(first);
  return first!;
}

const POINT = { metric: 'sys.cpu', timestamp: 1_700_000_000, value: 1.5, tags: { host: 'a' } };
const SAMPLE = '{"sys.cpu", host="a"} 1.5 1700000000000';

describe('a body', () => {
  it('is a point, or a list of them', () => {
    const nothingWrong = { problems: [], losses: {}, failed: 0, errors: [] };
    expect(put(POINT)).toEqual({ samples: [SAMPLE], points: 1, ...nothingWrong });
    expect(put([POINT, POINT])).toEqual({ samples: [SAMPLE, SAMPLE], points: 2, ...nothingWrong });
    expect(put(`\n ${JSON.stringify(POINT)} `).samples).toEqual([SAMPLE]);
  });

  it.each([
    ['', 'Missing request content'],
    ['[]', 'No datapoints found in content'],
    ['7', 'The JSON must start as an object or an array'],
    ['"metric"', 'The JSON must start as an object or an array'],
  ])('%j is refused as a whole', (body, message) => {
    expect(() => put(body)).toThrow(expect.objectContaining({ code: 'OPENTSDB_REQUEST', message }));
  });

  it.each(['{', '[{}', '[{},]', `${JSON.stringify(POINT)} x`, '{"metric":"a" "value":1}'])(
    '%j is no JSON',
    (body) => {
      expect(() => put(body)).toThrow(expect.objectContaining({ code: 'JSON_MALFORMED' }));
    },
  );
});

it('takes nothing for the numbers of a known point but numbers of JSON', () => {
  const tables = { names: smallSeriesTable(), templates: smallSeriesTable<JsonTemplate>() };
  const body = '{"metric":"a","timestamp":1,"value":2}';
  const push = (text: string): string[] => {
    const collector = new RowCollector();
    new OpentsdbPutDecoder(collector, { isStrict: false }, tables).push(Buffer.from(text));
    return takeCollected(collector).samples;
  };
  expect(push(`[${body},${body}]`)).toEqual(['a 2 1000', 'a 2 1000']);
  expect(tables.names.size + tables.templates.size).toBe(1);
  for (const value of ['\0', '+2', '02', '2.', '.2', '2e', '-', '', '2 3', '2"']) {
    for (const text of [body.replace('2', value), `[${body},${body.replace('2', value)}]`]) {
      expect(() => push(text), text).toThrow(expect.objectContaining({ code: 'JSON_MALFORMED' }));
    }
  }
});

describe('a point', () => {
  it.each([
    [{ value: '-12.5' }, '{"sys.cpu", host="a"} -12.5 1700000000000'],
    [{ value: 42 }, '{"sys.cpu", host="a"} 42 1700000000000'],
    [{ timestamp: '1700000001' }, '{"sys.cpu", host="a"} 1.5 1700000001000'],
    [{ timestamp: 1_700_000_000_123 }, '{"sys.cpu", host="a"} 1.5 1700000000123'],
    [{ timestamp: 1_700_000_000.5 }, '{"sys.cpu", host="a"} 1.5 1700000000500'],
    [{ tags: { host: 1, up: true } }, '{"sys.cpu", host="1", up="true"} 1.5 1700000000000'],
    [{ tags: { host: '', '': 'x', dc: null } }, '{"sys.cpu"} 1.5 1700000000000'],
    [{ tags: {} }, '{"sys.cpu"} 1.5 1700000000000'],
    [{ tags: undefined }, '{"sys.cpu"} 1.5 1700000000000'],
    [{ extra: [{ deep: 1 }] }, SAMPLE],
  ])('with %j', (change, sample) => {
    expect(put({ ...POINT, ...change })).toMatchObject({ samples: [sample], failed: 0 });
  });

  it.each([
    [{ metric: '' }, 'Metric name was empty'],
    [{ metric: undefined }, 'Metric name was empty'],
    [{ metric: ['a'] }, 'Metric name was empty'],
    [{ timestamp: undefined }, 'Invalid timestamp'],
    [{ timestamp: 0 }, 'Invalid timestamp'],
    [{ timestamp: -1 }, 'Invalid timestamp'],
    [{ timestamp: 'now' }, 'Invalid timestamp'],
    [{ timestamp: [1] }, 'Invalid timestamp'],
    [{ timestamp: 1e300 }, 'Invalid timestamp'],
    [{ value: undefined }, 'Empty value'],
    [{ value: '' }, 'Empty value'],
    [{ value: null }, 'Empty value'],
    [{ value: {} }, 'Empty value'],
    [{ value: 'one' }, 'Unable to parse value to a number'],
    [{ value: true }, 'Unable to parse value to a number'],
    [{ value: 'NaN' }, 'value is NaN or Infinite: NaN'],
    [{ value: '-Infinity' }, 'value is NaN or Infinite: -Infinity'],
    [{ tags: 'host=a' }, 'Missing tags'],
    [{ tags: { host: ['a'] } }, 'Missing tags'],
  ])('with %j is refused alone', (change, error) => {
    const result = put([POINT, { ...POINT, ...change }, POINT]);
    expect(result).toMatchObject({
      samples: [SAMPLE, SAMPLE],
      problems: [`2: ${error}`],
      points: 3,
      failed: 1,
      errors: [{ error, datapoint: expect.anything() }],
    });
  });

  it.each([
    [null, 'Unexpected null datapoint encountered in set.'],
    [7, 'Unexpected datapoint encountered in set.'],
    [[POINT], 'Unexpected datapoint encountered in set.'],
  ])('in whose place is %j', (point, error) => {
    expect(put([POINT, point])).toMatchObject({
      samples: [SAMPLE],
      errors: [{ error, datapoint: null }],
    });
  });

  it('is shown as far as it could be read', () => {
    expect(put([{ metric: 'a', value: 'x', timestamp: 5, tags: { b: 'c' } }]).errors).toEqual([
      {
        error: 'Unable to parse value to a number',
        datapoint: { metric: 'a', timestamp: '5', value: 'x', tags: new Map([['b', 'c']]) },
      },
    ]);
  });

  it('is refused as OpenTSDB does, if told to', () => {
    const points = [
      { ...POINT, tags: {} },
      { ...POINT, metric: 'a b' },
      { ...POINT, tags: { host: '' } },
      POINT,
    ];
    expect(put(points, true)).toMatchObject({
      samples: [SAMPLE],
      problems: [
        '1: Missing tags',
        '2: Invalid metric name ("a b"): illegal character:  ',
        '3: Invalid tag value with key [host]: empty string',
      ],
    });
  });

  it('of which the model cannot hold everything is counted', () => {
    const body = JSON.stringify(POINT)
      .replace('1.5', '9007199254740993')
      .replace('000,', '000.0001,');
    expect(put(body).losses).toEqual({ integer_rounded: 1, time_below_millisecond: 1 });
  });
});
