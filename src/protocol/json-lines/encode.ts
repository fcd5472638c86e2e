// Writes series as JSON lines: without loss, or as VictoriaMetrics writes them.
// Form: docs/formats/json-lines.md.

import type { Exemplar } from '../../model/exemplar.ts';
import type { Labels } from '../../model/labels.ts';
import type { MetricMetadata } from '../../model/metadata.ts';
import type { SampleColumns } from '../../model/sample.ts';
import { isStaleBits } from '../../model/stale.ts';
import { type EncodedCounts, noCounts, type SeriesEncoder } from '../series-encoder.ts';
import { printHistogram } from './histogram.ts';
import { LineBuilder } from './line-builder.ts';
import { isSpecial, printFinite, printPlain, printRaw } from './value.ts';

export interface JsonLinesOptions {
  /**
   * VictoriaMetrics' form: NaN is null, infinities are words; histograms, start timestamps, exemplars and metadata are
   * left out.
   */
  readonly plain?: boolean;
  /** In the plain form: write stale markers (as null) rather than leave them out. */
  readonly includeStale?: boolean;
  /** Samples in one line; by default as many as fit about 1 MiB. */
  readonly maxRowsPerLine?: number;
}

/** Every part is one line, or a few, with their line feeds. */
export class JsonLinesEncoder implements SeriesEncoder {
  readonly written: EncodedCounts = noCounts();
  readonly #plain: boolean;
  readonly #includeStale: boolean;
  readonly #maxRows: number;
  #line = new LineBuilder([]);

  constructor(options: JsonLinesOptions = {}) {
    this.#plain = options.plain ?? false;
    this.#includeStale = options.includeStale ?? false;
    this.#maxRows = options.maxRowsPerLine ?? Number.POSITIVE_INFINITY;
  }

  *start(metadata: readonly MetricMetadata[]): Generator<string, void> {
    if (this.#plain) return;
    for (const { metric, type, help, unit } of metadata) {
      yield `${JSON.stringify({ metadata: { metric, type, help, unit } })}\n`;
    }
  }

  begin(labels: Labels): void {
    this.#line = new LineBuilder(labels);
  }

  *add(samples: SampleColumns): Generator<string, void> {
    const line = this.#line;
    const { length, t, v, histograms } = samples;
    const startT = this.#plain ? undefined : samples.startT;
    const halves = new Uint32Array(v.buffer, v.byteOffset, v.length * 2);
    for (let i = 0; i < length; i++) {
      const histogram = histograms?.[i];
      if (histogram !== undefined) {
        if (this.#plain) continue;
        this.written.histograms++;
        line.addHistogram(t[i]!, printHistogram(histogram), startT?.[i] ?? 0);
      } else {
        const high = halves[2 * i + 1]!;
        if (isSpecial(high)) {
          const low = halves[2 * i]!;
          if (this.#plain && !this.#includeStale && isStaleBits(high, low)) continue;
          line.addValue(
            t[i]!,
            this.#plain ? printPlain({ low, high }) : printRaw({ low, high }),
            startT?.[i] ?? 0,
          );
        } else {
          line.addValue(t[i]!, printFinite(v[i]!), startT?.[i] ?? 0);
        }
        this.written.floats++;
      }
      if (line.isFull(this.#maxRows)) yield line.finish();
    }
  }

  *end(exemplars: readonly Exemplar[]): Generator<string, void> {
    const line = this.#line;
    if (!this.#plain) {
      for (const exemplar of exemplars) {
        line.addExemplar(exemplar);
        this.written.exemplars++;
        if (line.isFull(Number.POSITIVE_INFINITY)) yield line.finish();
      }
    }
    if (!line.isEmpty) yield line.finish();
  }

  *finish(): Generator<string, void> {}
}

/** Lines of one series of which everything is at hand; none if there is nothing to write. */
export function* encodeJsonLines(
  labels: Labels,
  samples: SampleColumns,
  exemplars: readonly Exemplar[],
  options: JsonLinesOptions = {},
): Generator<string, void> {
  const encoder = new JsonLinesEncoder(options);
  encoder.begin(labels);
  yield* encoder.add(samples);
  yield* encoder.end(exemplars);
}
