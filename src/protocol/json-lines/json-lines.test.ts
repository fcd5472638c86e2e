import { describe, expect, it } from 'vitest';
import { bitsOf, columnsOf } from '../../../test/support/arbitraries.ts';
import type { Labels } from '../../model/labels.ts';
import { rawFloat64 } from '../../model/native-histogram.ts';
import { floatColumns, type SampleColumns } from '../../model/sample.ts';
import { isStaleAt, setStaleAt } from '../../model/stale.ts';
import type { BatchSeries } from '../../storage/interface.ts';
import { type CollectedProblems, RowCollector } from '../row-collector.ts';
import { decodeJsonLine, JsonLinesDecoder } from './decode.ts';
import { encodeJsonLines, JsonLinesEncoder, type JsonLinesOptions } from './encode.ts';

const LABELS: Labels = [
  { name: '__name__', value: 'm' },
  { name: 'l', value: 'v' },
];

function lines(samples: SampleColumns, options?: JsonLinesOptions): string {
  return [...encodeJsonLines(LABELS, samples, [], options)].join('');
}

/** Values 1.5, -0, ±Inf, an ordinary NaN, another NaN and the stale marker at 1, 2, … */
function specials(): SampleColumns {
  const v = Float64Array.of(1.5, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0);
  const halves = new Uint32Array(v.buffer);
  halves.set([1, 0x7ff8_0000, 0xabcd, 0xfff0_0000], 8);
  setStaleAt(v, 6);
  return floatColumns(Float64Array.of(1, 2, 3, 4, 5, 6, 7), v);
}

function decoded(text: string): SampleColumns {
  const series = decodeJsonLine(Buffer.from(text));
  if (typeof series === 'string') throw new Error(series);
  return series.samples;
}

describe('encodeJsonLines', () => {
  it('writes every bit pattern without loss', () => {
    const text = lines(specials());
    expect(text).toBe(
      '{"metric":{"__name__":"m","l":"v"},"values":[1.5,-0,"+Inf","-Inf","NaN",' +
        '"NaN:fff000000000abcd","NaN:7ff0000000000002"],"timestamps":[1,2,3,4,5,6,7]}\n',
    );
    expect(bitsOf(decoded(text))).toEqual(bitsOf(specials()));
  });

  it('writes the plain form as VictoriaMetrics does', () => {
    expect(lines(specials(), { plain: true })).toBe(
      '{"metric":{"__name__":"m","l":"v"},"values":[1.5,-0,"Infinity","-Infinity",null,null],' +
        '"timestamps":[1,2,3,4,5,6]}\n',
    );
    expect(lines(specials(), { plain: true, includeStale: true })).toContain('null,null,null]');
  });

  it('leaves histograms out of the plain form', () => {
    const histogram = {
      kind: 'integer',
      resetHint: 2,
      schema: 3,
      zeroThreshold: 0.5,
      sum: rawFloat64(18.4),
      positiveSpans: [{ offset: -1, length: 2 }],
      negativeSpans: [],
      customValues: [],
      count: 2n ** 60n,
      zeroCount: 0n,
      positiveCounts: [1n, 2n ** 60n - 1n],
      negativeCounts: [],
    } as const;
    const samples = columnsOf([{ t: 5, raw: { low: 0, high: 0 }, startT: 3, histogram }]);
    expect(lines(samples, { plain: true })).toBe('');
    const text = lines(samples);
    expect(text).toBe(
      '{"metric":{"__name__":"m","l":"v"},"values":[],"timestamps":[],"histograms":[{' +
        '"kind":"integer","count":"1152921504606846976","zeroCount":"0","sum":18.4,"schema":3,' +
        '"zeroThreshold":0.5,"resetHint":"no","positiveSpans":[[-1,2]],' +
        '"positiveCounts":["1","1152921504606846975"]}],' +
        '"histogramTimestamps":[5],"histogramStartTimestamps":[3]}\n',
    );
    expect(bitsOf(decoded(text))).toEqual(bitsOf(samples));
  });

  it('writes a series of several runs as it does one of one run', () => {
    const samples = specials();
    const whole = [...encodeJsonLines(LABELS, samples, [])];
    const encoder = new JsonLinesEncoder();
    const parts: string[] = [];
    encoder.begin(LABELS);
    for (let i = 0; i < samples.length; i++) {
      const run = floatColumns(samples.t.slice(i, i + 1), samples.v.slice(i, i + 1));
      parts.push(...encoder.add(run));
    }
    parts.push(...encoder.end([]));
    expect(parts).toEqual(whole);
    expect(encoder.written).toEqual({ floats: 7, histograms: 0, exemplars: 0 });
  });

  it('closes a line after so many rows or bytes', () => {
    const length = 200_000;
    const t = Float64Array.from({ length }, (_, i) => i);
    const samples = floatColumns(
      t,
      Float64Array.from({ length }, (_, i) => i / 7),
    );
    const all = [...encodeJsonLines(LABELS, samples, [])];
    expect(all.length).toBeGreaterThan(3);
    for (const line of all) expect(line.length).toBeLessThan(1.2 * 2 ** 20);
    expect([...encodeJsonLines(LABELS, samples, [], { maxRowsPerLine: 60_000 })]).toHaveLength(7);
    const { series } = decodeAll([all.join('')]);
    expect(series.reduce((sum, part) => sum + part.samples.length, 0)).toBe(length);
  });
});

describe('decodeJsonLine', () => {
  it.each<[string, number]>([
    ['"Infinity"', Number.POSITIVE_INFINITY],
    ['"+Infinity"', Number.POSITIVE_INFINITY],
    ['"Inf"', Number.POSITIVE_INFINITY],
    ['"-Infinity"', Number.NEGATIVE_INFINITY],
    ['1e-7', 1e-7],
    ['-0', -0],
  ])('reads the value %s', (json, want) => {
    expect(decoded(`{"metric":{},"values":[${json}],"timestamps":[1]}`).v[0]).toBe(want);
  });

  it('reads null as the ordinary NaN, which is no stale marker', () => {
    const { v } = decoded('{"metric":{},"values":[null,"nan","NaN"],"timestamps":[1,2,3]}');
    const bits = new BigUint64Array(v.buffer);
    expect([...bits].map((one) => one.toString(16))).toEqual(Array(3).fill('7ff8000000000001'));
    expect(isStaleAt(v, 0)).toBe(false);
  });

  it('keeps a label called __proto__', () => {
    const series = decodeJsonLine(
      Buffer.from('{"metric":{"__proto__":"x"},"values":[1],"timestamps":[1]}'),
    );
    expect(series).toMatchObject({ labels: [{ name: '__proto__', value: 'x' }] });
  });

  const line = (fields: string): string => `{"metric":{"a":"b"},${fields}}`;
  const histogram = (fields: string): string =>
    line(`"histogramTimestamps":[1],"histograms":[{${fields}}]`);
  const SOUND = '"kind":"integer","count":"1","zeroCount":"0","sum":1,"schema":0';

  it('reads the histogram that the refusals below are made of', () => {
    expect(decoded(histogram(SOUND)).histograms).toHaveLength(1);
  });

  it.each<[string, string, RegExp]>([
    ['no JSON', '{"metric"', /not valid JSON/],
    ['no object', '[]', /not a JSON object/],
    ['no metric', '{"values":[1],"timestamps":[1]}', /metric/],
    ['a label that is no string', '{"metric":{"a":1},"values":[1],"timestamps":[1]}', /metric/],
    [
      'lists of unequal length',
      line('"values":[1,2],"timestamps":[1]'),
      /2 "values", but 1 "timestamps"/,
    ],
    ['values that are no list', line('"values":{},"timestamps":[1]'), /"values" is not a list/],
    ['a broken time', line('"values":[1],"timestamps":[1.5]'), /whole milliseconds/],
    ['a time past all times', line('"values":[1],"timestamps":[1e16]'), /whole milliseconds/],
    ['a time that is a string', line('"values":[1],"timestamps":["1"]'), /whole milliseconds/],
    ['an unknown word', line('"values":[1,"one"],"timestamps":[1,2]'), /"values"\[1\]/],
    [
      'hex bits of no NaN',
      line('"values":["NaN:3ff0000000000000"],"timestamps":[1]'),
      /"values"\[0\]/,
    ],
    [
      'hex bits of an infinity',
      line('"values":["NaN:7ff0000000000000"],"timestamps":[1]'),
      /"values"\[0\]/,
    ],
    [
      'too few start times',
      line('"values":[1],"timestamps":[1],"startTimestamps":[]'),
      /startTimestamps/,
    ],
    ['exemplars without time', line('"exemplars":[{"labels":{},"value":1}]'), /exemplars/],
    ['a histogram without kind', histogram(SOUND.slice(17)), /kind/],
    ['an integer count of 1.5', histogram(SOUND.replace('"1"', '1.5')), /counts/],
    ['a count of 65 bits', histogram(SOUND.replace('"1"', `"${2n ** 64n}"`)), /counts/],
    ['a broken span', histogram(`${SOUND},"positiveSpans":[[1]]`), /spans/],
    ['an unknown hint', histogram(`${SOUND},"resetHint":"maybe"`), /resetHint/],
    ['a broken schema', histogram(SOUND.replace('"schema":0', '"schema":0.5')), /schema/],
    ['deep nesting', `{"metric":${'['.repeat(100_000)}`, /nested/],
  ])('refuses %s', (_name, text, why) => {
    expect(decodeJsonLine(Buffer.from(text))).toMatch(why);
  });

  it('is not deceived by brackets in strings', () => {
    const text = `{"metric":{"a":"${'[{'.repeat(50)}\\""},"values":[],"timestamps":[]}`;
    expect(typeof decodeJsonLine(Buffer.from(text))).toBe('object');
  });

  it('refuses bytes that are not UTF-8', () => {
    const bytes = Buffer.from('{"metric":{"a":"é"},"values":[1],"timestamps":[1]}', 'latin1');
    expect(decodeJsonLine(bytes)).toMatch(/UTF-8/);
  });
});

describe('JsonLinesDecoder', () => {
  const GOOD = '{"metric":{"a":"b"},"values":[1],"timestamps":[1]}';

  it('reports bad lines by number and keeps the good ones', () => {
    const { series, problems } = decodeAll([`${GOOD}\r\n\nbroken\n${GOOD}\n{}\n${GOOD}`]);
    expect(series).toHaveLength(3);
    expect(problems.badLines).toBe(2);
    expect(problems.listed.map(({ line }) => line)).toEqual([3, 5]);
  });

  it('passes over a line that is too long', () => {
    const pieces = [GOOD, ' \n', `${GOOD}\n`, 'x'.repeat(500), 'x', `\n${GOOD}\n`, GOOD, 'x'];
    const { series, problems } = decodeAll(pieces, GOOD.length);
    expect(series).toHaveLength(2);
    expect(problems.listed.map(({ line }) => line)).toEqual([1, 3, 5]);
    expect(problems.listed[0]!.message).toContain(`longer than ${GOOD.length} bytes`);
  });

  it('reads metadata, and refuses what is none', () => {
    const metadata = { metric: 'm', type: 'counter', help: 'Some "help".', unit: 'bytes' } as const;
    const text = [...new JsonLinesEncoder().start([metadata])].join('');
    expect(text).toBe(`{"metadata":${JSON.stringify(metadata)}}\n`);
    const collector = new RowCollector();
    const decoder = new JsonLinesDecoder(collector);
    decoder.push(Buffer.from(`${text}{"metadata":{"metric":"n","type":"gauge"}}\n`));
    decoder.push(Buffer.from('{"metadata":[]}\n{"metadata":{"metric":"o","type":"speed"}}\n'));
    decoder.push(Buffer.from('{"metadata":{"type":"gauge"}}\n'));
    decoder.end();
    expect(collector.take().metadata).toEqual([
      metadata,
      { metric: 'n', type: 'gauge', help: '', unit: '' },
    ]);
    expect(collector.takeProblems().listed.map(({ line }) => line)).toEqual([3, 4, 5]);
    expect([...new JsonLinesEncoder({ plain: true }).start([metadata])]).toEqual([]);
  });

  it('lets the caller reuse the buffer of a piece', () => {
    const collector = new RowCollector();
    const decoder = new JsonLinesDecoder(collector);
    const piece = Buffer.from(GOOD);
    decoder.push(piece.subarray(0, 20));
    const rest = Buffer.from(piece.subarray(20));
    piece.fill(0);
    decoder.push(rest);
    decoder.end();
    expect(collector.take().series).toHaveLength(1);
  });
});

function decodeAll(
  pieces: readonly string[],
  maxLineBytes?: number,
): { readonly series: readonly BatchSeries[]; readonly problems: CollectedProblems } {
  const collector = new RowCollector();
  const decoder = new JsonLinesDecoder(collector, maxLineBytes);
  for (const piece of pieces) decoder.push(Buffer.from(piece));
  decoder.end();
  return { series: collector.take().series, problems: collector.takeProblems() };
}
