// `--verify`: reads a file and what the server has of the same time, and compares them by series and day.

import type { Label } from '../../model/labels.ts';
import { JsonLinesDecoder } from '../../protocol/json-lines/decode.ts';
import { RowCollector } from '../../protocol/row-collector.ts';
import { exportBroken } from '../errors.ts';
import { type Comparison, compareDigests } from './compare.ts';
import type { Connection, Params } from './connection.ts';
import { Digest } from './digest.ts';
import { isWholeExport } from './export-answer.ts';
import type { ProgressBar } from './progress-bar.ts';
import { openBytes, openParquet, sizeOf } from './source.ts';

/** Formats that say everything of a sample without its time of arrival. */
export type VerifiableFormat = 'json-lines' | 'parquet';

export interface VerifyOptions {
  readonly file: string;
  readonly format: VerifiableFormat;
  readonly extraLabels: readonly Label[];
  readonly database: string;
  /** Of the series on the server that are looked at. */
  readonly matches: readonly string[];
  /** The file should have all of these series, rather than those only that it has. */
  readonly isWhole: boolean;
}

/** Throws what reading either side does. */
export async function verify(
  connection: Connection,
  { file, format, extraLabels, database, matches, isWhole }: VerifyOptions,
  bar: ProgressBar,
): Promise<Comparison> {
  const ofFile = new Digest();
  if (format === 'parquet') await digestParquet(file, ofFile, extraLabels, bar);
  else await digestLines(file, ofFile, extraLabels, bar);

  const ofServer = new Digest();
  const { minT, maxT } = ofFile.range;
  if (minT <= maxT) {
    const params: Params = [
      ['db', database],
      ['start', seconds(minT)],
      ['end', seconds(maxT)],
      ...matches.map((match) => ['match[]', match] as const),
    ];
    await digestServer(connection, params, ofServer, bar);
  }
  return compareDigests(ofFile, ofServer, isWhole);
}

async function digestLines(
  file: string,
  digest: Digest,
  extraLabels: readonly Label[],
  bar: ProgressBar,
): Promise<void> {
  const { pieces, fileBytes } = openBytes(file);
  const lines = new DigestingDecoder(digest, extraLabels);
  for await (const piece of pieces) {
    lines.push(piece);
    bar.update({ bytes: fileBytes(), totalBytes: sizeOf(file), samples: lines.samples });
  }
  lines.end();
}

async function digestParquet(
  path: string,
  digest: Digest,
  extraLabels: readonly Label[],
  bar: ProgressBar,
): Promise<void> {
  const { file, close } = await openParquet(path);
  let samples = 0;
  try {
    for (let group = 0; group < file.groups; group++) {
      for (const series of (await file.read(group)).series) {
        digest.add(series, extraLabels);
        samples += series.samples.length;
      }
      bar.update({ bytes: file.endOf(group), totalBytes: sizeOf(path), samples });
    }
  } finally {
    await close();
  }
}

async function digestServer(
  connection: Connection,
  params: Params,
  digest: Digest,
  bar: ProgressBar,
): Promise<void> {
  const answer = await connection.open('api/v1/export', params);
  const lines = new DigestingDecoder(digest, []);
  let bytes = 0;
  try {
    for await (const piece of answer as AsyncIterable<Buffer>) {
      lines.push(piece);
      bytes += piece.length;
      bar.update({ bytes, totalBytes: undefined, samples: lines.samples });
    }
  } catch {
    throw exportBroken(connection.server, bytes, '');
  }
  if (!isWholeExport(answer)) throw exportBroken(connection.server, bytes, '');
  lines.end();
}

/** JSON lines on their way into a digest; lines that cannot be read are not there. */
class DigestingDecoder {
  samples = 0;
  readonly #digest: Digest;
  readonly #extraLabels: readonly Label[];
  readonly #collector = new RowCollector();
  readonly #decoder = new JsonLinesDecoder(this.#collector);

  constructor(digest: Digest, extraLabels: readonly Label[]) {
    this.#digest = digest;
    this.#extraLabels = extraLabels;
  }

  push(piece: Uint8Array): void {
    this.#decoder.push(piece);
    this.#take();
  }

  end(): void {
    this.#decoder.end();
    this.#take();
  }

  #take(): void {
    for (const series of this.#collector.take().series) {
      this.#digest.add(series, this.#extraLabels);
      this.samples += series.samples.length;
    }
  }
}

/** A time as the server reads it, without loss. */
function seconds(t: number): string {
  return (t / 1000).toFixed(3);
}
