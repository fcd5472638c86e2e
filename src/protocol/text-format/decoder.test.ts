import { describe, expect, it } from 'vitest';
import {
  type Collected,
  smallSeriesTable,
  takeCollected,
} from '../../../test/support/collected.ts';
import { printLabels } from '../../model/labels.ts';
import { RowCollector } from '../row-collector.ts';
import { TextFormatDecoder } from './decoder.ts';

const NOW = 1_700_000_123_456;
const MAX_LINE_BYTES = 200;

function collect(text: string | Uint8Array, isOpenMetrics = false): RowCollector {
  const collector = new RowCollector();
  const decoder = new TextFormatDecoder(collector, MAX_LINE_BYTES, {
    isOpenMetrics,
    now: NOW,
    seriesTable: smallSeriesTable(),
  });
  decoder.push(Buffer.from(text as string));
  decoder.end();
  return collector;
}

const decode = (text: string | Uint8Array, isOpenMetrics = false): Collected =>
  takeCollected(collect(text, isOpenMetrics));

const LINES: readonly (readonly [line: string, sample: string])[] = [
  ['up 1', `up 1 ${NOW}`],
  ['up 1\r', `up 1 ${NOW}`],
  ['up\t1\t', `up 1 ${NOW}`],
  ['  up   1   1700000000001  ', 'up 1 1700000000001'],
  ['up 1 1700000000001', 'up 1 1700000000001'],
  ['up -1.5e3 1700000000001', 'up -1500 1700000000001'],
  ['up +Inf 1700000000001', 'up Infinity 1700000000001'],
  ['up -inf', `up -Infinity ${NOW}`],
  ['up Infinity', `up Infinity ${NOW}`],
  ['up NaN', `up NaN ${NOW}`],
  ['up .5', `up 0.5 ${NOW}`],
  ['up 0.1234567890123456789', `up 0.12345678901234568 ${NOW}`],
  // Seconds, as some write them.
  ['up 1 1700000000', 'up 1 1700000000000'],
  ['up 1 1700000000.5', 'up 1 1700000000500'],
  ['up 1 2147483647', 'up 1 2147483647000'],
  ['up 1 2147483648', 'up 1 2147483648'],
  ['up 1 -5', 'up 1 -5000'],
  ['up 1 -3000000000', 'up 1 -3000000000'],
  ['up 1 0', `up 1 ${NOW}`],
  ['up 1 1.7e12', 'up 1 1700000000000'],
  ['up 1 # a comment', `up 1 ${NOW}`],
  ['up 1 1700000000001#x', 'up 1 1700000000001'],
  ['up 1 # {trace_id="a"} 0.5 1700000000', `up 1 ${NOW}`],
  ['up{} 1', `up 1 ${NOW}`],
  ['up{a="b"} 1', `up{a="b"} 1 ${NOW}`],
  ['up{a="b"}1', `up{a="b"} 1 ${NOW}`],
  ['up {a="b"} 1', `up{a="b"} 1 ${NOW}`],
  ['up{ a = "b" , c="d", } 1', `up{a="b", c="d"} 1 ${NOW}`],
  ['up{a="}{ #,=",b=""} 1', `up{a="}{ #,=", b=""} 1 ${NOW}`],
  [String.raw`up{a="\\\"\n\t\q"} 1`, `up{a="\\\\\\"\\n\\\\t\\\\q"} 1 ${NOW}`],
  ['up{a.b="c"} 1', `up{"a.b"="c"} 1 ${NOW}`],
  ['a.b 1', `{"a.b"} 1 ${NOW}`],
  ['größe{ü="é"} 1', `{"größe", "ü"="é"} 1 ${NOW}`],
  ['{"a.b"} 1', `{"a.b"} 1 ${NOW}`],
  ['{"a b","c d"="e",f="g"} 1', `{"a b", "c d"="e", f="g"} 1 ${NOW}`],
  ['{f="g", "a b"} 1', `{"a b", f="g"} 1 ${NOW}`],
  [String.raw`{"a\"b"} 1`, `{"a\\"b"} 1 ${NOW}`],
  ['up{="b"} 1', `up 1 ${NOW}`],
];

describe('a line', () => {
  it.each(LINES)('%j', (line, sample) => {
    expect(decode(line)).toEqual({ samples: [sample], problems: [], losses: {} });
    // The second time the series is known: read in one pass, if it is plain.
    expect(decode(`${line}\n${line}\n`).samples).toEqual([sample, sample]);
  });

  it.each([
    ['up', 'no value: "up"'],
    ['up ', 'no value: "up "'],
    ['up # 1', 'no value: "up # 1"'],
    ['up one', 'bad value "one"'],
    ['up 1x', 'bad value "1x"'],
    ['up 0x10', 'bad value "0x10"'],
    ['up 1_000', 'bad value "1_000"'],
    ['up 1 now', 'bad timestamp "now"'],
    ['up 1 1 1', 'bad timestamp "1 1"'],
    ['up 1 1e300', 'bad timestamp "1e300"'],
    ['up a b', 'bad value "a"'],
    ['a b{c="d"} 1', 'bad value "b{c=\\"d\\"}"'],
    ['up{a="b" 1', 'no closing brace: "up{a=\\"b\\" 1"'],
    ['up{a="b} 1', 'no closing brace: "up{a=\\"b} 1"'],
    ['up{a="b\\"} 1', 'no closing brace: "up{a=\\"b\\\\\\"} 1"'],
    ['up{a} 1', 'label without a value: "a"'],
    ['up{a=} 1', 'value of label "a" is not quoted'],
    ['up{a=b} 1', 'value of label "a" is not quoted'],
    ['up{a="b"c="d"} 1', 'no comma before "c=\\"d\\""'],
    ['up{,} 1', 'label without a value: ","'],
    ['up{"b"} 1', 'two metric names: up and b'],
    ['{"a","b"} 1', 'two metric names: a and b'],
    ['{a="b"} 1', 'no metric name'],
    ['{} 1', 'no metric name'],
    ['{""} 1', 'no metric name'],
    [`up{a="${'x'.repeat(200)}"} 1`, `longer than ${MAX_LINE_BYTES} bytes`],
    ['# TYPE up countr', 'unknown type: "# TYPE up countr"'],
    ['# TYPE', 'no metric name after TYPE'],
    ['# HELP ', 'no metric name after HELP'],
  ])('%j is refused alone', (line, problem) => {
    const { samples, problems } = decode(`a 1 1\n${line}\nb 1 1`);
    expect(problems).toEqual([`2: ${problem}`]);
    expect(samples).toEqual(['a 1 1000', 'b 1 1000']);
  });

  it('that is not UTF-8 is refused', () => {
    const { problems } = decode(Buffer.from('ö 1\nup{a="ö"} 1\n{"ö"} 1\n# HELP ö x\n', 'latin1'));
    expect(problems).toEqual([1, 2, 3, 4].map((line) => `${line}: not valid UTF-8`));
  });

  it('loses what the model cannot hold, and says so', () => {
    const text = 'a 9007199254740993 1700000000\na 9007199254740993 1700000000\na 1 1.0005\n';
    expect(decode(text + text).losses).toEqual({ integer_rounded: 4, time_below_millisecond: 2 });
  });
});

describe('metadata', () => {
  const metadata = (text: string, isOpenMetrics = false): unknown =>
    collect(text, isOpenMetrics).take().metadata;

  it('of a family is put together from its lines, wherever they are', () => {
    const text = [
      '# HELP a_total How\\n"many"\\\\.',
      '# TYPE a_total counter',
      'a_total 1',
      '#\tTYPE b untyped',
      '# UNIT a_total bytes',
      '# HELP b ',
    ].join('\n');
    expect(metadata(text)).toEqual([
      { metric: 'a_total', type: 'counter', help: 'How\n"many"\\.', unit: 'bytes' },
      { metric: 'b', type: 'unknown', help: '', unit: '' },
    ]);
  });

  it('has names of any characters', () => {
    expect(metadata('# TYPE "a b" gauge\n# HELP "a b" c  d\n')).toEqual([
      { metric: 'a b', type: 'gauge', help: 'c  d', unit: '' },
    ]);
  });

  it('is not in other comments', () => {
    expect(metadata('#HELP a b\n# help a b\n# \n#\n## TYPE a gauge\n')).toEqual([]);
  });

  it('of very many families does not wait for the end', () => {
    const text = Array.from({ length: 10_050 }, (_, i) => `# TYPE m${i} gauge\n`).join('');
    expect(metadata(text)).toHaveLength(10_050);
  });
});

describe('OpenMetrics', () => {
  it('has timestamps in seconds, whatever they are', () => {
    const text = 'a 1 0\na 2 1700000000001\na 3 1.5\n# EOF\n';
    expect(decode(text, true)).toEqual({
      samples: ['a 1 0', 'a 2 1700000000001000', 'a 3 1500'],
      problems: [],
      losses: {},
    });
  });

  it('has nothing after its end', () => {
    const { samples, problems } = decode('a 1\n# EOF\n\na 2\n# HELP a x\n', true);
    expect(samples).toEqual([`a 1 ${NOW}`]);
    expect(problems).toEqual(['4: data after # EOF', '5: data after # EOF']);
  });

  it.each([
    ['a 1 5 # {trace_id="x",b="y"} 0.5 1.25', { trace_id: 'x', b: 'y' }, 0.5, 1250],
    ['a 1 5 # {} +Inf', {}, Number.POSITIVE_INFINITY, 5000],
    ['a 1 # {t="}#{"} 2', { t: '}#{' }, 2, NOW],
    ['a{b="c # d"} 1 5 #{t="x"}2 3', { t: 'x' }, 2, 3000],
  ])('%j has an exemplar', (line, labels, value, t) => {
    const [series] = collect(`${line}\n# EOF\n`, true).take().series;
    const [exemplar, ...more] = series!.exemplars;
    expect(more).toEqual([]);
    expect(exemplar).toEqual({
      labels: Object.entries(labels).map(([name, text]) => ({ name, value: text })),
      value,
      t,
    });
    expect(series!.samples).toMatchObject({ length: 1, v: Float64Array.of(1) });
  });

  it.each([
    ['a 1 # x', 'exemplar without labels: "# x"'],
    ['a 1 # {a="b"', 'exemplar without labels: "# {a=\\"b\\""'],
    ['a 1 # {a="b"}', 'exemplar: bad value ""'],
    ['a 1 # {a="b"} x', 'exemplar: bad value "x"'],
    ['a 1 # {a="b"} 1 x', 'exemplar: bad timestamp "x"'],
    ['a 1 # {a="b"} 1 1 1', 'exemplar: bad timestamp "1 1"'],
    ['a 1 # {"a"} 1', 'exemplar: label without a value: a'],
    ['a 1 # {a} 1', 'exemplar: label without a value: "a"'],
  ])('%j is refused', (line, problem) => {
    expect(decode(line, true)).toEqual({ samples: [], problems: [`1: ${problem}`], losses: {} });
  });

  it('has start times, which also stay series', () => {
    const text = [
      '# TYPE a counter',
      'a_total{x="1"} 5 100 # {t="u"} 1 99',
      'a_created{x="1"} 50.5',
      'a_total{x="2"} 6 100',
      '# TYPE h histogram',
      'h_created{x="1"} 40',
      'h_bucket{x="1",le="1"} 1 100',
      'h_bucket{x="1",le="+Inf"} 2 100',
      'h_sum{x="1"} 3 100',
      'h_bucket{x="2",le="+Inf"} 2 100',
      '# TYPE s summary',
      's{quantile="0.5"} 1 100',
      's_count 9 100',
      's_created 30',
      // Names alone say nothing.
      '# TYPE g gauge',
      'g_total 1 100',
      'g_created 20',
      '# EOF',
    ].join('\n');
    const { series, rows } = collect(text, true).take();
    const started = series.filter(({ samples }) => samples.startT !== undefined);
    const starts = started.map(({ labels, samples, exemplars }) => [
      printLabels(labels),
      samples.startT?.[0],
      exemplars.length,
    ]);
    expect(starts).toEqual([
      ['a_total{x="1"}', 50_500, 1],
      ['h_bucket{x="1", le="1"}', 40_000, 0],
      ['h_bucket{x="1", le="+Inf"}', 40_000, 0],
      ['h_sum{x="1"}', 40_000, 0],
      ['s{quantile="0.5"}', 30_000, 0],
      ['s_count', 30_000, 0],
    ]);
    const others = [
      ...series.filter(({ samples }) => samples.startT === undefined),
      ...rows!.series.slice(0, rows!.length),
    ];
    expect(others.map((one) => printLabels(one!.labels)).sort()).toEqual([
      'a_created{x="1"}',
      'a_total{x="2"}',
      'g_created',
      'g_total',
      'h_bucket{x="2", le="+Inf"}',
      'h_created{x="1"}',
      's_created',
    ]);
  });
});
