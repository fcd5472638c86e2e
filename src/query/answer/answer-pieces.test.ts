import { expect, test } from 'vitest';
import { labelsFromObject } from '../../model/labels.ts';
import type { QueryValue } from '../../promql/eval/interface.ts';
import {
  newStepSeries,
  type StepSeries,
  setFloat,
  setHistogram,
} from '../../promql/eval/step-series.ts';
import { FloatHistogram } from '../../promql/histogram/float-histogram.ts';
import { type Answer, answerPieces } from './answer-pieces.ts';
import { PIECE_BYTES } from './byte-pieces.ts';

const NOTHING_BESIDE = { stats: undefined, trace: undefined, warnings: [], infos: [] } as const;

const newBytes = (): Uint8Array => new Uint8Array(PIECE_BYTES);

function pieces(value: QueryValue, beside: Partial<Answer> = {}): Uint8Array[] {
  const generator = answerPieces({ value, ...NOTHING_BESIDE, ...beside }, newBytes);
  const list: Uint8Array[] = [];
  for (;;) {
    const { value: piece, done } = generator.next();
    list.push(piece);
    if (done === true) return list;
  }
}

function text(value: QueryValue, beside: Partial<Answer> = {}): string {
  return Buffer.concat(pieces(value, beside)).toString();
}

function floats(labels: Record<string, string>, ...values: (number | undefined)[]): StepSeries {
  const series = newStepSeries(labelsFromObject(labels), values.length);
  values.forEach((value, i) => {
    if (value !== undefined) setFloat(series, i, value);
  });
  return series;
}

const HISTOGRAM = new FloatHistogram({
  schema: 0,
  zeroThreshold: 0.001,
  zeroCount: 2,
  count: 9,
  sum: 18.5,
  positiveSpans: [{ offset: 0, length: 2 }],
  positiveBuckets: [3, 4],
});
const HISTOGRAM_JSON =
  '{"count":"9","sum":"18.5","buckets":[[3,"-0.001","0.001","2"],[0,"0.5","1","3"],[0,"1","2","4"]]}';

test('scalar, string and empty results', () => {
  expect(text({ type: 'scalar', t: 1000, value: 1e-7 })).toContain('[1,"0.0000001"]');
  expect(text({ type: 'scalar', t: 1_500, value: -0 })).toBe(
    '{"status":"success","data":{"resultType":"scalar","result":[1.5,"-0"]}}',
  );
  expect(text({ type: 'string', t: 2000, value: 'ä"\n' })).toBe(
    '{"status":"success","data":{"resultType":"string","result":[2,"ä\\"\\n"]}}',
  );
  expect(text({ type: 'vector', t: 0, series: [] })).toBe(
    '{"status":"success","data":{"resultType":"vector","result":[]}}',
  );
});

test('a vector of floats and histograms, in its order', () => {
  const histogram = newStepSeries(labelsFromObject({ a: '2' }), 1);
  setHistogram(histogram, 0, HISTOGRAM);
  const series = [floats({ __name__: 'm', b: 'ü' }, 1e-7), histogram, floats({}, Number.NaN)];
  expect(JSON.stringify(JSON.parse(text({ type: 'vector', t: 1, series })).data.result)).toBe(
    `[{"metric":{"__name__":"m","b":"ü"},"value":[0.001,"1e-07"]},{"metric":{"a":"2"},"histogram":[0.001,${HISTOGRAM_JSON}]},{"metric":{},"value":[0.001,"NaN"]}]`,
  );
});

test('a matrix leaves out steps and keys without points', () => {
  const mixed = floats({ a: '1' }, 1, undefined, undefined);
  setHistogram(mixed, 2, HISTOGRAM);
  const onlyHistograms = newStepSeries(labelsFromObject({ a: '2' }), 3);
  setHistogram(onlyHistograms, 1, HISTOGRAM);
  const steps = { startT: 1000, stepMs: 500, count: 3 };
  expect(text({ type: 'steps', steps, series: [mixed, onlyHistograms] })).toBe(
    `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"1"},"values":[[1,"1"]],"histograms":[[2,${HISTOGRAM_JSON}]]},{"metric":{"a":"2"},"histograms":[[1.500,${HISTOGRAM_JSON}]]}]}}`,
  );
});

test('labels are escaped less than other texts', () => {
  const answer = text(
    { type: 'vector', t: 0, series: [floats({ a: '<&>\f' }, 1)] },
    { warnings: ['"<"', 'w'], infos: ['\u2028'] },
  );
  expect(answer).toContain('"metric":{"a":"<&>\\u000c"}');
  expect(answer).toContain('"warnings":["\\"\\u003c\\"","w"],"infos":["\\u2028"]}');
});

test('samples at times of their own', () => {
  const series = [
    {
      labels: labelsFromObject({ a: '1' }),
      dropName: false,
      t: Float64Array.of(1, 2, 3000),
      values: Float64Array.of(1, 0, Number.POSITIVE_INFINITY),
      histograms: [undefined, HISTOGRAM, undefined],
    },
  ];
  expect(text({ type: 'points', series })).toBe(
    `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"1"},"values":[[0.001,"1"],[3,"+Inf"]],"histograms":[[0.002,${HISTOGRAM_JSON}]]}]}}`,
  );
});

test('what stands beside the result, in order', () => {
  const samples = {
    totalQueryableSamples: 3,
    samplesRead: 2,
    peakSamples: 1,
    totalQueryableSamplesPerStep: Float64Array.of(1, 2),
    samplesReadPerStep: Float64Array.of(1, 1),
  };
  const stats = {
    evaluationMs: 1,
    sortMs: 2,
    preparationMs: 3,
    innerEvaluationMs: 4,
    queuedMs: 5,
    totalMs: 6,
    steps: { startT: 1500, stepMs: 500, count: 2 },
    samples,
  };
  const beside = { stats, trace: () => ({ name: 'query' }), warnings: ['w'], infos: ['i'] };
  expect(text({ type: 'scalar', t: 0, value: 1 }, beside)).toBe(
    '{"status":"success","data":{"resultType":"scalar","result":[0,"1"],"stats":{"timings":{"evalTotalTime":0.001,"resultSortTime":0.002,"queryPreparationTime":0.003,"innerEvalTime":0.004,"execQueueTime":0.005,"execTotalTime":0.006},"samples":{"totalQueryableSamplesPerStep":[[1.5,1],[2,2]],"totalQueryableSamples":3,"samplesReadPerStep":[[1.5,1],[2,1]],"samplesRead":2,"peakSamples":1}},"trace":{"name":"query"}},"warnings":["w"],"infos":["i"]}',
  );
});

test('long answers come in pieces that make one text', () => {
  const count = 11_000;
  const values = Array.from({ length: count }, (_, i) => Math.sqrt(i));
  const names = Array.from({ length: 12 }, (_, i) => `${'ß'.repeat(5000)}${i}`);
  const series = names.map((name) => floats({ name }, ...values));
  const steps = { startT: 0, stepMs: 1000, count };
  const list = pieces({ type: 'steps', steps, series });
  expect(list.length).toBeGreaterThan(3);
  for (const piece of list) expect(piece.length).toBeLessThanOrEqual(PIECE_BYTES);
  const { data } = JSON.parse(Buffer.concat(list).toString());
  expect(data.result.map(({ metric }: { metric: { name: string } }) => metric.name)).toEqual(names);
  expect(data.result[11].values.map(([, v]: [number, string]) => Number(v))).toEqual(values);
});

test('one long series leaves in pieces as it is written', () => {
  const count = 200_000;
  const t = Float64Array.from({ length: count }, (_, i) => i);
  const series = [{ labels: [], dropName: false, t, values: t, histograms: undefined }];
  const generator = answerPieces(
    { value: { type: 'points', series }, ...NOTHING_BESIDE },
    newBytes,
  );
  expect(generator.next().done).toBe(false);
});
