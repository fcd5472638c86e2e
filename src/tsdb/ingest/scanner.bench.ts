// How long a steady sender's samples take to scan, in 1.0 and 2.0. Run the built file with node.

import { snappyEncode } from '../../codec/snappy.ts';
import { ALL_TIME } from '../../model/time-range.ts';
import { decodeWriteRequestV1 } from '../../protocol/remote-write/v1.ts';
import { encodeWriteRequestV2 } from '../../protocol/remote-write/v2.ts';
import { decodeRestV2 } from './scanned-rest.ts';
import type { RemoteWriteScanner } from './scanner.ts';
import { bitsOf, bytesOf, labels, sample, series, testScanner } from './scanner-testing.ts';

const SERIES = 10_000;
const SERIES_PER_BODY = 2000;
const METRICS = 50;
const ROUNDS = 60;

/** About 250 bytes of labels, as node_exporter under Kubernetes sends. */
function labelBytes(i: number): Uint8Array {
  return labels({
    __name__: metricName(i),
    cluster: 'production-eu-west-1',
    container: 'node-exporter',
    device: `eth${i % 8}`,
    endpoint: 'https-metrics',
    instance: `10.0.${i >> 8}.${i & 255}:9100`,
    job: 'node-exporter',
    namespace: 'monitoring',
    pod: `prometheus-node-exporter-${(i * 2654435761) >>> 0}`,
    service: 'prometheus-node-exporter',
  });
}

function metricName(i: number): string {
  return `node_network_receive_bytes_total_${i % METRICS}`;
}

function bodyOf(first: number, round: number): Uint8Array {
  const list: Uint8Array[] = [];
  for (let i = first; i < first + SERIES_PER_BODY; i++) {
    const t = 1_700_000_000_000 + round * 15_000;
    list.push(series(labelBytes(i), sample(t, bitsOf(i * 1.1 + round))));
  }
  return bytesOf(...list);
}

/** The same in 2.0, as Prometheus sends it: each series with the metadata of its metric. */
function asV2(body: Uint8Array): Uint8Array {
  const metadata = Array.from({ length: METRICS }, (_, i) => ({
    metric: metricName(i),
    type: 'counter' as const,
    help: 'Network device statistic receive_bytes.',
    unit: '',
  }));
  return encodeWriteRequestV2({ series: decodeWriteRequestV1(body).series, metadata });
}

/** Scans a body, learns what it did not know, and answers how many rows there were. */
type Scan = (scanner: RemoteWriteScanner, body: Uint8Array) => number;

function scanV1(scanner: RemoteWriteScanner, body: Uint8Array): number {
  const scan = scanner.scan(1, body);
  for (let i = 0; i < scan.slow; i++) scanner.learn(1, i, i);
  return scan.rows;
}

function scanV2(scanner: RemoteWriteScanner, body: Uint8Array): number {
  const scan = scanner.scanV2(1, body, ALL_TIME);
  if (scan === undefined) throw new Error('a body was not scanned');
  decodeRestV2(scan);
  for (let i = 0; i < scan.slow; i++) scanner.learnV2(1, i, i);
  return scan.rows;
}

const messages: Uint8Array[] = [];
for (let first = 0; first < SERIES; first += SERIES_PER_BODY) messages.push(bodyOf(first, 0));

function measure(name: string, bodies: readonly Uint8Array[], scan: Scan): void {
  const scanner = testScanner({ alias: { maxEntries: 100_000, maxKeyBytes: 64 << 20 } });
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    let rows = 0;
    for (const body of bodies) rows += scan(scanner, body);
    if (round === 0) continue;
    if (rows !== SERIES) throw new Error(`${rows} rows, want ${SERIES}`);
    best = Math.min(best, Number(process.hrtime.bigint() - start) / rows);
  }
  const bytes = bodies.reduce((sum, body) => sum + body.length, 0) / SERIES;
  const { lookups, predictHits } = scanner.stats();
  console.log(
    `${name}: ${best.toFixed(1)} ns per sample of ${bytes.toFixed(0)} compressed bytes at best; ` +
      `predicted ${((100 * predictHits) / lookups).toFixed(1)} %`,
  );
}

measure('1.0', messages.map(snappyEncode), scanV1);
measure(
  '2.0 with metadata',
  messages.map((message) => snappyEncode(asV2(message))),
  scanV2,
);
