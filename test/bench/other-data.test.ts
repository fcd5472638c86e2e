import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Corpus, lanePath, readBodyLengths } from '../../bench/corpus.ts';
import { writeLookupBodies } from '../../bench/lookups/data.ts';
import { sizeOf } from '../../bench/lookups/measure.ts';
import { writeHistograms } from '../../bench/native-histograms/bodies.ts';
import { writeScrapes } from '../../bench/node-exporter/scrapes.ts';
import { snappyDecode } from '../../src/codec/snappy.ts';
import { METRIC_NAME, printLabels } from '../../src/model/labels.ts';
import type { IntegerHistogram } from '../../src/model/native-histogram.ts';
import { decodeWriteRequestV1 } from '../../src/protocol/remote-write/v1.ts';
import type { BatchSeries, WriteBatch } from '../../src/storage/interface.ts';

const END_T = 1_763_000_000_000;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-bodies-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function requestsOf({ lanes }: Corpus): WriteBatch[] {
  return Array.from({ length: lanes }, (_, lane) => lane).flatMap((lane) => {
    const bytes = readFileSync(lanePath(folder, lane));
    let at = 0;
    return [...readBodyLengths(folder, lane)].map((length) => {
      at += length;
      return decodeWriteRequestV1(snappyDecode(bytes.subarray(at - length, at), 2 ** 26));
    });
  });
}

function checkCounts(corpus: Corpus, series: readonly BatchSeries[]): void {
  expect(series).toHaveLength(corpus.samples);
  const metricOf = ({ labels }: BatchSeries): string | undefined =>
    labels.find(({ name }) => name === METRIC_NAME)?.value;
  const { metric, samples } = corpus.checked;
  expect(series.filter((one) => metricOf(one) === metric)).toHaveLength(samples);
}

test('scrapes become bodies, 15 s apart, with the labels of a target', () => {
  const scrape = (value: number): string =>
    `# TYPE node_load1 gauge\nnode_load1 ${value}\nnode_time_seconds 1.5e9\nup{b="2",a="1"} 1\n`;
  const corpus = writeScrapes([scrape(1), scrape(0.25)], END_T, folder);
  expect(corpus).toMatchObject({ series: 3, ticks: 2, samples: 6, bodies: 2 });
  const [first, second] = requestsOf(corpus);
  checkCounts(corpus, [...first!.series, ...second!.series]);
  const printed = second!.series.map(
    ({ labels, samples }) => `${printLabels(labels)} ${samples.v[0]} ${samples.t[0]}`,
  );
  expect(printed).toContain(`node_load1{instance="10.0.0.1:9100", job="node"} 0.25 ${END_T}`);
  expect(printed).toContain(`up{a="1", b="2", instance="10.0.0.1:9100", job="node"} 1 ${END_T}`);
  expect(first!.series.map(({ samples }) => samples.t[0])).toEqual(
    first!.series.map(() => END_T - 15_000),
  );
});

test('native histograms grow, and their counts add up', () => {
  const corpus = writeHistograms({ series: 5, ticks: 4, endT: END_T }, folder);
  const requests = requestsOf(corpus);
  checkCounts(
    corpus,
    requests.flatMap(({ series }) => series),
  );
  let before = 0n;
  for (const { series, rejections } of requests) {
    expect(rejections).toEqual([]);
    const histogram = series[0]!.samples.histograms![0] as IntegerHistogram;
    const sum = histogram.positiveCounts.reduce((total, count) => total + count, 0n);
    expect(histogram.count).toBe(sum);
    expect(histogram.count).toBeGreaterThanOrEqual(before);
    before = histogram.count;
  }
  expect(before).toBeGreaterThan(0n);
});

test('series to look up have as many ids, and metadata', () => {
  const corpus = writeLookupBodies(20_000, END_T, folder);
  const requests = requestsOf(corpus);
  const series = requests.flatMap((request) => request.series);
  checkCounts(corpus, series);
  const ids = series.map(({ labels }) => labels.find(({ name }) => name === 'id')!.value);
  expect(new Set(ids).size).toBe(20_000);
  expect(requests[0]!.metadata).toHaveLength(100);
});

test.each([
  ['a list', '{"data":["a","b"]}', 2],
  ['metadata', '{"data":{"a":[],"b":[],"c":[]}}', 3],
  ['a count', '{"data":{"resultType":"vector","result":[{"metric":{},"value":[1,"42"]}]}}', 42],
  ['a count of nothing', '{"data":{"resultType":"vector","result":[]}}', 0],
])('the size of %s', (_, text, size) => {
  expect(sizeOf({ status: 200, body: Buffer.from(text) })).toBe(size);
});

test('a refusal has no size', () => {
  expect(sizeOf({ status: 422, body: Buffer.from('too many') })).toBe('status 422: too many');
});
