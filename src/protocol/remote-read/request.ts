// The remote-read request (prometheus.ReadRequest) and the choice of the answer's form.

import type { Matcher, MatchType } from '../../model/matcher.ts';
import { MAX_TIME, MIN_TIME, type TimeRange } from '../../model/time-range.ts';
import { readRequestInvalid, readTypeUnsupported } from '../errors.ts';
import { ProtobufReader } from '../protobuf-reader.ts';
import { ProtobufWriter } from '../protobuf-writer.ts';

/** Numbers of the answer's forms in ReadRequest.accepted_response_types. */
export const ResponseType = { samples: 0, streamedXorChunks: 1 } as const;
export type ResponseType = (typeof ResponseType)[keyof typeof ResponseType];

export interface ReadRequest {
  /** Answered in this order. */
  readonly queries: readonly ReadQuery[];
  /** As they came, in the reader's order of preference; unknown numbers included. */
  readonly acceptedResponseTypes: readonly number[];
}

export interface ReadQuery {
  /** Closed on both ends; clamped to the times that exist. */
  readonly range: TimeRange;
  /** All must match. Regular expressions are not checked here. */
  readonly matchers: readonly Matcher[];
  readonly hints: ReadHints | undefined;
}

/** What the reader is going to do with the samples. Hints never narrow what must be returned. */
export interface ReadHints {
  readonly stepMs: number;
  /** Name of the function around the selector; `series` if only label sets are needed. */
  readonly func: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly rangeMs: number;
  readonly grouping: readonly string[];
  readonly by: boolean;
}

const MATCH_TYPES: readonly MatchType[] = ['=', '!=', '=~', '!~'];

/** Decodes a request. Throws PROTOBUF_MALFORMED or REMOTE_READ_REQUEST_INVALID. */
export function decodeReadRequest(bytes: Uint8Array): ReadRequest {
  const reader = new ProtobufReader(bytes, 'ReadRequest');
  const queries: ReadQuery[] = [];
  const acceptedResponseTypes: number[] = [];
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) {
      const outer = reader.beginMessage('Query');
      queries.push(readQuery(reader));
      reader.endMessage(outer, 'ReadRequest');
    } else if (field === 2) reader.uint32List(acceptedResponseTypes);
    else reader.skip();
  }
  return { queries, acceptedResponseTypes };
}

/** The first of the accepted forms that we can produce; none named means samples. */
export function negotiateReadType(accepted: readonly number[]): ResponseType {
  if (accepted.length === 0) return ResponseType.samples;
  for (const type of accepted) {
    if (type === ResponseType.samples || type === ResponseType.streamedXorChunks) return type;
  }
  throw readTypeUnsupported(accepted);
}

function readQuery(reader: ProtobufReader): ReadQuery {
  let start = 0;
  let end = 0;
  let hints: ReadHints | undefined;
  const matchers: Matcher[] = [];
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) start = reader.int64();
    else if (field === 2) end = reader.int64();
    else if (field === 3) {
      const outer = reader.beginMessage('LabelMatcher');
      matchers.push(readMatcher(reader));
      reader.endMessage(outer, 'Query');
    } else if (field === 4) {
      const outer = reader.beginMessage('ReadHints');
      hints = readHints(reader);
      reader.endMessage(outer, 'Query');
    } else reader.skip();
  }
  return { range: { minT: clampTime(start), maxT: clampTime(end) }, matchers, hints };
}

function readMatcher(reader: ProtobufReader): Matcher {
  let type = 0;
  let name = '';
  let value = '';
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) type = reader.uint32();
    else if (field === 2) name = readText(reader);
    else if (field === 3) value = readText(reader);
    else reader.skip();
  }
  const matchType = MATCH_TYPES[type];
  if (matchType === undefined) {
    throw readRequestInvalid(`matcher of label ${JSON.stringify(name)} has unknown type ${type}`);
  }
  return { type: matchType, name, value };
}

function readHints(reader: ProtobufReader): ReadHints {
  let stepMs = 0;
  let func = '';
  let startMs = 0;
  let endMs = 0;
  let rangeMs = 0;
  let by = false;
  const grouping: string[] = [];
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) stepMs = reader.int64();
    else if (field === 2) func = readText(reader);
    else if (field === 3) startMs = reader.int64();
    else if (field === 4) endMs = reader.int64();
    else if (field === 5) grouping.push(readText(reader));
    else if (field === 6) by = reader.bool();
    else if (field === 7) rangeMs = reader.int64();
    else reader.skip();
  }
  return { stepMs, func, startMs, endMs, rangeMs, grouping, by };
}

function readText(reader: ProtobufReader): string {
  const text = reader.string();
  if (text === undefined) throw readRequestInvalid('a string is not valid UTF-8');
  return text;
}

function clampTime(t: number): number {
  return Math.min(MAX_TIME, Math.max(MIN_TIME, t));
}

/** Encodes a request, as a reader would. */
export function encodeReadRequest(request: ReadRequest): Uint8Array {
  const writer = new ProtobufWriter();
  for (const { range, matchers, hints } of request.queries) {
    const query = writer.beginMessage(1);
    writer.int64(1, range.minT);
    writer.int64(2, range.maxT);
    for (const { type, name, value } of matchers) {
      const matcher = writer.beginMessage(3);
      writer.uint(1, MATCH_TYPES.indexOf(type));
      writer.string(2, name);
      writer.string(3, value);
      writer.endMessage(matcher);
    }
    if (hints) {
      const start = writer.beginMessage(4);
      writer.int64(1, hints.stepMs);
      writer.string(2, hints.func);
      writer.int64(3, hints.startMs);
      writer.int64(4, hints.endMs);
      for (const label of hints.grouping) writer.string(5, label);
      writer.uint(6, hints.by ? 1 : 0);
      writer.int64(7, hints.rangeMs);
      writer.endMessage(start);
    }
    writer.endMessage(query);
  }
  if (request.acceptedResponseTypes.length > 0) {
    writer.uint32List(2, request.acceptedResponseTypes);
  }
  return writer.finish();
}
