// What the HTTP side counts about itself.

import { LOSS_REASONS, type Losses } from '../protocol/row-collector.ts';
import type { CounterMetric, HistogramMetric, Metrics } from '../runtime/metrics.ts';
import type { WriteResult } from '../storage/interface.ts';
import type { RejectionCounters } from './rejections.ts';

/** Seconds: a write takes about a millisecond, a large read many seconds. */
const DURATION_BUCKETS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];

export class HttpMetrics implements RejectionCounters {
  readonly #requests: CounterMetric;
  readonly #duration: HistogramMetric;
  readonly #received: CounterMetric;
  readonly #receivedBytes: CounterMetric;
  readonly #rejectedSamples: CounterMetric;
  readonly #rejectedRequests: CounterMetric;
  readonly #losses: CounterMetric;
  readonly #returned: CounterMetric;

  constructor(metrics: Metrics) {
    this.#requests = metrics.counter(
      'tidemark_http_requests_total',
      'Requests answered.',
      'route',
      'method',
      'status',
    );
    this.#duration = metrics.histogram(
      'tidemark_http_request_duration_seconds',
      'Time from the request line to the end of the answer.',
      DURATION_BUCKETS,
      'route',
    );
    this.#received = metrics.counter(
      'tidemark_samples_received_total',
      'What writes brought and was stored.',
      'protocol',
      'kind',
    );
    this.#receivedBytes = metrics.counter(
      'tidemark_received_bytes_total',
      'Bytes of request bodies of writes, as sent.',
      'protocol',
    );
    this.#rejectedSamples = metrics.counter(
      'tidemark_rejected_samples_total',
      'Samples, histograms and exemplars refused for good.',
      'protocol',
      'reason',
    );
    this.#rejectedRequests = metrics.counter(
      'tidemark_rejected_requests_total',
      'Writes refused as a whole.',
      'protocol',
      'reason',
    );
    this.#losses = metrics.counter(
      'tidemark_lossy_values_total',
      'Values stored as less than what was sent, or left out, because the data model cannot hold them.',
      'protocol',
      'reason',
    );
    this.#returned = metrics.counter(
      'tidemark_samples_returned_total',
      'Samples that reads returned.',
      'protocol',
    );
  }

  countRequest(route: string, method: string, status: number, seconds: number): void {
    this.#requests.add(1, route, method, String(status));
    this.#duration.observe(seconds, route);
  }

  countReceivedBytes(protocol: string, bytes: number): void {
    this.#receivedBytes.add(bytes, protocol);
  }

  countReceived(protocol: string, result: WriteResult): void {
    if (result.samplesWritten > 0) this.#received.add(result.samplesWritten, protocol, 'float');
    if (result.histogramsWritten > 0) {
      this.#received.add(result.histogramsWritten, protocol, 'histogram');
    }
    if (result.exemplarsWritten > 0)
      this.#received.add(result.exemplarsWritten, protocol, 'exemplar');
  }

  countRejectedSamples(protocol: string, reason: string, amount: number): void {
    this.#rejectedSamples.add(amount, protocol, reason);
  }

  countRejectedRequest(protocol: string, reason: string): void {
    this.#rejectedRequests.add(1, protocol, reason);
  }

  countLosses(protocol: string, losses: Readonly<Losses>): void {
    for (const reason of LOSS_REASONS) {
      if (losses[reason] > 0) this.#losses.add(losses[reason], protocol, reason);
    }
  }

  countReturned(protocol: string, samples: number): void {
    this.#returned.add(samples, protocol);
  }
}
