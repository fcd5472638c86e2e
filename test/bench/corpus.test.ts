import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type CorpusSpec,
  LANES,
  laneBodies,
  lanePath,
  readBodyLengths,
  targetAt,
  targetsOfLane,
  tickOffsetMs,
  tickStart,
  unfitSeries,
  writeCorpus,
} from '../../bench/corpus.ts';
import { CLOCK_METRIC, seriesLabels, targetLabels, targetShape } from '../../bench/shape.ts';
import { oneSample } from '../../bench/target-wire.ts';
import { TargetValues } from '../../bench/values.ts';
import { snappyDecode } from '../../src/codec/snappy.ts';
import { printLabels } from '../../src/model/labels.ts';
import { decodeWriteRequestV1, encodeWriteRequestV1 } from '../../src/protocol/remote-write/v1.ts';
import { decodeWriteRequestV2 } from '../../src/protocol/remote-write/v2.ts';

const END_T = 1_763_000_000_123;
// Five targets a lane: bodies of four begin at another target every time, and the last is short.
const SPEC: CorpusSpec = { series: 10_000, ticks: 3, endT: END_T };
const LANE = 2;

/** The lane's samples one by one, made without the wire form. */
function expectedSeries(spec: CorpusSpec, lane: number): ReturnType<typeof oneSample>[] {
  const shape = targetShape();
  const targets = targetsOfLane(spec, lane).map((target) => ({
    target,
    labels: targetLabels(target),
    values: new TargetValues(shape, target),
  }));
  return Array.from({ length: spec.ticks }, (_, tick) => tick).flatMap((tick) =>
    targets.flatMap(({ target, labels, values }) => {
      const t = tickStart(spec, tick) + tickOffsetMs(target);
      const row = values.next(t);
      return shape.map((series, i) => oneSample(seriesLabels(labels, series), t, row[i]!));
    }),
  );
}

describe('bodies of a lane', () => {
  test('are byte for byte what the protocol encoder makes', () => {
    const expected = expectedSeries(SPEC, LANE);
    let at = 0;
    for (const { body, samples } of laneBodies(SPEC, LANE)) {
      const whole = encodeWriteRequestV1({ series: expected.slice(at, at + samples) });
      expect(Buffer.compare(body, whole)).toBe(0);
      at += samples;
    }
    expect(at).toBe(expected.length);
  });

  test('decode to 2,000 series with one sample each', () => {
    const [first] = laneBodies(SPEC, LANE);
    const { series, metadata, rejections } = decodeWriteRequestV1(first!.body);
    expect(series).toHaveLength(2000);
    expect(metadata).toHaveLength(0);
    expect(rejections).toHaveLength(0);
    expect(new Set(series.map(({ labels }) => printLabels(labels))).size).toBe(2000);
    expect(series.every(({ samples }) => samples.length === 1)).toBe(true);
  });

  test('never hold a series twice, and keep the order of time', () => {
    const lastT = new Map<string, number>();
    for (const { body } of laneBodies(SPEC, LANE)) {
      const seen = new Set<string>();
      for (const { labels, samples } of decodeWriteRequestV1(body).series) {
        const key = printLabels(labels);
        expect(seen.has(key)).toBe(false);
        seen.add(key);
        const before = lastT.get(key);
        if (before !== undefined) expect(samples.t[0]).toBe(before + 15_000);
        lastT.set(key, samples.t[0]!);
      }
    }
    const times = [...lastT.values()];
    expect(Math.max(...times)).toBeLessThan(END_T);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(END_T - 15_000);
  });
});

describe('a corpus on disk', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tidemark-corpus-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const read = (lane: number): Buffer => readFileSync(lanePath(folder, lane));
  const digest = (): string[] =>
    Array.from({ length: LANES }, (_, lane) =>
      createHash('sha256').update(read(lane)).digest('hex'),
    );

  test('holds the compressed bodies of all lanes and is the same every time', () => {
    const corpus = writeCorpus(SPEC, folder, () => {});
    expect(corpus.samples).toBe(30_000);
    expect(corpus.bodies).toBe(LANES * 4);

    const bytes = read(LANE);
    let at = 0;
    const bodies = laneBodies(SPEC, LANE);
    for (const length of readBodyLengths(folder, LANE)) {
      const decoded = snappyDecode(bytes.subarray(at, at + length), 2 ** 24);
      expect(Buffer.compare(decoded, bodies.next().value!.body)).toBe(0);
      at += length;
    }
    expect(at).toBe(bytes.length);

    const before = digest();
    expect(new Set(before).size).toBe(LANES);
    expect(writeCorpus(SPEC, folder, () => {})).toEqual(corpus);
    expect(digest()).toEqual(before);
  });

  test('is as heavy as what Prometheus sends', () => {
    const { samples, rawBytes, compressedBytes } = writeCorpus(SPEC, folder, () => {});
    expect(Math.abs(rawBytes / samples - 290)).toBeLessThan(10);
    expect(Math.abs(compressedBytes / samples - 28.7)).toBeLessThan(3);
  });
});

test.each([
  [10_000, true],
  [100_000, true],
  [1_000_000, true],
  [8000, true],
  [6000, false],
  [10_500, false],
])('%i series fit: %s', (series, fits) => {
  expect(unfitSeries(series) === undefined).toBe(fits);
});

describe('other bodies', () => {
  const batchesOf = (spec: CorpusSpec, lane: number) =>
    Array.from(laneBodies(spec, lane), ({ body, samples }) => {
      const { series } = decodeWriteRequestV1(body);
      expect(series).toHaveLength(samples);
      return series;
    });
  const targetsAt = (spec: CorpusSpec, tick: number): number[] =>
    targetsOfLane({ ...spec, lanes: 1 }, 0).map((first) => targetAt(spec, first, tick));

  test('of other sizes over other connections hold the same samples', () => {
    const spec: CorpusSpec = { ...SPEC, lanes: 20, targetsPerBody: 2 };
    const own = batchesOf(spec, 7);
    expect(own.map(({ length }) => length)).toEqual([1000, 500]);
    const base = batchesOf(SPEC, 1).flat();
    const isOwn = ({ labels }: (typeof base)[number]): boolean =>
      labels.some(({ name, value }) => name === 'instance' && value === '10.0.0.7:9100');
    expect(own.flat()).toEqual(base.filter(isOwn));
  });

  test('of remote write 2.0 decode to the same series', () => {
    const [one] = laneBodies(SPEC, LANE);
    const first = decodeWriteRequestV1(one!.body);
    const [two] = laneBodies({ ...SPEC, protocol: 'remote-write-2' }, LANE);
    expect(decodeWriteRequestV2(two!.body).series).toEqual(first.series);
  });

  test('with churn, the oldest targets are replaced by new ones, a few at a time', () => {
    const spec: CorpusSpec = { ...SPEC, series: 2000, churn: { everyTicks: 2, targets: 3 } };
    expect(targetsAt(spec, 1)).toEqual([0, 1, 2, 3]);
    expect(targetsAt(spec, 2)).toEqual([4, 5, 6, 3]);
    expect(targetsAt(spec, 3)).toEqual([4, 5, 6, 3]);
    expect(targetsAt(spec, 4)).toEqual([8, 9, 6, 7]);
    expect(targetsAt(SPEC, 4)).toEqual(targetsAt(SPEC, 0));
  });

  test('with churn bodies hold the series of the targets that are there', () => {
    const spec: CorpusSpec = {
      ...SPEC,
      series: 2000,
      lanes: 1,
      churn: { everyTicks: 1, targets: 1 },
    };
    const instances = batchesOf(spec, 0).map(
      (series) =>
        new Set(series.map(({ labels }) => labels.find((l) => l.name === 'instance')!.value)),
    );
    expect(instances.map((names) => [...names])).toEqual(
      [
        [0, 1, 2, 3],
        [4, 1, 2, 3],
        [4, 5, 2, 3],
      ].map((targets) => targets.map((target) => `10.0.0.${target}:9100`)),
    );
  });

  test('of full precision have no value that few digits can say', () => {
    const isClock = ({ labels }: (typeof series)[number]): boolean =>
      labels.some(({ value }) => value === CLOCK_METRIC);
    const series = batchesOf({ ...SPEC, values: 'full-precision' }, LANE)[0]!;
    const short = series.filter(
      ({ samples }) => Number(samples.v[0]!.toPrecision(12)) === samples.v[0],
    );
    expect(series.filter(isClock)).toHaveLength(4);
    // By chance.
    expect(short.filter((one) => !isClock(one)).length).toBeLessThan(5);
  });
});
