// Files that are imported: read from wherever an import has got to, and cut into what is sent at once.

import { createReadStream, type ReadStream, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { normalizeLabels } from '../../model/labels.ts';
import type { MetricMetadata } from '../../model/metadata.ts';
import { JsonLinesEncoder } from '../../protocol/json-lines/encode.ts';
import { ParquetFile } from '../../protocol/parquet/decode.ts';
import type { BatchSeries } from '../../storage/interface.ts';
import { type Block, lineBlocks } from './blocks.ts';
import { type FileImportFormat, isGzipName } from './formats.ts';
import type { ImportPosition } from './import-state.ts';

const READ_BYTES = 2 ** 20;
/** Blocks of JSON lines that Parquet becomes. */
const PARQUET_BLOCK_CHARACTERS = 4 * 2 ** 20;

/** Names standard input. */
export const STANDARD_INPUT = '-';

/** Bytes of a file on disk; undefined for standard input. */
export function sizeOf(file: string): number | undefined {
  return file === STANDARD_INPUT ? undefined : statSync(file).size;
}

/** Plain bytes of a file, and how much of it has been read. */
export function openBytes(file: string): {
  readonly pieces: AsyncIterable<Uint8Array>;
  readonly fileBytes: () => number;
} {
  let count = 0;
  const raw =
    file === STANDARD_INPUT
      ? process.stdin
      : (createReadStream(file, { highWaterMark: READ_BYTES }) as ReadStream);
  raw.on('data', (piece: Buffer | string) => {
    count += piece.length;
  });
  raw.pause();
  const fileBytes = (): number => count;
  if (!isGzipName(file)) return { pieces: raw as AsyncIterable<Uint8Array>, fileBytes };
  const plain = createGunzip({ chunkSize: READ_BYTES });
  // An error of either ends the other, and whoever reads.
  pipeline(raw, plain, () => {});
  return { pieces: plain as AsyncIterable<Uint8Array>, fileBytes };
}

/** Blocks from a position on. */
export function blocksOf(
  file: string,
  format: FileImportFormat,
  from: ImportPosition,
): AsyncGenerator<Block, void> {
  if (format === 'parquet') return parquetBlocks(file, from.end);
  const { pieces, fileBytes } = openBytes(file);
  return lineBlocks(pieces, {
    file,
    fileBytes,
    skipBytes: from.end,
    skipLines: from.lines,
    hasComments: format === 'prometheus' || format === 'openmetrics',
    comments: from.comments,
  });
}

/** Opens a Parquet file; to be closed. Throws PARQUET_INVALID and system errors. */
export async function openParquet(
  path: string,
): Promise<{ readonly file: ParquetFile; close(): Promise<void> }> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const file = await ParquetFile.open({
      byteLength: size,
      slice: async (start, end = size) => {
        const length = Math.max(0, Math.min(end, size) - start);
        const buffer = new ArrayBuffer(length);
        await handle.read(new Uint8Array(buffer), 0, length, start);
        return buffer;
      },
    });
    return { file, close: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** What blocks of Parquet have nothing to say of. */
const PARQUET_BLOCK = { linesBefore: 0, repeatedLines: 0, comments: '', badRows: [] } as const;

/** Row groups as JSON lines; the position is their number, and rows are counted in the place of lines. */
async function* parquetBlocks(path: string, firstGroup: number): AsyncGenerator<Block, void> {
  const { file, close } = await openParquet(path);
  try {
    let texts = firstGroup === 0 ? metadataLines(file.metadata) : [];
    for (let group = firstGroup; group < file.groups; group++) {
      const { series, problems } = await file.read(group);
      texts.push(...linesOf(series));
      const fileBytes = file.endOf(group);
      const parts = partsOf(texts);
      for (const [i, part] of parts.entries()) {
        // Only with the last part the group is there.
        const isLast = i === parts.length - 1;
        const end = isLast ? group + 1 : group;
        yield {
          ...PARQUET_BLOCK,
          bytes: Buffer.from(part),
          end,
          fileBytes,
          badRows: isLast ? problems : [],
        };
      }
      texts = [];
    }
    if (file.groups === 0 && texts.length > 0) {
      yield { ...PARQUET_BLOCK, bytes: Buffer.from(texts.join('')), end: 0, fileBytes: 0 };
    }
  } finally {
    await close();
  }
}

function metadataLines(metadata: readonly MetricMetadata[]): string[] {
  return [...new JsonLinesEncoder().start(metadata)];
}

function linesOf(series: readonly BatchSeries[]): string[] {
  const encoder = new JsonLinesEncoder();
  const lines: string[] = [];
  for (const { labels, samples, exemplars } of series) {
    encoder.begin(normalizeLabels(labels));
    lines.push(...encoder.add(samples), ...encoder.end(exemplars));
  }
  return lines;
}

/** Lines joined to texts of a few megabytes; at least one. */
function partsOf(lines: readonly string[]): string[] {
  const parts = [''];
  for (const line of lines) {
    if (parts.at(-1)!.length >= PARQUET_BLOCK_CHARACTERS) parts.push('');
    parts[parts.length - 1] += line;
  }
  return parts;
}
