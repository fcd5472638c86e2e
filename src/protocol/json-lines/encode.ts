// Writes series as JSON lines: without loss, or as VictoriaMetrics writes them.
// Form: docs/formats/json-lines.md.

import type { Exemplar } from '../../model/exemplar.ts';
import type { Labels } from '../../model/labels.ts';
import type { SampleColumns } from '../../model/sample.ts';
import { isStaleBits } from '../../model/stale.ts';
import { printHistogram } from './histogram.ts';
import { printNumber, printPlain, printRaw } from './value.ts';

/** A line is closed at about so many characters, well below the 10 MiB that readers accept. */
const TARGET_LINE_CHARACTERS = 1 << 20;

export interface JsonLinesOptions {
  /** VictoriaMetrics' form: NaN is null, infinities are words; histograms, start timestamps and exemplars are left out. */
  readonly plain?: boolean;
  /** In the plain form: write stale markers (as null) rather than leave them out. */
  readonly includeStale?: boolean;
  /** Samples in one line; by default as many as fit about 1 MiB. */
  readonly maxRowsPerLine?: number;
}

/**
 * Lines of one series, each ending with a line feed; none if there is nothing to write. Labels must be
 * well-formed.
 */
export function* encodeJsonLines(
  labels: Labels,
  samples: SampleColumns,
  exemplars: readonly Exemplar[],
  options: JsonLinesOptions = {},
): Generator<string, void> {
  const {
    plain = false,
    includeStale = false,
    maxRowsPerLine = Number.POSITIVE_INFINITY,
  } = options;
  const line = new LineBuilder(printLabelsObject(labels));
  const halves = new Uint32Array(samples.v.buffer, samples.v.byteOffset, samples.v.length * 2);
  for (let i = 0; i < samples.length; i++) {
    const t = samples.t[i]!;
    const startT = plain ? 0 : (samples.startT?.[i] ?? 0);
    const histogram = samples.histograms?.[i];
    if (histogram !== undefined) {
      if (plain) continue;
      line.addHistogram(t, printHistogram(histogram), startT);
    } else {
      const raw = { low: halves[2 * i]!, high: halves[2 * i + 1]! };
      if (plain && !includeStale && isStaleBits(raw.high, raw.low)) continue;
      line.addValue(t, plain ? printPlain(raw) : printRaw(raw), startT);
    }
    if (line.isFull(maxRowsPerLine)) yield line.finish();
  }
  if (!plain) {
    for (const exemplar of exemplars) {
      line.addExemplar(exemplar);
      if (line.isFull(Number.POSITIVE_INFINITY)) yield line.finish();
    }
  }
  if (!line.isEmpty) yield line.finish();
}

class LineBuilder {
  readonly #metric: string;
  #values: string[] = [];
  #timestamps: number[] = [];
  #startTimestamps: number[] = [];
  #histograms: string[] = [];
  #histogramTimestamps: number[] = [];
  #histogramStartTimestamps: number[] = [];
  #exemplars: string[] = [];
  #characters = 0;

  constructor(metric: string) {
    this.#metric = metric;
  }

  get isEmpty(): boolean {
    return this.#characters === 0;
  }

  isFull(maxRows: number): boolean {
    if (this.#characters >= TARGET_LINE_CHARACTERS) return true;
    return this.#values.length + this.#histograms.length >= maxRows;
  }

  addValue(t: number, value: string, startT: number): void {
    this.#values.push(value);
    this.#timestamps.push(t);
    this.#startTimestamps.push(startT);
    // Times take 14 characters for the next centuries.
    this.#characters += value.length + 16;
  }

  addHistogram(t: number, histogram: string, startT: number): void {
    this.#histograms.push(histogram);
    this.#histogramTimestamps.push(t);
    this.#histogramStartTimestamps.push(startT);
    this.#characters += histogram.length + 16;
  }

  addExemplar({ labels, value, t }: Exemplar): void {
    const labelText = printLabelsObject(labels);
    const text = `{"labels":${labelText},"value":${printNumber(value)},"timestamp":${t}}`;
    this.#exemplars.push(text);
    this.#characters += text.length;
  }

  /** The line; the builder is empty afterwards. */
  finish(): string {
    const fields = [
      `"metric":${this.#metric}`,
      `"values":[${this.#values.join(',')}]`,
      `"timestamps":[${this.#timestamps.join(',')}]`,
    ];
    const list = (name: string, items: readonly (string | number)[]): void => {
      if (items.some((item) => item !== 0)) fields.push(`"${name}":[${items.join(',')}]`);
    };
    list('startTimestamps', this.#startTimestamps);
    if (this.#histograms.length > 0) {
      fields.push(`"histograms":[${this.#histograms.join(',')}]`);
      fields.push(`"histogramTimestamps":[${this.#histogramTimestamps.join(',')}]`);
    }
    list('histogramStartTimestamps', this.#histogramStartTimestamps);
    list('exemplars', this.#exemplars);
    this.#values = [];
    this.#timestamps = [];
    this.#startTimestamps = [];
    this.#histograms = [];
    this.#histogramTimestamps = [];
    this.#histogramStartTimestamps = [];
    this.#exemplars = [];
    this.#characters = 0;
    return `{${fields.join(',')}}\n`;
  }
}

function printLabelsObject(labels: Labels): string {
  const pairs = labels.map(({ name, value }) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  return `{${pairs.join(',')}}`;
}
