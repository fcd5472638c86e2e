import { describe, expect, it } from 'vitest';
import {
  type Collected,
  smallSeriesTable,
  takeCollected,
} from '../../../test/support/collected.ts';
import { RowCollector } from '../row-collector.ts';
import { GraphitePlaintextDecoder } from './plaintext.ts';

const NOW = 1_700_000_123_456;
const MAX_LINE_BYTES = 60;

function decode(text: string | Uint8Array, isSanitized = false): Collected {
  const collector = new RowCollector();
  const decoder = new GraphitePlaintextDecoder(collector, MAX_LINE_BYTES, {
    isSanitized,
    seriesTable: smallSeriesTable(),
    now: () => NOW,
  });
  // Twice the same series: read exactly at first, in one pass once it is known.
  decoder.push(Buffer.from(text as string));
  decoder.end();
  return takeCollected(collector);
}

describe('a line', () => {
  it.each([
    ['a.b 1 1700000000', '{"a.b"} 1 1700000000000'],
    ['a.b 1 1700000000\r\n', '{"a.b"} 1 1700000000000'],
    ['up 1.5 1700000000', 'up 1.5 1700000000000'],
    ['up -1.5e3 1700000000', 'up -1500 1700000000000'],
    ['up +2 1700000000', 'up 2 1700000000000'],
    ['up .5 1700000000', 'up 0.5 1700000000000'],
    ['up 5. 1700000000', 'up 5 1700000000000'],
    ['up inf 1700000000', 'up Infinity 1700000000000'],
    ['up -Infinity 1700000000', 'up -Infinity 1700000000000'],
    ['up 0.1234567890123456789 1700000000', 'up 0.12345678901234568 1700000000000'],
    ['\tup \t 1  \t1700000000  ', 'up 1 1700000000000'],
    ['up;job=a;b=c=d 1 1700000000', 'up{job="a", b="c=d"} 1 1700000000000'],
    ['up;b=1;a=2;b=3 1 1700000000', 'up{b="3", a="2"} 1 1700000000000'],
    ['up;empty=;novalue;=noname 1 1700000000', 'up 1 1700000000000'],
    ['a b;c=d e 1 1700000000', '{"a b", c="d e"} 1 1700000000000'],
    ['up 1 1700000000.5', 'up 1 1700000000500'],
    ['up 1 1700000000.123', 'up 1 1700000000123'],
    ['up 1 1700000000.', 'up 1 1700000000000'],
    ['up 1 1.7e9', 'up 1 1700000000000'],
    ['up 1 1700000000123', 'up 1 1700000000123'],
    ['up 1 0', 'up 1 0'],
    ['up 1 -2', 'up 1 -2000'],
    ['up 1', `up 1 ${NOW}`],
    ['up 1 -1', `up 1 ${NOW}`],
    ['up 1 -1.5', `up 1 ${NOW}`],
    ['up 1 N', `up 1 ${NOW}`],
  ])('%j', (line, sample) => {
    expect(decode(line)).toEqual({ samples: [sample], problems: [], losses: {} });
  });

  it.each([
    ['up', 'no value: "up"'],
    ['up one', 'bad value "one"'],
    ['up 1 now', 'bad timestamp "now"'],
    ['up 1 n', 'bad timestamp "n"'],
    ['up 1 nan', 'bad timestamp "nan"'],
    ['up 1 1e400', 'bad timestamp "1e400"'],
    ['up 1e 1700000000', 'bad value "1e"'],
    ['up 1.2.3 1700000000', 'bad value "1.2.3"'],
    ['up 0x10 1700000000', 'bad value "0x10"'],
    ['up 1_000 1700000000', 'bad value "1_000"'],
    ['up - 1700000000', 'bad value "-"'],
    [';job=a 1 1700000000', 'missing metric name'],
    ['x'.repeat(MAX_LINE_BYTES + 1), `longer than ${MAX_LINE_BYTES} bytes`],
  ])('%j is refused', (line, message) => {
    const { samples, problems } = decode(`up 1 1700000000\n${line}\nup 2 1700000001\n`);
    expect(problems).toEqual([`2: ${message}`]);
    expect(samples).toEqual(['up 1 1700000000000', 'up 2 1700000001000']);
  });

  it('that is not UTF-8 is refused', () => {
    const line = Buffer.from('caf\xe9 1 1700000000\nup 1 1700000000', 'latin1');
    expect(decode(line)).toMatchObject({
      samples: ['up 1 1700000000000'],
      problems: ['1: not valid UTF-8'],
    });
  });
});

it('passes over blank lines and counts them', () => {
  expect(decode('\n \t\n\r\nup\n').problems).toEqual(['4: no value: "up"']);
});

it('counts what the model cannot hold', () => {
  const lines = [
    'a 9007199254740993 1700000000',
    'a 9007199254740992 1700000001',
    'a 9007199254740993.0 1700000002',
    'a nan 1700000003',
    'a -NaN 1700000004',
    'a 1 1700000005.1234',
    'a 1 1700000006.1230',
    'a 1 1700000007123.5',
  ];
  for (const text of [lines.join('\n'), [...lines, ...lines].join('\n')]) {
    const times = text.length > lines.join('\n').length ? 2 : 1;
    expect(decode(text).losses).toEqual({
      integer_rounded: times,
      nan_dropped: 2 * times,
      time_below_millisecond: 2 * times,
    });
  }
});

it('replaces characters that classic names do not have, if it is told to', () => {
  expect(decode('a-b..c.d;x-y=p-q 1 1700000000', true).samples).toEqual([
    '{"a_b.c.d", x_y="p-q"} 1 1700000000000',
  ]);
});
