import { describe, expect, it } from 'vitest';
import { type Collected, takeCollected } from '../../../test/support/collected.ts';
import type { RowSeries } from '../../storage/rows.ts';
import { RowCollector } from '../row-collector.ts';
import { SeriesTable } from '../series-table.ts';
import { CsvDecoder } from './decoder.ts';
import { parseCsvColumns } from './import-columns.ts';

const NOW = 1_700_000_123_456;

function decode(format: string, text: string | Uint8Array): Collected {
  const columns = parseCsvColumns(format);
  if (typeof columns === 'string') throw new Error(columns);
  const collector = new RowCollector();
  const decoder = new CsvDecoder(collector, 100, {
    columns,
    now: NOW,
    seriesTable: new SeriesTable<readonly RowSeries[]>({ maxSeries: 4, maxKeyBytes: 1000 }),
  });
  decoder.push(Buffer.from(text as string));
  decoder.end();
  return takeCollected(collector);
}

const FORMAT = '2:metric:ask,3:metric:bid,1:label:ticker,4:label:market';

it('reads what VictoriaMetrics documents', () => {
  expect(decode(FORMAT, 'GOOG,1.23,4.56,NYSE\nMSFT,3.21,1.67,NASDAQ\n')).toEqual({
    samples: [
      `ask{ticker="GOOG", market="NYSE"} 1.23 ${NOW}`,
      `bid{ticker="GOOG", market="NYSE"} 4.56 ${NOW}`,
      `ask{ticker="MSFT", market="NASDAQ"} 3.21 ${NOW}`,
      `bid{ticker="MSFT", market="NASDAQ"} 1.67 ${NOW}`,
    ],
    problems: [],
    losses: {},
  });
});

describe('cells', () => {
  it.each<[line: string, ...samples: string[]]>([
    ['a,1,2,b', 'ask{ticker="a", market="b"} 1', 'bid{ticker="a", market="b"} 2'],
    ['a,1,2,b,more,cells', 'ask{ticker="a", market="b"} 1', 'bid{ticker="a", market="b"} 2'],
    ['a,1,2,b\r', 'ask{ticker="a", market="b"} 1', 'bid{ticker="a", market="b"} 2'],
    [',1,2,', 'ask 1', 'bid 2'],
    ['a,,2,b', 'bid{ticker="a", market="b"} 2'],
    ['a,,,b'],
    ['"a","1","2","b"', 'ask{ticker="a", market="b"} 1', 'bid{ticker="a", market="b"} 2'],
    [
      `'a,x',1,2,"b,""y"""`,
      'ask{ticker="a,x", market="b,\\"y\\""} 1',
      'bid{ticker="a,x", market="b,\\"y\\""} 2',
    ],
    [
      `'a''b',1,2,"c'd"`,
      'ask{ticker="a\'b", market="c\'d"} 1',
      'bid{ticker="a\'b", market="c\'d"} 2',
    ],
    ['"",1,2,a"b', 'ask{market="a\\"b"} 1', 'bid{market="a\\"b"} 2'],
    [
      ' a,1e3,-Inf,ü',
      'ask{ticker=" a", market="ü"} 1000',
      'bid{ticker=" a", market="ü"} -Infinity',
    ],
    ['a,NaN,.5,b', 'ask{ticker="a", market="b"} NaN', 'bid{ticker="a", market="b"} 0.5'],
  ])('%j', (line, ...samples) => {
    const all = samples.map((sample) => `${sample} ${NOW}`);
    expect(decode(FORMAT, `${line}\n${line}\n`)).toEqual({
      samples: [...all, ...all],
      problems: [],
      losses: {},
    });
  });

  it.each([
    ['a,1,2', '3 cells, want at least 4'],
    ['a', '1 cells, want at least 4'],
    ['a,x,2,b', 'bad value of ask: "x"'],
    ['a,1, 2,b', 'bad value of bid: " 2"'],
    ['a,1,2 ,b', 'bad value of bid: "2 "'],
    ['"a,1,2,b', 'quotes of cell 1 are not closed'],
    ['a,1,2,"b""', 'quotes of cell 4 are not closed'],
    ['"a"b,1,2,c', 'no comma behind the quotes of cell 1'],
    ['x'.repeat(101), 'longer than 100 bytes'],
  ])('%j is refused as a line', (line, problem) => {
    const { samples, problems } = decode(FORMAT, `g,1,2,g\n${line}\nh,3,4,h\n`);
    expect(problems).toEqual([`2: ${problem}`]);
    expect(samples).toHaveLength(4);
  });

  it('that are not UTF-8 are refused', () => {
    const { problems } = decode(FORMAT, Buffer.from('a,1,2,b\nö,1,2,b\n', 'latin1'));
    expect(problems).toEqual(['2: label ticker is not valid UTF-8']);
  });
});

describe('a first line', () => {
  it.each([
    ['ticker,ask,bid,market', 0],
    ['ticker,1,bid,market', 0],
    ['ticker,ask', 0],
    ['\ufefftime,ask,bid', 0],
    ['a,1,2,b', 2],
    ['\ufeffa,1,2,b', 2],
  ])('%j is a header or data', (line, count) => {
    const { samples, problems } = decode(FORMAT, `${line}\ng,1,2,g\n`);
    expect(problems).toEqual([]);
    expect(samples).toHaveLength(count + 2);
    expect(samples.join()).not.toContain('\ufeff');
  });

  it('that is too short to tell is refused, as is a second one like a header', () => {
    expect(decode(FORMAT, 'ticker,,\na,1,2,b\nticker,ask,bid,market\n').problems).toEqual([
      '1: 3 cells, want at least 4',
      '3: bad value of ask: "ask"',
    ]);
  });

  it('with a time that is none is a header', () => {
    expect(decode('1:time:unix_s,2:metric:a', 'when,1\n5,2\n').samples).toEqual(['a 2 5000']);
  });
});

describe('times', () => {
  it.each<[format: string, text: string, t: number]>([
    ['unix_s', '1700000000', 1_700_000_000_000],
    ['unix_s', '-5', -5000],
    ['unix_ms', '1700000000123', 1_700_000_000_123],
    ['unix_ns', '1700000000123000000', 1_700_000_000_123],
    ['unix_ns', '-1700000000123000000', -1_700_000_000_123],
    ['unix_s', '0', NOW],
    ['unix_s', '', NOW],
    ['rfc3339', '2023-11-14T22:13:20Z', 1_700_000_000_000],
    ['rfc3339', '2023-11-14T23:13:20.5+01:00', 1_700_000_000_500],
    ['custom:2006-01-02 15:04:05', '2023-11-14 22:13:20', 1_700_000_000_000],
    ['custom:02/Jan/2006:15:04:05 -0700', '14/Nov/2023:23:13:20 +0100', 1_700_000_000_000],
    ['custom:Mon, 02 Jan 2006 15:04', '"Tue, 14 Nov 2023 22:13"', 1_699_999_980_000],
  ])('%s %j', (format, text, t) => {
    const line = `1,${text}\n`;
    expect(decode(`1:metric:a,2:time:${format}`, line + line).samples).toEqual([
      `a 1 ${t}`,
      `a 1 ${t}`,
    ]);
  });

  it.each([
    ['unix_s', '1.5'],
    ['unix_s', '1e3'],
    ['unix_s', 'x'],
    ['unix_s', '99999999999999999'],
    ['unix_ns', '17000000001230000x0'],
    ['unix_ns', '99999999999999999999999'],
    ['unix_ns', '-'],
    ['rfc3339', '2023-11-14'],
    ['custom:2006', '23'],
  ])('%s %j is refused', (format, text) => {
    const { problems } = decode(`1:metric:a,2:time:${format}`, `1,\n1,${text}\n`);
    expect(problems).toEqual([`2: bad time ${JSON.stringify(text)}`]);
  });

  it('below a millisecond are cut and counted', () => {
    const text = '1,2,1700000000123456789\n1,2,5\n,,5\n';
    expect(decode('1:metric:a,2:metric:b,3:time:unix_ns', text)).toEqual({
      samples: ['a 1 1700000000123', 'b 2 1700000000123', 'a 1 0', 'b 2 0'],
      problems: [],
      losses: { time_below_millisecond: 4 },
    });
  });
});

describe('a format', () => {
  it.each([
    ['', 'entry 1, "": expected <column>:<type>:<context>'],
    ['1:metric', 'entry 1, "1:metric": expected <column>:<type>:<context>'],
    ['1:label:a', 'no column is a metric'],
    ['0:metric:a', 'entry 1, "0:metric:a": the column must be a number from 1 to 65536'],
    [
      '1:metric:a,65537:label:b',
      'entry 2, "65537:label:b": the column must be a number from 1 to 65536',
    ],
    ['x:metric:a', 'entry 1, "x:metric:a": the column must be a number from 1 to 65536'],
    ['1:metric:a,1:label:b', 'entry 2, "1:label:b": column 1 is named twice'],
    ['1:metric:', 'entry 1, "1:metric:": the name is missing'],
    ['1:value:a', 'entry 1, "1:value:a": the type must be time, metric or label'],
    [
      '1:metric:a,2:time:unix',
      'entry 2, "2:time:unix": the format of a time is unix_s, unix_ms, unix_ns, rfc3339 or custom:LAYOUT',
    ],
    [
      '1:metric:a,2:time:unix_s,3:time:unix_s',
      'entry 3, "3:time:unix_s": there can be only one column of time',
    ],
  ])('%j is refused: %s', (format, why) => {
    expect(parseCsvColumns(format)).toBe(why);
  });

  it('may have names with colons, and the same metric twice', () => {
    expect(decode('1:metric:a:b,2:metric:a:b', '1,2\n').samples).toEqual([
      `a:b 1 ${NOW}`,
      `a:b 2 ${NOW}`,
    ]);
  });
});
