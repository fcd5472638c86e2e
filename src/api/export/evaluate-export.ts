// The export of query threads: from what is asked for to the bytes of the answer, series after series. However much
// that is, only some of one series is in memory at a time.

import type { Exemplar } from '../../model/exemplar.ts';
import { compareLabels, METRIC_NAME } from '../../model/labels.ts';
import type { MetricMetadata } from '../../model/metadata.ts';
import { CsvEncoder } from '../../protocol/csv/encode.ts';
import { JsonLinesEncoder } from '../../protocol/json-lines/encode.ts';
import { noCounts, type SeriesEncoder } from '../../protocol/series-encoder.ts';
import type { StatementHost } from '../../query/statement.ts';
import type { Querier } from '../../storage/interface.ts';
import { type ExportBody, type ExportFormat, PieceOutput } from './export-body.ts';
import { readSeries } from './series-reader.ts';

/** What the name of a series may have behind that of its metric. */
const SERIES_SUFFIX = /_(bucket|sum|count|total|created|info)$/;

export async function evaluateExport(
  body: unknown,
  queriers: readonly Querier[],
  host: StatementHost,
): Promise<void> {
  const { selectors, format, metadata } = body as ExportBody;
  const querier = queriers[0]!;
  const encoder = await encoderOf(format);
  const output = new PieceOutput(host);
  const addAll = async (parts: Iterable<string | Uint8Array>): Promise<void> => {
    for (const part of parts) await output.add(part);
  };

  const names = metadata.length === 0 ? [] : await querier.labelValues(METRIC_NAME, selectors);
  await host.breathe();
  const selection = await querier.wholeSelection(selectors);
  await output.begin({ series: selection.length });
  await addAll(encoder.start(metadataOf(names, metadata)));
  const found = noCounts();
  let series = 0;
  for (let i = 0; i < selection.length; i++) {
    await host.breathe();
    encoder.begin(selection.labels(i));
    let isEmpty = true;
    for (const run of readSeries(selection, i)) {
      const histograms = run.histograms?.filter((one) => one !== undefined).length ?? 0;
      found.histograms += histograms;
      found.floats += run.length - histograms;
      isEmpty = false;
      await addAll(encoder.add(run));
      await host.breathe();
    }
    const exemplars = inOrder(selection.exemplars(i));
    found.exemplars += exemplars.length;
    if (isEmpty && exemplars.length === 0) continue;
    series++;
    await addAll(encoder.end(exemplars));
  }
  await addAll(encoder.finish());
  await output.end({ series, found, written: encoder.written });
}

async function encoderOf(format: ExportFormat): Promise<SeriesEncoder> {
  switch (format.kind) {
    case 'json-lines':
      return new JsonLinesEncoder(format.options);
    case 'csv':
      return new CsvEncoder(format.fields);
    case 'parquet': {
      // Threads that never write it need not load its library.
      const { ParquetEncoder } = await import('../../protocol/parquet/encode.ts');
      return new ParquetEncoder();
    }
  }
}

/** Of metrics that have series of these names. */
function metadataOf(
  names: readonly string[],
  metadata: readonly MetricMetadata[],
): readonly MetricMetadata[] {
  const metrics = new Set([...names, ...names.map((name) => name.replace(SERIES_SUFFIX, ''))]);
  return metadata.filter(({ metric }) => metrics.has(metric));
}

/** An order that does not depend on how they came to be stored. */
function inOrder(exemplars: readonly Exemplar[]): readonly Exemplar[] {
  return exemplars.toSorted(
    (a, b) => a.t - b.t || compareValues(a.value, b.value) || compareLabels(a.labels, b.labels),
  );
}

/** NaN last. */
function compareValues(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}
