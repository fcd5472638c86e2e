// What the formats that series are exported in have in common: series come one after another, each in any number of
// runs of samples, and what is complete goes out at once, so that an export of any size takes bounded memory.

import type { Exemplar } from '../model/exemplar.ts';
import type { Labels } from '../model/labels.ts';
import type { MetricMetadata } from '../model/metadata.ts';
import type { SampleColumns } from '../model/sample.ts';

/** Text, or bytes that are valid until the encoder is used again. */
export type EncodedPart = string | Uint8Array;

/** What has been written so far. A format that leaves something out does not count it. */
export interface EncodedCounts {
  /** Float samples, stale markers among them. */
  floats: number;
  histograms: number;
  exemplars: number;
}

/** Every method but `begin` gives parts of the output, in their order, as they become complete. */
export interface SeriesEncoder {
  readonly written: Readonly<EncodedCounts>;
  /** Once, before all else; `metadata` of the metrics that will come. */
  start(metadata: readonly MetricMetadata[]): Iterable<EncodedPart>;
  /** A series follows. Labels must be well-formed. */
  begin(labels: Labels): void;
  /** Samples of the series, later than those before. The columns are read only while parts are asked for. */
  add(samples: SampleColumns): Iterable<EncodedPart>;
  /** The series ends; `exemplars` are all that it has. */
  end(exemplars: readonly Exemplar[]): Iterable<EncodedPart>;
  /** No more series follow. */
  finish(): Iterable<EncodedPart>;
}

export function noCounts(): EncodedCounts {
  return { floats: 0, histograms: 0, exemplars: 0 };
}
