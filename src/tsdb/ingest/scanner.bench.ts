// How long a steady sender's samples take to scan. Run the built file with node.

import { snappyEncode } from '../../codec/snappy.ts';
import { bitsOf, bytesOf, labels, sample, series, testScanner } from './scanner-testing.ts';

const SERIES = 10_000;
const SERIES_PER_BODY = 2000;
const ROUNDS = 60;

/** About 250 bytes of labels, as node_exporter under Kubernetes sends. */
function labelBytes(i: number): Uint8Array {
  return labels({
    __name__: `node_network_receive_bytes_total_${i % 50}`,
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

function bodyOf(first: number, round: number): Uint8Array {
  const list: Uint8Array[] = [];
  for (let i = first; i < first + SERIES_PER_BODY; i++) {
    const t = 1_700_000_000_000 + round * 15_000;
    list.push(series(labelBytes(i), sample(t, bitsOf(i * 1.1 + round))));
  }
  return snappyEncode(bytesOf(...list));
}

const bodies: Uint8Array[] = [];
for (let first = 0; first < SERIES; first += SERIES_PER_BODY) bodies.push(bodyOf(first, 0));
const scanner = testScanner({ alias: { maxEntries: 100_000, maxKeyBytes: 64 << 20 } });

let best = Number.POSITIVE_INFINITY;
for (let round = 0; round < ROUNDS; round++) {
  const start = process.hrtime.bigint();
  let rows = 0;
  for (const body of bodies) {
    const scan = scanner.scan(1, body);
    rows += scan.rows;
    for (let i = 0; i < scan.slow; i++) scanner.learn(1, i, i);
  }
  if (round === 0) continue;
  if (rows !== SERIES) throw new Error(`${rows} rows, want ${SERIES}`);
  best = Math.min(best, Number(process.hrtime.bigint() - start) / rows);
}
const bytes = bodies.reduce((sum, body) => sum + body.length, 0) / SERIES;
const { lookups, predictHits } = scanner.stats();
console.log(
  `${best.toFixed(1)} ns per sample of ${bytes.toFixed(0)} compressed bytes at best; ` +
    `predicted ${((100 * predictHits) / lookups).toFixed(1)} %`,
);
