// Native histograms as a web service exposes them: latencies in exponential buckets (schema 3), of many handlers.

import { METRIC_NAME } from '../../src/model/labels.ts';
import { type IntegerHistogram, ResetHint, rawFloat64 } from '../../src/model/native-histogram.ts';
import type { SampleColumns } from '../../src/model/sample.ts';
import { encodeWriteRequestV1 } from '../../src/protocol/remote-write/v1.ts';
import type { BatchSeries } from '../../src/storage/interface.ts';
import { type Corpus, type LaneBody, TICK_MS, writeLanes } from '../corpus.ts';
import { CLOCK_METRIC } from '../shape.ts';
import { oneSample } from '../target-wire.ts';
import { Xorshift } from '../xorshift.ts';

export interface HistogramSpec {
  readonly series: number;
  readonly ticks: number;
  /** ms */
  readonly endT: number;
}

const SCHEMA = 3;
/** Below 1 s, in buckets of 9 %: those that requests of 5 ms to 1 s fall into. */
const FIRST_BUCKET = -60;
const BUCKETS = 61;
const MOST_OBSERVATIONS = 200;

/** Latencies of one handler; every tick adds observations. */
class Latencies {
  readonly #random: Xorshift;
  readonly #counts: number[] = new Array<number>(BUCKETS).fill(0);
  #observations = 0;
  #sum = 0;

  constructor(seed: number) {
    this.#random = new Xorshift(seed);
  }

  next(): IntegerHistogram {
    for (let left = this.#random.below(MOST_OBSERVATIONS); left > 0; left--) this.#observe();
    return {
      kind: 'integer',
      resetHint: ResetHint.unknown,
      schema: SCHEMA,
      zeroThreshold: 2 ** -128,
      sum: rawFloat64(this.#sum),
      count: BigInt(this.#observations),
      zeroCount: 0n,
      positiveSpans: [{ offset: FIRST_BUCKET, length: BUCKETS }],
      negativeSpans: [],
      positiveCounts: this.#counts.map(BigInt),
      negativeCounts: [],
      customValues: [],
    };
  }

  /** Most are around a third of the range: the mean of three even draws. */
  #observe(): void {
    const draw = (): number => this.#random.fraction();
    const place = (draw() + draw() + draw()) / 3;
    const bucket = Math.floor(place * place * 1.5 * BUCKETS) % BUCKETS;
    this.#counts[bucket]! += 1;
    this.#observations++;
    this.#sum += 2 ** ((FIRST_BUCKET + bucket) / 2 ** SCHEMA);
  }
}

/** Writes one body a tick, with a float of the clock beside the histograms, as one lane into an empty folder. */
export function writeHistograms(spec: HistogramSpec, folder: string): Corpus {
  const { series, ticks, endT } = spec;
  const files = writeLanes(
    folder,
    1,
    () => bodiesOf(spec),
    () => {},
  );
  return {
    ...files,
    series: series + 1,
    ticks,
    tickMs: TICK_MS,
    endT,
    protocol: 'remote-write-1',
    checked: { metric: CLOCK_METRIC, samples: ticks },
  };
}

function* bodiesOf({ series, ticks, endT }: HistogramSpec): Generator<LaneBody> {
  const handlers = Array.from({ length: series }, (_, i) => new Latencies(i));
  for (let tick = 0; tick < ticks; tick++) {
    const t = endT - (ticks - tick - 1) * TICK_MS;
    const batch = handlers.map((latencies, i): BatchSeries => {
      const labels = [
        { name: METRIC_NAME, value: 'http_request_duration_seconds' },
        { name: 'handler', value: `/api/v1/resources/${i}` },
        { name: 'instance', value: `10.0.0.${i % 10}:8080` },
        { name: 'job', value: 'api' },
      ];
      return { labels, samples: oneHistogram(t, latencies.next()), exemplars: [] };
    });
    const clock = oneSample([{ name: METRIC_NAME, value: CLOCK_METRIC }], t, t / 1000);
    const body = encodeWriteRequestV1({ series: [...batch, clock] });
    yield { body, samples: batch.length + 1 };
  }
}

function oneHistogram(t: number, histogram: IntegerHistogram): SampleColumns {
  return {
    length: 1,
    t: Float64Array.of(t),
    v: new Float64Array(1),
    startT: undefined,
    histograms: [histogram],
  };
}
