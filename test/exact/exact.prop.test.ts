// Every bit pattern through every path: written as remote write 1.0 and 2.0 and as JSON lines, read from
// the head, from parts, from merged and compressed parts and after a crash, by the querier, by both
// remote-read encodings and by export.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { snappyDecode, snappyEncode } from '../../src/codec/snappy.ts';
import { printLabels } from '../../src/model/labels.ts';
import { isStaleHistogram } from '../../src/model/native-histogram-stale.ts';
import type { SampleColumns } from '../../src/model/sample.ts';
import { isStaleBits } from '../../src/model/stale.ts';
import { ALL_TIME, DAY_MS } from '../../src/model/time-range.ts';
import { JsonLinesDecoder } from '../../src/protocol/json-lines/decode.ts';
import { encodeJsonLines } from '../../src/protocol/json-lines/encode.ts';
import { decodeChunk } from '../../src/protocol/remote-read/chunks.ts';
import {
  ChunkedFrameReader,
  ChunkedFrameWriter,
} from '../../src/protocol/remote-read/response-chunks.ts';
import {
  decodeReadResponse,
  SamplesResponseWriter,
} from '../../src/protocol/remote-read/response-samples.ts';
import { encodeWriteRequestV1 } from '../../src/protocol/remote-write/v1.ts';
import { encodeWriteRequestV2 } from '../../src/protocol/remote-write/v2.ts';
import { RowCollector } from '../../src/protocol/row-collector.ts';
import { FaultyFileSystem } from '../../src/runtime/faulty-file-system.ts';
import type { BatchSeries, Database } from '../../src/storage/interface.ts';
import type { Tsdb } from '../../src/tsdb/db.ts';
import { FakeClock, NOW, valueText } from '../../src/tsdb/testing/engine-model.ts';
import { openInline } from '../../src/tsdb/testing/inline-engine.ts';
import { columnsOf, type Row, withoutHints } from '../support/arbitraries.ts';
import { type ExactSeries, exactSeries } from './valid-series.ts';

const RUNS = Number(process.env.EXACT_RUNS ?? 15);
const SEED = Number(process.env.FUZZ_SEED ?? 1);
/** A write is cut into so many, each but the last flushed to a part of its own. */
const PIECES = 4;

/** Series in words → rows in words. */
type Text = Map<string, string[]>;

/** All bits of each row. What a stale marker holds besides its sum means nothing. */
function textOf(samples: SampleColumns): string[] {
  const bits = new Uint32Array(samples.v.buffer, samples.v.byteOffset, samples.v.length * 2);
  return Array.from({ length: samples.length }, (_, i) => {
    const histogram = samples.histograms?.[i];
    const isStale = histogram
      ? isStaleHistogram(histogram)
      : isStaleBits(bits[2 * i + 1]!, bits[2 * i]!);
    const start = samples.startT?.[i] ?? 0;
    const value = isStale ? `stale${start === 0 ? '' : `@${start}`}` : valueText(samples, i);
    return `${samples.t[i]! + 0} ${value}`;
  });
}

// ——— Ways out ———

async function byQuerier(database: Database): Promise<Text> {
  const all: Text = new Map();
  for await (const { labels, samples } of entries(database)) {
    all.set(printLabels(labels), textOf(samples));
  }
  return all;
}

async function bySamples(database: Database): Promise<Text> {
  const writer = new SamplesResponseWriter({ maxSamples: 0, maxBytes: 1 << 28 });
  writer.beginQuery();
  for await (const { labels, samples } of entries(database)) writer.addSeries(labels, samples);
  writer.endQuery();
  const message = snappyDecode(writer.finish(), 1 << 28);
  const [result] = decodeReadResponse(message, ({ message: why }) => expect.fail(why));
  return new Map(result!.map(({ labels, samples }) => [printLabels(labels), textOf(samples)]));
}

async function byChunks(database: Database): Promise<Text> {
  const all: Text = new Map();
  const writer = new ChunkedFrameWriter();
  const reader = new ChunkedFrameReader();
  for await (const { labels, samples } of entries(database)) {
    for (const frame of writer.frames(labels, samples, 0)) {
      for (const { series } of reader.push(frame)) {
        for (const { labels: of, chunks } of series) {
          const rows = chunks.flatMap(({ type, data }) =>
            textOf(withoutHints(decodeChunk(type, data))),
          );
          all.set(printLabels(of), [...(all.get(printLabels(of)) ?? []), ...rows]);
        }
      }
    }
  }
  return all;
}

/** Exports everything and reads the lines back as import does. */
async function exported(database: Database): Promise<BatchSeries[]> {
  const collector = new RowCollector();
  const decoder = new JsonLinesDecoder(collector);
  const querier = database.querier(ALL_TIME);
  const exemplars = await querier.selectExemplars([]);
  querier.close();
  for await (const { labels, samples } of entries(database)) {
    const own = exemplars.find((one) => printLabels(one.labels) === printLabels(labels));
    for (const line of encodeJsonLines(labels, samples, own?.exemplars ?? [])) {
      decoder.push(Buffer.from(line));
    }
  }
  decoder.end();
  expect(collector.takeProblems().listed).toEqual([]);
  return [...collector.take().series];
}

async function* entries(database: Database): ReturnType<ReturnType<Database['querier']>['select']> {
  const querier = database.querier(ALL_TIME);
  try {
    yield* querier.select([]);
  } finally {
    querier.close();
  }
}

async function exemplarsOf(database: Database): Promise<unknown> {
  const querier = database.querier(ALL_TIME);
  try {
    return await querier.selectExemplars([]);
  } finally {
    querier.close();
  }
}

// ——— What is expected ———

interface Expected {
  readonly exact: Text;
  /** As remote read has it: no start timestamps. */
  readonly samples: Text;
  /** As chunks have it: no hints either. */
  readonly chunks: Text;
}

function expectedOf(series: readonly ExactSeries[], keepsStart: boolean): Expected {
  const make = (of: (rows: readonly Row[]) => SampleColumns): Text =>
    new Map(
      series
        .map(({ labels, rows }): [string, string[]] => [printLabels(labels), textOf(of(rows))])
        .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    );
  const bare = (rows: readonly Row[]): Row[] => rows.map((row) => ({ ...row, startT: 0 }));
  return {
    exact: make((rows) => columnsOf(keepsStart ? rows : bare(rows))),
    samples: make((rows) => columnsOf(bare(rows))),
    chunks: make((rows) => withoutHints(columnsOf(bare(rows)))),
  };
}

async function expectAll(db: Tsdb, name: string, want: Expected, stage: string): Promise<void> {
  const database = db.database(name)!;
  const sorted = (text: Text): Text => new Map([...text].sort(([a], [b]) => (a < b ? -1 : 1)));
  expect(sorted(await byQuerier(database)), `${stage}: querier`).toEqual(sorted(want.exact));
  expect(sorted(await bySamples(database)), `${stage}: samples`).toEqual(sorted(want.samples));
  expect(sorted(await byChunks(database)), `${stage}: chunks`).toEqual(sorted(want.chunks));
}

// ——— Ways in ———

/** Every n-th row of each series, in another order for each piece: what comes late goes out of order. */
function pieceOf(series: readonly ExactSeries[], piece: number): BatchSeries[] {
  return series.flatMap(({ labels, rows, exemplars }) => {
    const own = rows.filter((_, i) => i % PIECES === piece);
    if (piece % 2 === 1) own.reverse();
    const ofPiece = exemplars.filter((_, i) => i % PIECES === piece);
    if (own.length === 0 && ofPiece.length === 0) return [];
    return [{ labels, samples: columnsOf(own), exemplars: ofPiece }];
  });
}

async function writePiece(db: Tsdb, series: readonly BatchSeries[]): Promise<void> {
  const batch = { series };
  const results = await Promise.all([
    db.database('one')!.writeEncoded({
      format: 'remote-write-1',
      body: snappyEncode(encodeWriteRequestV1(batch)),
    }),
    db.database('two')!.writeEncoded({
      format: 'remote-write-2',
      body: snappyEncode(encodeWriteRequestV2(batch)),
    }),
  ]);
  for (const result of results) expect(result.rejections).toEqual([]);
}

async function check(series: readonly ExactSeries[]): Promise<void> {
  const clock = new FakeClock();
  const fs = new FaultyFileSystem();
  const db = await openInline(fs, { clock });
  for (const name of ['one', 'two', 'three']) await db.createDatabase(name);
  const names = ['one', 'two'] as const;
  const want = { one: expectedOf(series, false), two: expectedOf(series, true) };
  const expectBoth = async (of: Tsdb, stage: string): Promise<void> => {
    for (const name of names) await expectAll(of, name, want[name], `${name} ${stage}`);
  };

  for (let piece = 0; piece < PIECES; piece++) await writePiece(db, pieceOf(series, piece));
  await expectBoth(db, 'in the head');
  const exemplars = await exemplarsOf(db.database('one')!);
  await db.flush();
  await expectBoth(db, 'in one part');

  // The same again, in parts of their own: written over the first, which changes nothing.
  for (let piece = 0; piece < PIECES; piece++) {
    await writePiece(db, pieceOf(series, piece));
    if (piece < PIECES - 1) await db.flush();
  }
  await expectBoth(db, 'in parts and head');
  await expectBoth(await openInline(fs.powerCut(1), { clock }), 'after a crash');
  await db.flush();
  await db.merge();
  await expectBoth(db, 'merged');
  clock.advance(4 * DAY_MS);
  await db.merge();
  const sections = db.database('two')!.parts.sections.map(({ entry }) => entry);
  expect(new Set(sections.map(({ day }) => day)).size).toBe(sections.length);
  for (const { compressed } of sections) expect(compressed).toBe(true);
  await expectBoth(db, 'compressed');
  const reopened = await openInline(fs.powerCut(2), { clock });
  await expectBoth(reopened, 'compressed and reopened');
  for (const name of names) {
    expect(await exemplarsOf(reopened.database(name)!), name).toEqual(exemplars);
  }

  const lines = await exported(db.database('two')!);
  const result = await db.database('three')!.write({ series: lines, metadata: [], rejections: [] });
  expect(result.rejections).toEqual([]);
  await expectAll(db, 'three', want.two, 'imported');
  await db.flush();
  await expectAll(db, 'three', want.two, 'imported and flushed');
  expect(await exemplarsOf(db.database('three')!)).toEqual(exemplars);
}

test(`every bit survives every path (${RUNS} runs)`, async () => {
  await fc.assert(fc.asyncProperty(exactSeries(NOW), check), { numRuns: RUNS, seed: SEED });
}, 600_000);
