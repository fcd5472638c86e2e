import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FUZZ, hostileBytes } from '../../../test/support/arbitraries.ts';
import {
  type Collected,
  smallSeriesTable,
  takeCollected,
} from '../../../test/support/collected.ts';
import { type Label, METRIC_NAME, printLabels } from '../../model/labels.ts';
import { RowCollector } from '../row-collector.ts';
import { TextFormatDecoder } from './decoder.ts';

const NOW = 1_700_000_000_000;

/** Of all runs: some meet series that are known, some do not. */
const tables = { text: smallSeriesTable(), openMetrics: smallSeriesTable() };

function decode(
  bytes: Uint8Array,
  { isOpenMetrics = false, pieceBytes = bytes.length, isFresh = false } = {},
): Collected {
  const collector = new RowCollector();
  const decoder = new TextFormatDecoder(collector, 300, {
    isOpenMetrics,
    now: NOW,
    seriesTable: isFresh ? smallSeriesTable() : tables[isOpenMetrics ? 'openMetrics' : 'text'],
  });
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    decoder.push(bytes.subarray(at, at + pieceBytes));
  }
  decoder.end();
  return takeCollected(collector);
}

const name = fc.oneof(
  fc.constantFrom('up', 'a_total', 'le', 'x:y'),
  fc.string({ minLength: 1, maxLength: 6, unit: 'grapheme' }),
);
const text = fc.oneof(fc.constantFrom('', 'a', '"\\\n', '} 1', 'é'), fc.string({ maxLength: 8 }));
const sample = fc.record({
  metric: name,
  labels: fc.uniqueArray(fc.record({ name, value: text }), {
    maxLength: 3,
    selector: (label) => label.name,
  }),
  value: fc.double(),
  t: fc.option(fc.integer({ min: 2 ** 31, max: 2 ** 45 }), { nil: undefined }),
});

function escaped(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

function printNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return Object.is(value, -0) ? '-0' : String(value);
}

it('reads what is written by the book, names of any characters included', () => {
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 6 }), (samples) => {
      const lines = samples.map(({ metric, labels, value, t }) => {
        const pairs = labels.map((label) => `${escaped(label.name)}=${escaped(label.value)}`);
        const time = t === undefined ? '' : ` ${t}`;
        return `{${[escaped(metric), ...pairs].join(',')}} ${printNumber(value)}${time}\n`;
      });
      const expected = samples.map(({ metric, labels, value, t }) => {
        const all: Label[] = [{ name: METRIC_NAME, value: metric }, ...labels];
        return `${printLabels(all)} ${value} ${t ?? NOW}`;
      });
      const bytes = Buffer.from(lines.concat(lines).join(''));
      const { samples: read, problems } = decode(bytes);
      expect(problems).toEqual([]);
      expect(read).toEqual(expected.concat(expected));
    }),
    { numRuns: 2000, seed: FUZZ.seed },
  );
});

const SEEDS = [
  '# HELP a_total b\\n\n# TYPE a_total counter\na_total{x="y",z="\\"\\\\"} 1.5 1700000000001\n',
  'up 1\nup{a="b"} 2 1700000000\r\n{"a b","c"="d"} 0x1\nup{a="b"} NaN # c\n',
  '# TYPE h histogram\nh_bucket{le="1"} 1 5.25 # {t="u"} 0.5 1.5\nh_created 3\n# EOF\n',
].map((seed) => Buffer.from(seed));

it('reads any bytes the same, in pieces of any size and whatever it has seen before', () => {
  fc.assert(
    fc.property(
      hostileBytes(SEEDS),
      fc.boolean(),
      fc.integer({ min: 1, max: 40 }),
      (bytes, isOpenMetrics, pieceBytes) => {
        const whole = decode(bytes, { isOpenMetrics, isFresh: true });
        expect(decode(bytes, { isOpenMetrics, pieceBytes })).toEqual(whole);
        expect(decode(bytes, { isOpenMetrics })).toEqual(whole);
      },
    ),
    FUZZ,
  );
});
