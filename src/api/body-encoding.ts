// Content-Encoding of what is sent to us: which one it is, and its plain bytes, in pieces or whole.

import { pipeline, Readable, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import type { FastifyRequest } from 'fastify';
import { snappyDecode } from '../codec/snappy.ts';
import { AppError, errorMessage } from '../runtime/error.ts';
import { badRequest, decodedTooLarge, unsupportedMedia } from './errors.ts';

export type BodyEncoding = 'identity' | 'gzip' | 'deflate' | 'zstd' | 'snappy';

/** What protocols take that say nothing of their own; as VictoriaMetrics does. */
export const IMPORT_ENCODINGS: readonly BodyEncoding[] = ['gzip', 'deflate', 'zstd', 'snappy'];

const ALIASES: Readonly<Record<string, BodyEncoding>> = {
  '': 'identity',
  'x-gzip': 'gzip',
  none: 'identity',
};

/** Node has it from 22.15 on. */
const createZstdDecompress = (zlib as { createZstdDecompress?: () => Transform })
  .createZstdDecompress;

/** The encoding that the header names. Throws HTTP_UNSUPPORTED_MEDIA if it is not among those allowed. */
export function encodingOf(
  request: FastifyRequest,
  allowed: readonly BodyEncoding[],
): BodyEncoding {
  const name = request.headers['content-encoding']?.trim().toLowerCase() ?? '';
  const encoding = ALIASES[name] ?? (name as BodyEncoding);
  if (encoding === 'identity') return encoding;
  const subject = `Content-Encoding ${JSON.stringify(name.slice(0, 80))}`;
  if (!allowed.includes(encoding)) {
    throw unsupportedMedia(`${subject}: only ${allowed.join(', ')} are supported here`);
  }
  if (encoding === 'zstd' && createZstdDecompress === undefined) {
    throw unsupportedMedia(
      `${subject}: this server runs on Node ${process.versions.node}, which has no zstd; run it on Node 22.15 or later, or send gzip`,
    );
  }
  return encoding;
}

/** Plain bytes of a body of any size. Not for snappy, whose blocks cannot be decoded in pieces. */
export function decodePieces(
  pieces: AsyncGenerator<Uint8Array, void>,
  encoding: BodyEncoding,
): AsyncGenerator<Uint8Array, void> {
  const decompressor = decompressorOf(encoding);
  return decompressor === undefined ? pieces : decompressed(pieces, decompressor, encoding);
}

async function* decompressed(
  pieces: AsyncGenerator<Uint8Array, void>,
  decompressor: Transform,
  encoding: BodyEncoding,
): AsyncGenerator<Uint8Array, void> {
  // An error of the body ends the decompressor as well, and so this loop.
  pipeline(Readable.from(pieces, { objectMode: false }), decompressor, () => {});
  try {
    for await (const piece of decompressor) yield piece as Uint8Array;
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw badRequest(`${encoding}: ${errorMessage(error)}`);
  }
}

/** Plain bytes of a whole body. Throws HTTP_DECODED_TOO_LARGE, or `bad_data` if they cannot be had. */
export async function decodeWhole(
  body: Uint8Array,
  encoding: BodyEncoding,
  maxDecodedBytes: number,
): Promise<Uint8Array> {
  if (encoding === 'identity') return body;
  if (encoding === 'snappy') return snappyDecode(body, maxDecodedBytes);
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of decodePieces(only(body), encoding)) {
    length += piece.length;
    if (length > maxDecodedBytes) throw decodedTooLarge(maxDecodedBytes);
    pieces.push(piece);
  }
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}

async function* only(body: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield body;
}

function decompressorOf(encoding: BodyEncoding): Transform | undefined {
  switch (encoding) {
    case 'gzip':
      return zlib.createGunzip();
    case 'deflate':
      return zlib.createInflate();
    case 'zstd':
      return createZstdDecompress?.();
    case 'identity':
    case 'snappy':
      return undefined;
  }
}
