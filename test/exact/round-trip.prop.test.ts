// What is exported, imported into an empty database and exported again is the same file, byte by byte: as JSON lines
// and as Parquet, each from what the other brought, wherever the samples are kept.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MetricMetadata } from '../../src/model/metadata.ts';
import { JsonLinesDecoder } from '../../src/protocol/json-lines/decode.ts';
import { ParquetFile } from '../../src/protocol/parquet/decode.ts';
import { sourceOf } from '../../src/protocol/parquet/testing.ts';
import { RowCollector } from '../../src/protocol/row-collector.ts';
import { FaultyFileSystem } from '../../src/runtime/faulty-file-system.ts';
import type { BatchSeries, Database, WriteBatch } from '../../src/storage/interface.ts';
import { FakeClock, NOW } from '../../src/tsdb/testing/engine-model.ts';
import { openInline } from '../../src/tsdb/testing/inline-engine.ts';
import { columnsOf } from '../support/arbitraries.ts';
import { exportOf, JSON_LINES, PARQUET } from '../support/exported.ts';
import { type ExactSeries, exactSeries } from './valid-series.ts';

const RUNS = Number(process.env.EXACT_RUNS ?? 15);
const SEED = Number(process.env.FUZZ_SEED ?? 1);
const PIECES = 3;

async function write(database: Database, batch: Partial<WriteBatch>): Promise<void> {
  const result = await database.write({ series: [], metadata: [], rejections: [], ...batch });
  expect(result.rejections).toEqual([]);
}

async function importLines(database: Database, bytes: Buffer): Promise<void> {
  const collector = new RowCollector();
  const decoder = new JsonLinesDecoder(collector);
  decoder.push(bytes);
  decoder.end();
  expect(collector.takeProblems().listed).toEqual([]);
  await write(database, collector.take());
}

async function importParquet(database: Database, bytes: Buffer): Promise<void> {
  const file = await ParquetFile.open(sourceOf(bytes));
  await write(database, { metadata: file.metadata });
  for (let group = 0; group < file.groups; group++) {
    const { series, problems } = await file.read(group);
    expect(problems).toEqual([]);
    await write(database, { series });
  }
}

/** Every n-th row and exemplar of each series. */
function pieceOf(series: readonly ExactSeries[], piece: number): BatchSeries[] {
  return series.flatMap(({ labels, rows, exemplars }) => {
    const own = rows.filter((_, i) => i % PIECES === piece);
    const ofPiece = exemplars.filter((_, i) => i % PIECES === piece);
    if (own.length === 0 && ofPiece.length === 0) return [];
    return [{ labels, samples: columnsOf(own), exemplars: ofPiece }];
  });
}

/** One of the first metric, and one that has no series, which is not exported. */
function metadataOf(series: readonly ExactSeries[]): MetricMetadata[] {
  const name = series[0]?.labels.find((label) => label.name === '__name__')?.value ?? 'm';
  return [
    { metric: name, type: 'counter', help: 'With "quotes", \\ and\nlines. 😀', unit: 's' },
    { metric: 'a_metric_without_series', type: 'gauge', help: '', unit: '' },
  ];
}

async function check(series: readonly ExactSeries[]): Promise<void> {
  const db = await openInline(new FaultyFileSystem(), { clock: new FakeClock() });
  for (const name of ['one', 'lines', 'parquet']) await db.createDatabase(name);
  const [one, lines, parquet] = ['one', 'lines', 'parquet'].map((name) => db.database(name)!);
  await write(one!, { metadata: metadataOf(series) });
  for (let piece = 0; piece < PIECES; piece++) {
    await write(one!, { series: pieceOf(series, piece) });
    if (piece < PIECES - 1) await db.flush();
  }
  const asLines = await exportOf(one!, JSON_LINES);
  const asParquet = await exportOf(one!, PARQUET);
  expect(asLines.summary.written).toEqual(asLines.summary.found);
  expect(asParquet.summary).toEqual(asLines.summary);

  await importLines(lines!, asLines.bytes);
  await importParquet(parquet!, asParquet.bytes);
  for (const stage of ['in the head', 'in a part']) {
    for (const copy of [lines!, parquet!]) {
      const again = [await exportOf(copy, JSON_LINES), await exportOf(copy, PARQUET)];
      expect(again[0]!.bytes.toString(), `${copy.name} ${stage}`).toBe(asLines.bytes.toString());
      expect(again[1]!.bytes.equals(asParquet.bytes), `${copy.name} ${stage}`).toBe(true);
    }
    await db.flush();
  }
}

test(`an export of an import is the file that was imported (${RUNS} runs)`, async () => {
  await fc.assert(fc.asyncProperty(exactSeries(NOW), check), { numRuns: RUNS, seed: SEED });
}, 600_000);
