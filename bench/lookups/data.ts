// Series for look-ups: one label has as many values as there are series.

import { METRIC_NAME } from '../../src/model/labels.ts';
import { encodeWriteRequestV1 } from '../../src/protocol/remote-write/v1.ts';
import type { BatchSeries } from '../../src/storage/interface.ts';
import { type Corpus, LANES, type LaneBody, TICK_MS, writeLanes } from '../corpus.ts';
import { oneSample } from '../target-wire.ts';
import { Xorshift } from '../xorshift.ts';

/** Every metric has as many series. */
const METRICS = 100;
const CHECKED_METRIC = 'lookup_0_bytes';
const SERIES_PER_BODY = 2000;
const NAMESPACES = 20;
const INSTANCES = 1000;

/** Writes one sample of every series, at `endT` (ms), with metadata of every metric, into an empty folder. */
export function writeLookupBodies(series: number, endT: number, folder: string): Corpus {
  const files = writeLanes(
    folder,
    LANES,
    (lane) => bodiesOf(series, lane, endT),
    () => {},
  );
  return {
    ...files,
    series,
    ticks: 1,
    tickMs: TICK_MS,
    endT,
    protocol: 'remote-write-1',
    checked: { metric: CHECKED_METRIC, samples: series / METRICS },
  };
}

function* bodiesOf(series: number, lane: number, t: number): Generator<LaneBody> {
  const random = new Xorshift(lane);
  let batch: BatchSeries[] = [];
  for (let i = lane; i < series; i += LANES) {
    batch.push(oneSample(labelsOf(i, random), t, i));
    if (batch.length < SERIES_PER_BODY && i + LANES < series) continue;
    yield { body: encodeWriteRequestV1({ series: batch, metadata }), samples: batch.length };
    batch = [];
  }
}

const metadata = Array.from({ length: METRICS }, (_, i) => ({
  metric: `lookup_${i}_bytes`,
  type: 'gauge' as const,
  help: `Bytes of kind ${i} that are looked up.`,
  unit: 'bytes',
}));

function labelsOf(i: number, random: Xorshift): BatchSeries['labels'] {
  const letters = Array.from({ length: 6 }, () => 'abcdefghijklmnopqrstuvwxyz'[random.below(26)]);
  return [
    { name: METRIC_NAME, value: `lookup_${i % METRICS}_bytes` },
    { name: 'id', value: `pod-${letters.join('')}-${i}` },
    { name: 'instance', value: `10.1.${Math.floor((i % INSTANCES) / 256)}.${i % 256}:9100` },
    { name: 'namespace', value: `namespace-${i % NAMESPACES}` },
  ];
}
