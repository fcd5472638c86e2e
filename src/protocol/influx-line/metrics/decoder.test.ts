import { describe, expect, it } from 'vitest';
import { type Collected, takeCollected } from '../../../../test/support/collected.ts';
import { RowCollector } from '../../row-collector.ts';
import { SeriesTable } from '../../series-table.ts';
import type { Precision } from '../timestamp.ts';
import { LineMetricsDecoder } from './decoder.ts';
import type { LineFields } from './line-fields.ts';
import type { FieldNaming } from './options.ts';

const NOW = 1_700_000_123_456;
const MAX_LINE_BYTES = 100;
const NAMING: FieldNaming = { separator: '_', skipsSingleField: false, skipsMeasurement: false };

interface Settings {
  readonly naming?: Partial<FieldNaming>;
  readonly strings?: 'drop' | 'reject' | 'zero';
  readonly precision?: Precision;
}

function decode(text: string | Uint8Array, settings: Settings = {}): Collected {
  const collector = new RowCollector();
  const decoder = new LineMetricsDecoder(collector, MAX_LINE_BYTES, {
    naming: { ...NAMING, ...settings.naming },
    strings: settings.strings ?? 'drop',
    precision: settings.precision,
    now: () => NOW,
    seriesTable: new SeriesTable<LineFields>({ maxSeries: 100, maxKeyBytes: 10_000 }),
  });
  decoder.push(Buffer.from(text as string));
  decoder.end();
  return takeCollected(collector);
}

describe('a line', () => {
  it.each<[line: string, ...samples: string[]]>([
    ['cpu value=1 1700000000000000000', 'cpu_value 1 1700000000000'],
    ['cpu value=1', `cpu_value 1 ${NOW}`],
    ['cpu value=1 ', `cpu_value 1 ${NOW}`],
    ['cpu value=1\r', `cpu_value 1 ${NOW}`],
    ['cpu value=1 0', `cpu_value 1 ${NOW}`],
    ['cpu  value=1  1700000000  ', 'cpu_value 1 1700000000000'],
    ['cpu,host=a,dc=b value=1.5', `cpu_value{host="a", dc="b"} 1.5 ${NOW}`],
    ['cpu,host=a,empty=,=x value=1', `cpu_value{host="a"} 1 ${NOW}`],
    ['cpu, value=1'.replace(', ', ' '), `cpu_value 1 ${NOW}`],
    [
      'cpu a=1,b=2.5,c=-3i,d=4u,e=1e3',
      ...['a', 'b', 'c', 'd', 'e'].map((f, i) => `cpu_${f} ${[1, 2.5, -3, 4, 1000][i]} ${NOW}`),
    ],
    [
      'cpu a=t,b=F,c=true,d=False',
      ...['a', 'b', 'c', 'd'].map((f, i) => `cpu_${f} ${1 - (i % 2)} ${NOW}`),
    ],
    ['cpu a="1.5",b="-2"', `cpu_a 1.5 ${NOW}`, `cpu_b -2 ${NOW}`],
    [
      'cpu a=inf,b=-Inf,c=NaN',
      `cpu_a Infinity ${NOW}`,
      `cpu_b -Infinity ${NOW}`,
      `cpu_c NaN ${NOW}`,
    ],
    [',host=a value=1', `value{host="a"} 1 ${NOW}`],
    [String.raw`c\ p\,u\=,h\ o=a\=b\\ f\ 1\=x=1`, `{"c p,u=_f 1=x", "h o"="a=b\\\\"} 1 ${NOW}`],
    [String.raw`cpu,host=a\b value=1`, `cpu_value{host="a\\\\b"} 1 ${NOW}`],
    ['größe,ü=é wert=1', `{"größe_wert", "ü"="é"} 1 ${NOW}`],
    ['cpu a=1,a=2', `cpu_a 1 ${NOW}`, `cpu_a 2 ${NOW}`],
  ])('%j', (line, ...samples) => {
    expect(decode(line)).toMatchObject({ samples, problems: [] });
    // The second time its series are known: read in one pass, if it is plain.
    expect(decode(`${line}\n${line}\n`).samples).toEqual([...samples, ...samples]);
  });

  it('may have its fields in any order, and lack some', () => {
    const text = 'm a=1,b=2,c=3 1\nm c=4,a=5 2\nm b=6 3\nm d=7,a=8 4\nm c=9,b=10 5\n';
    expect(decode(text).samples).toEqual(
      [
        'a 1 1',
        'b 2 1',
        'c 3 1',
        'c 4 2',
        'a 5 2',
        'b 6 3',
        'd 7 4',
        'a 8 4',
        'c 9 5',
        'b 10 5',
      ].map((sample) => `m_${sample}000`),
    );
  });

  it.each([
    ['cpu', 'no fields: "cpu"'],
    ['cpu ', 'field without a value: ""'],
    ['cpu value', 'field without a value: "value"'],
    ['cpu value=', 'bad value of field value: ""'],
    ['cpu value=x', 'bad value of field value: "x"'],
    ['cpu value=1.5i', 'bad value of field value: "1.5i"'],
    ['cpu value=1ii', 'bad value of field value: "1ii"'],
    ['cpu value=i', 'bad value of field value: "i"'],
    ['cpu value=1e3u', 'bad value of field value: "1e3u"'],
    ['cpu value=1,', 'field without a value: ""'],
    ['cpu value=1,,b=2', 'field without a value: ""'],
    ['cpu =1', 'value without a field: "=1"'],
    ['cpu,host value=1', 'tag without a value: "host"'],
    ['cpu, value=1', 'tag without a value: ""'],
    ['cpu value="a', 'quotes are not closed: "value=\\"a"'],
    ['cpu value="a"b', 'bad value of field value: "\\"a\\"b"'],
    ['cpu value=1 x', 'bad timestamp "x"'],
    ['cpu value=1 1.5', 'bad timestamp "1.5"'],
    ['cpu value=1 1 1', 'bad timestamp "1 1"'],
    ['cpu value=1 -', 'bad timestamp "-"'],
    ['cpu value=1 12345678901234567890', 'bad timestamp "12345678901234567890"'],
    ['POST / HTTP/1.1', 'bad timestamp "HTTP/1.1"'],
    [`cpu value=${'1'.repeat(100)}`, `longer than ${MAX_LINE_BYTES} bytes`],
  ])('%j is refused alone, with all its fields', (line, problem) => {
    const { samples, problems } = decode(`a x=1,value=1 1\n${line}\nb x=1 1`);
    expect(problems).toEqual([`2: ${problem}`]);
    expect(samples).toEqual(['a_x 1 1000', 'a_value 1 1000', 'b_x 1 1000']);
  });

  it('that is wrong in one of its fields has none', () => {
    expect(decode('m a=1,b=x,c=2\n').samples).toEqual([]);
  });

  it('that is not UTF-8 is refused', () => {
    const { problems } = decode(Buffer.from('ö a=1\nm,ö=1 a=1\nm,a=ö a=1\nm ö=1\n', 'latin1'));
    expect(problems).toEqual([1, 2, 3, 4].map((line) => `${line}: not valid UTF-8`));
  });

  it('ends at its line feed, quoted or not', () => {
    expect(decode('m a="x\ny",b=1\nm c=1 1\n')).toMatchObject({
      samples: ['m_c 1 1000'],
      problems: ['1: quotes are not closed: "a=\\"x"', '2: no fields: "y\\",b=1"'],
    });
  });

  it('that is a comment or blank is none', () => {
    expect(decode('# x\n\n#\n')).toEqual({ samples: [], problems: [], losses: {} });
  });
});

describe('texts', () => {
  const text = 'm a="x",b=1,c="",d="y, z=1 \\" q"\n';

  it('are left out and counted', () => {
    expect(decode(text)).toEqual({
      samples: [`m_b 1 ${NOW}`],
      problems: [],
      losses: { string_dropped: 3 },
    });
  });

  it('are 0 on request', () => {
    expect(decode(text, { strings: 'zero' })).toEqual({
      samples: [`m_a 0 ${NOW}`, `m_b 1 ${NOW}`, `m_c 0 ${NOW}`, `m_d 0 ${NOW}`],
      problems: [],
      losses: { string_as_zero: 3 },
    });
  });
});

it('refuses lines with texts on request', () => {
  expect(decode('m a=1\nm a=1,b="x"\nm a="2"\n', { strings: 'reject' })).toEqual({
    samples: [`m_a 1 ${NOW}`, `m_a 2 ${NOW}`],
    problems: ['2: field b is a string'],
    losses: {},
  });
});

describe('times', () => {
  it.each<[precision: Precision | undefined, text: string, t: number]>([
    ['n', '1700000000123000000', 1_700_000_000_123],
    ['n', '1', 0],
    ['n', '-1500000', -1],
    ['u', '1700000000123000', 1_700_000_000_123],
    ['ms', '1700000000123', 1_700_000_000_123],
    ['s', '1700000000', 1_700_000_000_000],
    ['m', '2', 120_000],
    ['h', '2', 7_200_000],
    ['s', '-1', -1000],
    // By digits.
    [undefined, '1700000000', 1_700_000_000_000],
    [undefined, '00001700000000', 1_700_000_000_000],
    [undefined, '99999999999', 99_999_999_999_000],
    [undefined, '100000000000', 100_000_000_000],
    [undefined, '1700000000123', 1_700_000_000_123],
    [undefined, '1700000000123000', 1_700_000_000_123],
    [undefined, '1700000000123000000', 1_700_000_000_123],
  ])('in %s: %s', (precision, text, t) => {
    const settings = precision === undefined ? {} : { precision };
    const line = `m a=1 ${text}\n`;
    expect(decode(line + line, settings).samples).toEqual([`m_a 1 ${t}`, `m_a 1 ${t}`]);
  });

  it.each<[Precision, number]>([
    ['n', NOW],
    ['ms', NOW],
    ['s', 1_700_000_123_000],
    ['m', 1_700_000_100_000],
    ['h', 1_699_999_200_000],
  ])('that are missing are the present in %s', (precision, t) => {
    expect(decode('m a=1', { precision }).samples).toEqual([`m_a 1 ${t}`]);
  });

  it('beyond what they can be are refused', () => {
    const { problems } = decode('m a=1 9007199254740993\n', { precision: 'ms' });
    expect(problems).toEqual(['1: bad timestamp "9007199254740993"']);
    expect(decode('m a=1 99999999999\n', { precision: 'h' }).problems).toHaveLength(1);
  });
});

it('loses what the model cannot hold, and says so', () => {
  const line = 'm a=9007199254740993i,b=1,c=t 1700000000123456789\n';
  expect(decode(line + line).losses).toEqual({
    integer_rounded: 2,
    time_below_millisecond: 6,
    boolean_as_number: 2,
  });
});

describe('names of metrics', () => {
  const text = 'm a=1 1\nm a=1,b=2 1\nm a=1 1\n,x=y a=1 1\n';
  it.each<[naming: Partial<FieldNaming>, names: string]>([
    [{}, 'm_a m_a m_b m_a a'],
    [{ separator: '.' }, 'm.a m.a m.b m.a a'],
    [{ separator: '' }, 'ma ma mb ma a'],
    [{ skipsSingleField: true }, 'm m_a m_b m a'],
    [{ skipsMeasurement: true }, 'a a b a a'],
    // As in VictoriaMetrics: then nothing is left of a single field's name.
    [{ skipsMeasurement: true, skipsSingleField: true }, ' a b  a'],
  ])('%j', (naming, names) => {
    const { samples } = decode(text, { naming });
    const found = samples.map((sample) => /^\{?"?([\w.]*)/.exec(sample)![1]);
    expect(found.join(' ')).toBe(names);
  });
});

it('takes any number of fields and names', () => {
  const collector = new RowCollector();
  const decoder = new LineMetricsDecoder(collector, 1 << 20, {
    naming: NAMING,
    strings: 'drop',
    precision: undefined,
    now: () => NOW,
    seriesTable: new SeriesTable<LineFields>({ maxSeries: 100, maxKeyBytes: 10_000 }),
  });
  const fields = Array.from({ length: 3000 }, (_, i) => `f${i}=${i}`);
  const long = 'x'.repeat(1000);
  const line = `m ${fields.join(',')},${long}=1 1\n`;
  decoder.push(Buffer.from(line + line + line));
  decoder.end();
  const { samples, problems } = takeCollected(collector);
  expect(problems).toEqual([]);
  expect(samples).toHaveLength(3 * 3001);
  expect(samples[2999]).toBe('m_f2999 2999 1000');
  expect(samples.at(-1)).toBe(`m_${long} 1 1000`);
});

it('knows the names of fields when the memory that they came in has other bytes', () => {
  const collector = new RowCollector();
  const decoder = new LineMetricsDecoder(collector, MAX_LINE_BYTES, {
    naming: NAMING,
    strings: 'drop',
    precision: undefined,
    now: () => NOW,
    seriesTable: new SeriesTable<LineFields>({ maxSeries: 100, maxKeyBytes: 10_000 }),
  });
  const received = Buffer.alloc(16);
  for (const field of ['aa', 'bb', 'aa']) {
    received.write(`m,t=1 ${field}=1 1000\n`);
    decoder.push(received);
  }
  decoder.end();
  const { samples } = takeCollected(collector);
  expect(samples).toEqual(['aa', 'bb', 'aa'].map((field) => `m_${field}{t="1"} 1 1000000`));
});
