// What a decoder of a stream has found, as texts that tests compare.

import { printLabels } from '../../src/model/labels.ts';
import type { Losses, RowCollector } from '../../src/protocol/row-collector.ts';
import { SeriesTable } from '../../src/protocol/series-table.ts';
import type { WriteBatch } from '../../src/storage/interface.ts';
import type { RowSeries } from '../../src/storage/rows.ts';

export interface Collected {
  /** `name{label="value"} value timestamp`, in the order of rows. */
  readonly samples: string[];
  /** `number: what is wrong`. */
  readonly problems: string[];
  /** Those that are not 0. */
  readonly losses: Partial<Losses>;
}

/** Takes everything out of the collector. */
export function takeCollected(collector: RowCollector): Collected {
  const { badLines, listed, losses } = collector.takeProblems();
  const problems = listed.map(({ line, message }) => `${line}: ${message}`);
  if (badLines > listed.length) problems.push(`and ${badLines - listed.length} more`);
  return {
    samples: samplesOf(collector.take()),
    problems,
    losses: Object.fromEntries(Object.entries(losses).filter(([, count]) => count > 0)),
  };
}

/** Samples of a batch, those of its series first. */
function samplesOf({ series, rows }: WriteBatch): string[] {
  const samples = series.flatMap(({ labels, samples: { length, t, v } }) =>
    Array.from({ length }, (_, i) => `${printLabels(labels)} ${v[i]} ${t[i]}`),
  );
  for (let i = 0; i < (rows?.length ?? 0); i++) {
    samples.push(`${printLabels(rows!.series[i]!.labels)} ${rows!.v[i]} ${rows!.t[i]}`);
  }
  return samples;
}

/** One that forgets often, so that tests meet series known and unknown. */
export function smallSeriesTable<T = RowSeries>(): SeriesTable<T> {
  return new SeriesTable<T>({ maxSeries: 8, maxKeyBytes: 1000 });
}

/** One that learns nothing, so that decoders read everything the exact way. */
export class EmptySeriesTable<T = RowSeries> extends SeriesTable<T> {
  constructor() {
    super({ maxSeries: 0, maxKeyBytes: 0 });
  }

  override add(): number {
    return -1;
  }
}
