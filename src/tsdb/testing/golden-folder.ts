// What the golden data folders hold: one of everything that can be on disk. See testdata/README.md.

import { snappyEncode } from '../../codec/snappy.ts';
import { labelsFromObject, printLabels } from '../../model/labels.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import { staleHistogram } from '../../model/native-histogram-stale.ts';
import { DAY_MS } from '../../model/time-range.ts';
import { encodeWriteRequestV1 } from '../../protocol/remote-write/v1.ts';
import { encodeWriteRequestV2 } from '../../protocol/remote-write/v2.ts';
import { FaultyFileSystem } from '../../runtime/faulty-file-system.ts';
import type { BatchSeries, Storage, WriteBatch } from '../../storage/interface.ts';
import { batchOf, FakeClock, floatSeries, labelsOf, NOW, readEverything } from './engine-model.ts';
import { openInline } from './inline-engine.ts';

const EXPONENTIAL: NativeHistogram = {
  kind: 'integer',
  resetHint: 2,
  schema: 3,
  zeroThreshold: 0.001,
  zeroCount: 2n,
  count: 12n,
  sum: { high: 0x4033_0000, low: 0 },
  positiveSpans: [
    { offset: -2, length: 2 },
    { offset: 3, length: 1 },
  ],
  negativeSpans: [{ offset: 0, length: 1 }],
  positiveCounts: [1n, 2n, 3n],
  negativeCounts: [4n],
  customValues: [],
};
const GAUGE: NativeHistogram = {
  ...EXPONENTIAL,
  kind: 'float',
  resetHint: 3,
  zeroCount: 0.5,
  count: 3.25,
  positiveCounts: [0.25, 0.5, 1],
  negativeCounts: [1],
};
const CUSTOM: NativeHistogram = {
  ...EXPONENTIAL,
  schema: -53,
  zeroThreshold: 0,
  zeroCount: 0n,
  count: 3n,
  positiveSpans: [{ offset: 0, length: 2 }],
  negativeSpans: [],
  positiveCounts: [1n, 2n],
  negativeCounts: [],
  customValues: [0.5, 2.5],
};

/** Values that lose something where they are not moved as bits. */
const SPECIAL_BITS: readonly (readonly [high: number, low: number])[] = [
  [0x7ff0_0000, 2],
  [0x7ff8_0000, 1],
  [0xfff8_1234, 0x5678_9abc],
  [0x7ff0_0000, 0],
  [0xfff0_0000, 0],
  [0x8000_0000, 0],
  [0, 1],
  [0x4340_0000, 1],
];

function specialSeries(firstT: number): BatchSeries {
  const v = new Float64Array(SPECIAL_BITS.length);
  const halves = new Uint32Array(v.buffer);
  SPECIAL_BITS.forEach(([high, low], i) => {
    halves[2 * i] = low;
    halves[2 * i + 1] = high;
  });
  const t = Float64Array.from(SPECIAL_BITS, (_, i) => firstT + i * 15_000);
  const samples = { length: t.length, t, v, startT: undefined, histograms: undefined };
  return {
    labels: labelsFromObject({ __name__: 'special', größe: '世界 😀' }),
    samples,
    exemplars: [],
  };
}

function histogramSeries(firstT: number): BatchSeries {
  const histograms = [EXPONENTIAL, GAUGE, CUSTOM, staleHistogram('integer')];
  return {
    labels: labelsFromObject({ __name__: 'latency_seconds' }),
    samples: {
      length: histograms.length,
      t: Float64Array.from(histograms, (_, i) => firstT + i * 60_000),
      v: new Float64Array(histograms.length),
      startT: Float64Array.from(histograms, (_, i) => (i === 1 ? 0 : firstT - 1)),
      histograms,
    },
    exemplars: [0, 1].map((i) => ({
      labels: labelsFromObject({ trace_id: `0${i}ab` }),
      value: 0.25 + i,
      t: firstT + i,
    })),
  };
}

/** A counter that goes on over midnight. */
function counterSeries(n: number): BatchSeries {
  const points = Array.from({ length: 150 }, (_, i): [number, number] => [
    NOW - DAY_MS - 13 * 3_600_000 + i * 600_000,
    i * n,
  ]);
  return floatSeries(labelsOf(n), points);
}

const METADATA = [
  { metric: 'test_metric', type: 'counter', help: 'Counts.\n"Help"', unit: '' },
  { metric: 'latency_seconds', type: 'histogram', help: '', unit: 'seconds' },
] as const;

/** Writes the folder `/data` and answers the file system as a crash leaves it. */
export async function makeGoldenFolder(): Promise<FaultyFileSystem> {
  const fs = new FaultyFileSystem();
  const clock = new FakeClock();
  clock.wall = NOW - 3 * DAY_MS;
  let id = 1000;
  const db = await openInline(fs, { clock, walSegmentBytes: 2048, randomId: () => ++id });
  await db.createDatabase('other');
  const write = (name: string, batch: WriteBatch): Promise<unknown> =>
    db.database(name)!.write(batch);

  // A cold day, merged and compressed, with one series overwritten in part.
  const old = NOW - 4 * DAY_MS;
  const cold = (n: number, v: number): BatchSeries =>
    floatSeries(
      labelsOf(n),
      Array.from({ length: 40 }, (_, i) => [old + i * 1000, v + i]),
    );
  await write('default', batchOf(cold(8, 0), cold(9, 5)));
  await db.flush();
  await write('default', batchOf(cold(9, 7)));
  await db.flush();
  clock.advance(3 * DAY_MS);
  await db.merge();

  // A part with several days and everything in it, and a delete.
  await write('default', {
    ...batchOf(counterSeries(1), counterSeries(2), specialSeries(NOW - 3_600_000)),
    metadata: METADATA,
  });
  await write('default', batchOf(histogramSeries(NOW - 1_800_000)));
  await write('other', batchOf(floatSeries(labelsOf(1), [[NOW, 0.1]])));
  await db.flush();
  const series2 = { type: '=', name: 'series', value: 's2' } as const;
  await db.database('default')!.deleteSamples([[series2]], { minT: NOW - DAY_MS, maxT: NOW });

  // In the log only: a body of each kind, the last out of order.
  const late = batchOf(floatSeries(labelsOf(1), [[NOW + 1000, 1]]), histogramSeries(NOW));
  await db.database('default')!.writeEncoded({
    format: 'remote-write-1',
    body: snappyEncode(encodeWriteRequestV1(late)),
  });
  await db.database('default')!.writeEncoded({
    format: 'remote-write-2',
    body: snappyEncode(encodeWriteRequestV2(batchOf(histogramSeries(NOW + 300_000)))),
  });
  await write('default', {
    ...batchOf(floatSeries(labelsOf(3), [[NOW - 5000, 3]]), specialSeries(NOW - 1000)),
    metadata: [{ ...METADATA[0], help: 'Changed since.' }],
  });
  await write('other', batchOf(floatSeries(labelsOf(1), [[NOW - 1, 0.2]])));
  return fs.powerCut(1);
}

/** Everything in a store, a line for each sample, exemplar and metric. */
export async function contentsOf(storage: Storage): Promise<string> {
  const lines: string[] = [];
  for (const name of storage.databaseNames()) {
    const database = storage.database(name)!;
    for (const [series, points] of await readEverything(database)) {
      for (const [t, value] of points) lines.push(`${name}: ${series} ${t} ${value}`);
    }
    const querier = database.querier({ minT: 0, maxT: NOW + DAY_MS });
    for (const { labels, exemplars } of await querier.selectExemplars([])) {
      for (const { t, value, labels: own } of exemplars) {
        lines.push(`${name}: exemplar of ${printLabels(labels)} ${t} ${value} ${printLabels(own)}`);
      }
    }
    querier.close();
    for (const entry of database.metadata()) lines.push(`${name}: ${JSON.stringify(entry)}`);
  }
  return `${lines.join('\n')}\n`;
}
