// Answers of the Prometheus API: JSON in its envelope, compressed where the client can take it, long
// lists written in pieces.

import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { pipeline, Readable, type Writable } from 'node:stream';
import { promisify } from 'node:util';
import { constants, createDeflate, createGzip, deflate, gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { QueryAnswer } from '../query/interface.ts';
import { releaseBytes } from '../runtime/release.ts';
import { clientGone } from './errors.ts';

/** What answers can be compressed as, by the name in Accept-Encoding. */
const CODINGS = {
  gzip: { compress: promisify(gzip), createStream: createGzip },
  deflate: { compress: promisify(deflate), createStream: createDeflate },
} as const;
type Coding = keyof typeof CODINGS;

/** Answers here compress well at the cheapest level. */
const COMPRESSION_OPTIONS = { level: constants.Z_BEST_SPEED };
/** Below this a compressed answer takes as many packets as a plain one. */
const MIN_COMPRESSED_LENGTH = 1400;
/** List items per piece: a piece takes a millisecond or so. */
const ITEMS_PER_PIECE = 2000;

/** What Prometheus says when a `limit` cut a list. */
export const TRUNCATED_WARNING = 'results truncated due to limit';

/** `{"status":"success","data":…}`. */
export async function sendData(
  request: FastifyRequest,
  reply: FastifyReply,
  data: unknown,
  warnings: readonly string[] = [],
): Promise<FastifyReply> {
  const tail = warnings.length === 0 ? '' : `,"warnings":${JSON.stringify(warnings)}`;
  const text = `{"status":"success","data":${JSON.stringify(data)}${tail}}`;
  return sendWhole(request, reply, Buffer.from(text));
}

/**
 * A whole JSON answer, compressed if that is worth it and the client can take it. `isOwn`: its memory is given back once
 * it has been sent.
 */
export async function sendWhole(
  request: FastifyRequest,
  reply: FastifyReply,
  json: Uint8Array,
  isOwn = false,
): Promise<FastifyReply> {
  addVary(reply, 'Accept-Encoding');
  reply.header('Content-Type', 'application/json');
  const coding = acceptedCoding(request);
  if (json.length < MIN_COMPRESSED_LENGTH || coding === undefined) {
    // Of a client that goes away the socket may still have the bytes: those are left to the collector.
    if (isOwn) reply.raw.once('finish', () => releaseBytes(json));
    return reply.send(json);
  }
  reply.header('Content-Encoding', coding);
  const compressed = await CODINGS[coding].compress(json, COMPRESSION_OPTIONS);
  if (isOwn) releaseBytes(json);
  return reply.send(compressed);
}

/** An answer of the query service: as a whole, or in pieces as they are made. */
export async function sendAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  { whole, isOwn, pieces }: QueryAnswer,
): Promise<FastifyReply> {
  if (whole !== undefined) return sendWhole(request, reply, whole, isOwn);
  reply.header('Content-Type', 'application/json');
  return sendPieces(request, reply, pieces);
}

/** The same for a list, of at most `limit` items, without holding its whole text in memory. */
export function sendList<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  items: readonly T[],
  limit: number | undefined,
  toJson: (item: T) => unknown = (item) => item,
): Promise<FastifyReply> {
  const isCut = limit !== undefined && items.length > limit;
  const shown = isCut ? items.slice(0, limit) : items;
  const warnings = isCut ? [TRUNCATED_WARNING] : [];
  if (shown.length <= ITEMS_PER_PIECE) {
    return sendData(request, reply, shown.map(toJson), warnings);
  }
  reply.header('Content-Type', 'application/json');
  return sendStream(request, reply, listPieces(shown, toJson, warnings));
}

async function* listPieces<T>(
  items: readonly T[],
  toJson: (item: T) => unknown,
  warnings: readonly string[],
): AsyncGenerator<string, void> {
  yield '{"status":"success","data":[';
  for (let i = 0; i < items.length; i += ITEMS_PER_PIECE) {
    const piece = items.slice(i, i + ITEMS_PER_PIECE).map((item) => JSON.stringify(toJson(item)));
    yield `${i === 0 ? '' : ','}${piece.join(',')}`;
  }
  yield warnings.length === 0 ? ']}' : `],"warnings":${JSON.stringify(warnings)}}`;
}

/**
 * Sends pieces as they come, compressed if the client can take it. Asks for the next piece only when
 * the client has taken the last; ends the generator when the client goes. An error after the first
 * piece breaks the connection, so that nobody takes half an answer for a whole one.
 */
export async function sendStream(
  request: FastifyRequest,
  reply: FastifyReply,
  pieces: AsyncGenerator<string | Uint8Array, void>,
): Promise<FastifyReply> {
  const source = await startStream(reply, pieces);
  addVary(reply, 'Accept-Encoding');
  const coding = acceptedCoding(request);
  if (coding === undefined) return reply.send(source);
  reply.header('Content-Encoding', coding);
  const zipped = CODINGS[coding].createStream(COMPRESSION_OPTIONS);
  // The error reaches the reply through `zipped`, which pipeline destroys with it.
  pipeline(source, zipped, () => {});
  return reply.send(zipped);
}

export interface PiecesOptions {
  /** A header that follows the last piece of an answer that is whole, for clients that speak HTTP/1.1. */
  readonly trailer?: { readonly name: string; readonly value: () => string };
  /** The connection is broken if the client takes nothing for so long, ms. */
  readonly stallMs?: number;
  /** The bytes are compressed already. */
  readonly isCompressed?: boolean;
}

/**
 * The same for pieces whose bytes are valid only until the next is asked for: each has left before that.
 * Nothing but the headers may fail before the first piece.
 */
export async function sendPieces(
  request: FastifyRequest,
  reply: FastifyReply,
  pieces: AsyncGenerator<Uint8Array, void>,
  options: PiecesOptions = {},
): Promise<FastifyReply> {
  addVary(reply, 'Accept-Encoding');
  const coding = options.isCompressed === true ? undefined : acceptedCoding(request);
  if (coding !== undefined) reply.header('Content-Encoding', coding);
  // Without chunks there is no place for one.
  const trailer = request.raw.httpVersion === '1.0' ? undefined : options.trailer;
  if (trailer !== undefined) reply.header('Trailer', trailer.name);
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, reply.getHeaders() as OutgoingHttpHeaders);
  let out: Writable = raw;
  if (coding !== undefined) {
    const zipped = CODINGS[coding].createStream(COMPRESSION_OPTIONS);
    pipeline(zipped, raw, () => {});
    out = zipped;
  }
  try {
    for await (const piece of pieces) await written(out, piece, raw, options.stallMs);
    if (trailer !== undefined) raw.addTrailers({ [trailer.name]: trailer.value() });
    out.end();
  } catch {
    // So that nobody takes half an answer for a whole one. Why is told by whoever made the pieces.
    raw.destroy();
  }
  return reply;
}

/**
 * Resolves when the stream does not need the bytes any more; rejects if the connection closes before, or nobody takes
 * them within `stallMs`.
 */
function written(
  out: Writable,
  bytes: Uint8Array,
  connection: ServerResponse,
  stallMs: number | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = (): void => settle(clientGone());
    const timer = stallMs === undefined ? undefined : setTimeout(gone, stallMs);
    const settle = (error: Error | null | undefined): void => {
      clearTimeout(timer);
      connection.off('close', gone);
      if (error == null) resolve();
      else reject(error);
    };
    if (connection.destroyed) {
      gone();
      return;
    }
    connection.once('close', gone);
    out.write(bytes, settle);
  });
}

/**
 * A generator as a stream. Waits for the first piece, so that an error until then still gets a status.
 * The generator is ended when the connection closes, even if nobody read the stream.
 */
export async function startStream<T extends string | Uint8Array>(
  reply: FastifyReply,
  pieces: AsyncGenerator<T, void>,
): Promise<Readable> {
  if (reply.raw.destroyed) {
    await pieces.return();
    throw clientGone();
  }
  reply.raw.once('close', () => {
    // What the generator throws while it is being ended has no reader left.
    pieces.return().catch(() => {});
  });
  const first = await pieces.next();
  const all = first.done === true ? [] : startingWith(first.value, pieces);
  return Readable.from(all, { objectMode: false });
}

async function* startingWith<T>(first: T, rest: AsyncGenerator<T, void>): AsyncGenerator<T, void> {
  yield first;
  yield* rest;
}

/** JSON text as it is. As bytes, because the framework adds a charset to texts, which JSON has none of. */
export function sendJson(reply: FastifyReply, text: string): FastifyReply {
  return reply.header('Content-Type', 'application/json').send(Buffer.from(text));
}

/** Names a request header that the answer depends on, besides those already named. */
export function addVary(reply: FastifyReply, name: string): void {
  const present = reply.getHeader('Vary');
  reply.header('Vary', present === undefined ? name : `${String(present)}, ${name}`);
}

/** The first coding of ours that Accept-Encoding lists, other than with `q=0`. */
function acceptedCoding(request: FastifyRequest): Coding | undefined {
  const header = request.headers['accept-encoding'];
  if (typeof header !== 'string') return undefined;
  for (const choice of header.split(',')) {
    const [coding, ...parameters] = choice.split(';').map((part) => part.trim().toLowerCase());
    const isRefused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    if ((coding === 'gzip' || coding === 'deflate') && !isRefused) return coding;
  }
  return undefined;
}
