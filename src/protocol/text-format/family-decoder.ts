// The protobuf form of what /metrics shows, which Go's library pushes by default: MetricFamily messages, each behind its
// length. Classic histograms and summaries become the series that they have in the text format; native ones stay what they are.

import type { Exemplar } from '../../model/exemplar.ts';
import { type Label, METRIC_NAME } from '../../model/labels.ts';
import type { MetricType } from '../../model/metadata.ts';
import {
  type BucketSpan,
  floatOfRaw,
  type NativeHistogram,
  ResetHint,
} from '../../model/native-histogram.ts';
import { protobufMalformed } from '../errors.ts';
import { ProtobufReader } from '../protobuf-reader.ts';
import { accumulate } from '../remote-write/histogram.ts';
import type { RowCollector } from '../row-collector.ts';
import type { StreamDecoder } from '../stream-decoder.ts';
import {
  type ExemplarMessage,
  type FamilyMessage,
  type HistogramMessage,
  type MetricMessage,
  readFamily,
  type SummaryMessage,
} from './family-messages.ts';
import { formatFloat } from './float.ts';

/** By the numbers of the enumeration MetricType. */
const TYPES: readonly MetricType[] = [
  'counter',
  'gauge',
  'summary',
  'unknown',
  'histogram',
  'gaugehistogram',
];
const GAUGE_HISTOGRAM = 5;
const MESSAGE = 'MetricFamily';
/** A length is a varint of 32 bits. */
const MAX_LENGTH_BYTES = 5;

export interface FamilyDecoderOptions {
  /** ms: of metrics without a timestamp. */
  readonly now: number;
  /** Longest message. */
  readonly maxMessageBytes: number;
}

export class FamilyDecoder implements StreamDecoder {
  readonly #collector: RowCollector;
  readonly #options: FamilyDecoderOptions;
  /** What has come of a message that is not there whole, and how many bytes that is. */
  #pieces: Uint8Array[] = [];
  #received = 0;
  /** Bytes of that message with its length; 1 while its length has not come. */
  #wanted = 1;
  #families = 0;

  constructor(collector: RowCollector, options: FamilyDecoderOptions) {
    this.#collector = collector;
    this.#options = options;
  }

  /** Throws PROTOBUF_MALFORMED, also for a message that is too long: where the next one begins is not known then. */
  push(bytes: Uint8Array): void {
    this.#pieces.push(new Uint8Array(bytes));
    this.#received += bytes.length;
    // Only what is whole is put together, or pieces of a byte would be copied again and again.
    if (this.#received < this.#wanted) return;
    const all = Buffer.concat(this.#pieces);
    let at = 0;
    while (at < all.length) {
      const { start, end } = this.#frameAt(all, at);
      this.#wanted = end - at;
      if (end > all.length) break;
      this.#decode(all.subarray(start, end));
      at = end;
      this.#wanted = 1;
    }
    const rest = all.subarray(at);
    this.#pieces = rest.length === 0 ? [] : [rest];
    this.#received = rest.length;
  }

  /** Throws PROTOBUF_MALFORMED if a message has broken off. */
  end(): void {
    if (this.#received > 0) {
      throw protobufMalformed(MESSAGE, this.#received, 'the body ends inside a message');
    }
  }

  /** Where the message lies whose length is at `at`. If not even that has come, it ends past what there is. */
  #frameAt(bytes: Uint8Array, at: number): { start: number; end: number } {
    const { maxMessageBytes } = this.#options;
    let length = 0;
    for (let i = 0; i < MAX_LENGTH_BYTES; i++) {
      if (at + i === bytes.length) return { start: bytes.length, end: bytes.length + 1 };
      const byte = bytes[at + i]!;
      length += (byte & 0x7f) * 2 ** (7 * i);
      if (byte >= 0x80) continue;
      if (length > maxMessageBytes) break;
      return { start: at + i + 1, end: at + i + 1 + length };
    }
    throw protobufMalformed(MESSAGE, at, `longer than ${maxMessageBytes} bytes`);
  }

  #decode(bytes: Uint8Array): void {
    this.#families++;
    const family = readFamily(new ProtobufReader(bytes, MESSAGE));
    if (!family.isText) {
      this.#collector.refuse(this.#families, 'not valid UTF-8');
      return;
    }
    if (family.name === '') {
      this.#collector.refuse(this.#families, 'no metric name');
      return;
    }
    const { name: metric, help, unit } = family;
    this.#collector.addMetadata({ metric, type: TYPES[family.type] ?? 'unknown', help, unit });
    for (const one of family.metrics) this.#addMetric(family, one);
  }

  #addMetric(family: FamilyMessage, metric: MetricMessage): void {
    const { value } = metric;
    if (value === undefined) {
      this.#collector.refuse(this.#families, `${family.name}: a metric without a value`);
      return;
    }
    if (value.kind === 'summary') this.#addSummary(family.name, metric, value);
    else if (value.kind === 'histogram') this.#addHistogram(family, metric, value);
    else this.#add(family.name, metric, value.value, value.startT, [], value.exemplar);
  }

  #addSummary(name: string, metric: MetricMessage, summary: SummaryMessage): void {
    const { startT } = summary;
    for (const { quantile, value } of summary.quantiles) {
      const extra = [{ name: 'quantile', value: formatFloat(quantile) }];
      this.#add(name, metric, value, startT, extra);
    }
    this.#add(`${name}_sum`, metric, summary.sum, startT);
    this.#add(`${name}_count`, metric, Number(summary.count), startT);
  }

  #addHistogram(family: FamilyMessage, metric: MetricMessage, message: HistogramMessage): void {
    const { startT, buckets } = message;
    const native = nativeHistogram(family, message);
    if (native !== undefined) {
      const exemplars = [
        ...message.exemplars,
        ...buckets.flatMap(({ exemplar }) => exemplar ?? []),
      ];
      this.#collector.addSeries({
        labels: labelsOf(family.name, metric),
        samples: {
          length: 1,
          t: Float64Array.of(this.#timeOf(metric)),
          v: new Float64Array(1),
          startT: startT === 0 ? undefined : Float64Array.of(startT),
          histograms: [native],
        },
        exemplars: exemplars.map((exemplar) => this.#exemplarOf(metric, exemplar)),
      });
      return;
    }
    const { name } = family;
    const count = message.floatCount || Number(message.count);
    for (const { upperBound, cumulativeCount, exemplar } of buckets) {
      const extra = [{ name: 'le', value: formatFloat(upperBound) }];
      this.#add(`${name}_bucket`, metric, cumulativeCount, startT, extra, exemplar);
    }
    // Clients may leave out the last bucket, since it is the count.
    if (buckets.at(-1)?.upperBound !== Number.POSITIVE_INFINITY) {
      this.#add(`${name}_bucket`, metric, count, startT, [{ name: 'le', value: '+Inf' }]);
    }
    this.#add(`${name}_sum`, metric, floatOfRaw(message.sum), startT);
    this.#add(`${name}_count`, metric, count, startT);
  }

  #add(
    name: string,
    metric: MetricMessage,
    value: number,
    startT: number,
    extra: readonly Label[] = [],
    exemplar?: ExemplarMessage,
  ): void {
    const series = this.#collector.seriesOf([...labelsOf(name, metric), ...extra]);
    const t = this.#timeOf(metric);
    if (startT === 0 && exemplar === undefined) this.#collector.add(series, t, value);
    else {
      const exemplars = exemplar === undefined ? [] : [this.#exemplarOf(metric, exemplar)];
      this.#collector.addDetailed(series, t, value, startT, exemplars);
    }
  }

  #timeOf({ t }: MetricMessage): number {
    return t === 0 ? this.#options.now : t;
  }

  #exemplarOf(metric: MetricMessage, { labels, value, t }: ExemplarMessage): Exemplar {
    return { labels, value, t: t === 0 ? this.#timeOf(metric) : t };
  }
}

function labelsOf(name: string, { labels }: MetricMessage): Label[] {
  return [{ name: METRIC_NAME, value: name }, ...labels];
}

function isUsed({ length }: BucketSpan): boolean {
  return length > 0;
}

/** Undefined if there are classic buckets only. A native one without observations has a threshold or an empty span. */
function nativeHistogram(
  { type }: FamilyMessage,
  message: HistogramMessage,
): NativeHistogram | undefined {
  const { schema, zeroThreshold, sum, positiveSpans, negativeSpans } = message;
  const isNative = positiveSpans.length + negativeSpans.length > 0 || zeroThreshold > 0;
  if (!isNative) return undefined;
  const layout = {
    resetHint: type === GAUGE_HISTOGRAM ? ResetHint.gauge : ResetHint.unknown,
    schema,
    zeroThreshold,
    sum,
    positiveSpans: positiveSpans.some(isUsed) ? positiveSpans : [],
    negativeSpans: negativeSpans.some(isUsed) ? negativeSpans : [],
    customValues: [],
  };
  const { floatCount, floatZeroCount, positiveCounts, negativeCounts } = message;
  const isFloat =
    floatCount > 0 || floatZeroCount > 0 || positiveCounts.length + negativeCounts.length > 0;
  return isFloat
    ? {
        ...layout,
        kind: 'float',
        count: floatCount,
        zeroCount: floatZeroCount,
        positiveCounts,
        negativeCounts,
      }
    : {
        ...layout,
        kind: 'integer',
        count: message.count,
        zeroCount: message.zeroCount,
        positiveCounts: accumulate(message.positiveDeltas),
        negativeCounts: accumulate(message.negativeDeltas),
      };
}
