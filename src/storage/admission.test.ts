import { describe, expect, test } from 'vitest';
import type { Exemplar } from '../model/exemplar.ts';
import type { Label } from '../model/labels.ts';
import { labelsFromObject } from '../model/labels.ts';
import type { IntegerHistogram, NativeHistogram } from '../model/native-histogram.ts';
import { rawFloat64 } from '../model/native-histogram.ts';
import type { SampleColumns } from '../model/sample.ts';
import { floatColumns } from '../model/sample.ts';
import { isStaleAt, setStaleAt } from '../model/stale.ts';
import { MAX_TIME } from '../model/time-range.ts';
import { admitLabels, admitSeries, DEFAULT_LIMITS } from './admission.ts';
import type { BatchSeries } from './interface.ts';

const NOW = 1_700_000_000_000;
const NAME: Label = { name: '__name__', value: 'up' };
const limits = { ...DEFAULT_LIMITS, maxLabels: 5, maxLabelNameBytes: 10, maxLabelValueBytes: 20 };

function floats(...t: number[]): SampleColumns {
  return floatColumns(Float64Array.from(t), Float64Array.from(t.keys()));
}

function series(parts: Partial<BatchSeries>): BatchSeries {
  return { labels: [NAME], samples: floats(NOW), exemplars: [], ...parts };
}

const histogram: IntegerHistogram = {
  kind: 'integer',
  resetHint: 0,
  schema: 0,
  zeroThreshold: 0,
  zeroCount: 0n,
  count: 3n,
  sum: rawFloat64(3),
  positiveSpans: [{ offset: 0, length: 2 }],
  negativeSpans: [],
  positiveCounts: [1n, 2n],
  negativeCounts: [],
  customValues: [],
};

function histograms(...rows: (NativeHistogram | undefined)[]): SampleColumns {
  return { ...floats(...rows.map((_, i) => NOW + i)), histograms: rows };
}

describe('labels', () => {
  const refused: [string, string, Label[]][] = [
    ['no metric name', 'missing_metric_name', [{ name: 'a', value: 'b' }]],
    ['an empty metric name', 'missing_metric_name', [{ name: '__name__', value: '' }]],
    ['an empty label name', 'invalid_label_name', [NAME, { name: '', value: 'b' }]],
    [
      'a duplicate',
      'duplicate_label',
      [{ name: 'a', value: '1' }, NAME, { name: 'a', value: '1' }],
    ],
    [
      'half a surrogate pair in a name',
      'invalid_label_name',
      [NAME, { name: '\ud800', value: 'b' }],
    ],
    [
      'half a surrogate pair in a value',
      'invalid_label_value',
      [NAME, { name: 'a', value: '\udc00' }],
    ],
    [
      'too many',
      'too_many_labels',
      [NAME, ...['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, value: 'x' }))],
    ],
    ['a long name', 'label_name_too_long', [NAME, { name: 'é'.repeat(6), value: 'x' }]],
    ['a long value', 'label_value_too_long', [NAME, { name: 'a', value: 'x'.repeat(21) }]],
  ];
  test.each(refused)('%s is refused', (_case, reason, labels) => {
    expect(admitLabels(labels, limits)).toMatchObject({ reason });
  });

  test('are sorted by UTF-8 bytes and lose empty values, which count for nothing', () => {
    const given = [
      { name: '\u{1f600}', value: '1' },
      { name: '\uffee', value: '2' },
      NAME,
      { name: 'empty', value: '' },
      { name: 'empty', value: '' },
      { name: 'z', value: '3' },
    ];
    const labels = admitLabels(given, limits);
    expect(labels).toEqual([NAME, given[5], given[1], given[0]]);
  });

  test('at the limits are accepted', () => {
    const labels = [NAME, ...['a', 'b', 'c'].map((name) => ({ name, value: 'x' }))];
    labels.push({ name: 'é'.repeat(5), value: 'x'.repeat(20) });
    expect(admitLabels(labels, limits)).toEqual(labels);
    const ascii = labels.slice(0, 4);
    expect(admitLabels(ascii, limits)).toBe(ascii);
    expect(admitLabels([{ name: '__name__', value: 'my metric ☃' }], limits)).toHaveLength(1);
  });

  test('a refused series counts all it held', () => {
    const samples = histograms(histogram, undefined, histogram);
    const exemplars: Exemplar[] = [{ labels: [], value: 1, t: NOW }];
    const admitted = admitSeries(series({ labels: [], samples, exemplars }), limits, NOW);
    expect(admitted).toMatchObject({ labels: [], samples: { length: 0 }, exemplars: [] });
    expect(admitted.rejections).toEqual([
      expect.objectContaining({
        reason: 'missing_metric_name',
        samples: 1,
        histograms: 2,
        exemplars: 1,
      }),
    ]);
  });

  test('a message names the limit and the value, and stays short', () => {
    const labels = [NAME, { name: 'a', value: 'x'.repeat(1_000_000) }];
    const [rejection] = admitSeries(series({ labels }), limits, NOW).rejections;
    expect(rejection!.message).toBe('value of label "a" has 1000000 bytes, at most 20');
    expect(rejection!.series.length).toBeLessThan(1000);
  });
});

describe('times', () => {
  const { maxFutureMs, retentionMs } = DEFAULT_LIMITS;
  const refused: [string, string, number][] = [
    ['the future', 'too_far_in_future', NOW + maxFutureMs + 1],
    ['before retention', 'outside_retention', NOW - retentionMs - 1],
    ['a fraction', 'invalid_timestamp', NOW + 0.5],
    ['NaN', 'invalid_timestamp', Number.NaN],
    ['infinity', 'invalid_timestamp', Number.POSITIVE_INFINITY],
    ['beyond dates', 'invalid_timestamp', MAX_TIME + 1],
  ];
  test.each(refused)('%s is refused', (_case, reason, t) => {
    const admitted = admitSeries(series({ samples: floats(NOW, t, t, NOW - 5) }), limits, NOW);
    expect([...admitted.samples.t]).toEqual([NOW, NOW - 5]);
    expect([...admitted.samples.v]).toEqual([0, 3]);
    expect(admitted.rejections).toEqual([
      expect.objectContaining({ reason, series: 'up', samples: 2, histograms: 0, exemplars: 0 }),
    ]);
  });

  test('the bounds themselves are inside, and all accepted means nothing is copied', () => {
    const samples = floats(NOW + maxFutureMs, NOW - retentionMs);
    const admitted = admitSeries(series({ samples }), limits, NOW);
    expect(admitted.rejections).toEqual([]);
    expect(admitted.samples.t).toBe(samples.t);
    expect(admitted.samples.length).toBe(2);
  });

  test('retention 0 keeps everything', () => {
    const samples = floats(-1, 0);
    expect(
      admitSeries(series({ samples }), { ...limits, retentionMs: 0 }, NOW).samples.length,
    ).toBe(2);
  });

  test('rows past the length are not looked at', () => {
    const samples = { ...floats(NOW, Number.NaN), length: 1 };
    expect(admitSeries(series({ samples }), limits, NOW).rejections).toEqual([]);
  });

  test('the bits of a value survive a refusal beside it', () => {
    const samples = floats(Number.NaN, NOW, Number.NaN);
    setStaleAt(samples.v, 1);
    const admitted = admitSeries(series({ samples }), limits, NOW);
    expect(admitted.samples.length).toBe(1);
    expect(isStaleAt(admitted.samples.v, 0)).toBe(true);
  });

  test('an impossible start timestamp becomes unset', () => {
    const startT = Float64Array.of(NOW - 1, Number.NaN, 0.5, NOW + 1e9);
    const samples = { ...floats(NOW, NOW, NOW, NOW), startT };
    const admitted = admitSeries(series({ samples }), limits, NOW);
    expect([...admitted.samples.startT!]).toEqual([NOW - 1, 0, 0, NOW + 1e9]);
    expect(admitted.rejections).toEqual([]);
  });

  test('a series with nothing in it is refused, one with exemplars is not', () => {
    const empty = admitSeries(series({ samples: floats() }), limits, NOW);
    expect(empty.rejections).toEqual([expect.objectContaining({ reason: 'empty_series' })]);
    const exemplars: Exemplar[] = [{ labels: [], value: 1, t: NOW }];
    const admitted = admitSeries(series({ samples: floats(), exemplars }), limits, NOW);
    expect(admitted.rejections).toEqual([]);
    expect(admitted.exemplars).toEqual(exemplars);
  });
});

describe('histograms', () => {
  test('an invalid one is refused, its neighbours stay', () => {
    const bad = { ...histogram, count: 4n };
    const admitted = admitSeries(
      series({ samples: histograms(histogram, bad, undefined) }),
      limits,
      NOW,
    );
    expect(admitted.samples.histograms).toEqual([histogram, undefined]);
    expect([...admitted.samples.t]).toEqual([NOW, NOW + 2]);
    expect(admitted.rejections).toEqual([
      expect.objectContaining({ reason: 'invalid_histogram', samples: 0, histograms: 1 }),
    ]);
  });

  test('a resolution finer than 8 is reduced', () => {
    const fine = { ...histogram, schema: 10 };
    const samples = histograms(fine, histogram);
    const admitted = admitSeries(series({ samples }), limits, NOW);
    expect(admitted.rejections).toEqual([]);
    expect(admitted.samples.histograms![0]).toMatchObject({ schema: 8, count: 3n });
    expect(admitted.samples.histograms![1]).toBe(histogram);
    expect(samples.histograms![0]).toBe(fine);
  });
});

describe('exemplars', () => {
  const exemplar = (labels: Record<string, string>, t = NOW): Exemplar => ({
    labels: labelsFromObject(labels),
    value: 1,
    t,
  });
  const admit = (...exemplars: Exemplar[]) => admitSeries(series({ exemplars }), limits, NOW);

  test('no labels, 128 characters and odd values are accepted', () => {
    const given = [
      exemplar({}),
      exemplar({ ab: 'é'.repeat(126) }),
      { ...exemplar({}), value: NaN },
    ];
    expect(admit(...given)).toMatchObject({ exemplars: given, rejections: [] });
    expect(admit(exemplar({ a: '\u{1f600}'.repeat(127) })).rejections).toEqual([]);
  });

  const refused: [string, Exemplar][] = [
    ['129 characters', exemplar({ ab: 'x'.repeat(127) })],
    ['the future', exemplar({}, NOW + 600_001)],
    ['before retention', exemplar({}, 0)],
    ['a fraction of a ms', exemplar({}, NOW + 0.5)],
    ['an empty label name', exemplar({ '': 'x' })],
    ['a duplicate', { ...exemplar({}), labels: [NAME, NAME] }],
  ];
  test.each(refused)('%s is refused, the rest is kept', (_case, bad) => {
    const good = exemplar({ trace_id: '1' });
    const admitted = admit(bad, good);
    expect(admitted.exemplars).toEqual([good]);
    expect(admitted.samples.length).toBe(1);
    expect(admitted.rejections).toEqual([
      expect.objectContaining({ reason: 'invalid_exemplar', samples: 0, exemplars: 1 }),
    ]);
  });
});
