// Speaks to a server as Prometheus does: remote write, remote read in both forms; and export.

import { snappyDecode, snappyEncode } from '../../src/codec/snappy.ts';
import { printLabels } from '../../src/model/labels.ts';
import type { Matcher } from '../../src/model/matcher.ts';
import { ALL_TIME, type TimeRange } from '../../src/model/time-range.ts';
import { JsonLinesDecoder } from '../../src/protocol/json-lines/decode.ts';
import { decodeChunk } from '../../src/protocol/remote-read/chunks.ts';
import { encodeReadRequest, ResponseType } from '../../src/protocol/remote-read/request.ts';
import { ChunkedFrameReader } from '../../src/protocol/remote-read/response-chunks.ts';
import { decodeReadResponse } from '../../src/protocol/remote-read/response-samples.ts';
import { encodeWriteRequestV1 } from '../../src/protocol/remote-write/v1.ts';
import { encodeWriteRequestV2 } from '../../src/protocol/remote-write/v2.ts';
import { RowCollector } from '../../src/protocol/row-collector.ts';
import type { BatchSeries } from '../../src/storage/interface.ts';
import { addRows, emptyReadBack, type ReadBack } from './rows.ts';

/** A server that hangs must fail the test, not hang it as well. */
const REQUEST_TIMEOUT_MS = 30_000;
const MAX_ANSWER_BYTES = 2 ** 30;

const CONTENT_TYPES = {
  1: 'application/x-protobuf',
  2: 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
} as const;

export type ReadForm = 'samples' | 'chunks' | 'export';
export const READ_FORMS: readonly ReadForm[] = ['samples', 'chunks', 'export'];

/** Matches every series. */
export const EVERYTHING: readonly Matcher[] = [{ type: '=~', name: '__name__', value: '.+' }];

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

export class Client {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async isReady(): Promise<boolean> {
    try {
      return (await this.send('GET', '/-/ready')).status === 200;
    } catch {
      return false;
    }
  }

  /** One request. Rejects only where no answer came. */
  async send(
    method: string,
    path: string,
    body?: Uint8Array | string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const response = await this.#fetch(method, path, body, headers);
    return { status: response.status, text: await response.text(), headers: response.headers };
  }

  /** Writes series; `path` says where to. */
  write(
    series: readonly BatchSeries[],
    version: 1 | 2 = 1,
    path = '/api/v1/write',
  ): Promise<Answer> {
    return this.writeBody(writeBody(series, version), version, path);
  }

  /** Posts a body of remote write as it is. */
  writeBody(body: Uint8Array, version: 1 | 2 = 1, path = '/api/v1/write'): Promise<Answer> {
    return this.send('POST', path, body, {
      'Content-Type': CONTENT_TYPES[version],
      'Content-Encoding': 'snappy',
    });
  }

  /** Everything that matches in one database. Throws on any other status than 200. */
  read(
    form: ReadForm,
    matchers: readonly Matcher[] = EVERYTHING,
    range: TimeRange = ALL_TIME,
    database = 'default',
  ): Promise<ReadBack> {
    if (form === 'export') return this.#export(matchers, range, database);
    const query = { range, matchers, hints: undefined };
    const type = form === 'chunks' ? ResponseType.streamedXorChunks : ResponseType.samples;
    const request = encodeReadRequest({ queries: [query], acceptedResponseTypes: [type] });
    return form === 'chunks'
      ? this.#readChunks(request, database)
      : this.#readSamples(request, database);
  }

  async #readSamples(request: Uint8Array, database: string): Promise<ReadBack> {
    const response = await this.#postRead(request, database);
    const bytes = new Uint8Array(await response.arrayBuffer());
    const [result = []] = decodeReadResponse(snappyDecode(bytes, MAX_ANSWER_BYTES), (rejection) => {
      throw new Error(`remote read returned what cannot be decoded: ${rejection.message}`);
    });
    return collect(result);
  }

  async #readChunks(request: Uint8Array, database: string): Promise<ReadBack> {
    const response = await this.#postRead(request, database);
    const reader = new ChunkedFrameReader();
    const seen = emptyReadBack();
    for await (const piece of response.body ?? []) {
      for (const { series } of reader.push(piece as Uint8Array)) {
        for (const { labels, chunks } of series) {
          const key = printLabels(labels);
          for (const { type, data } of chunks) addRows(seen, key, decodeChunk(type, data));
        }
      }
    }
    reader.end();
    return seen;
  }

  #postRead(request: Uint8Array, database: string): Promise<Response> {
    const path = `/api/v1/read${database === 'default' ? '' : `?db=${encodeURIComponent(database)}`}`;
    return this.#fetchOk('POST', path, snappyEncode(request), {
      'Content-Type': 'application/x-protobuf',
      'Content-Encoding': 'snappy',
    });
  }

  async #export(
    matchers: readonly Matcher[],
    { minT, maxT }: TimeRange,
    database: string,
  ): Promise<ReadBack> {
    const params = new URLSearchParams({ 'match[]': printSelector(matchers), db: database });
    if (minT > ALL_TIME.minT) params.set('start', String(minT / 1000));
    if (maxT < ALL_TIME.maxT) params.set('end', String(maxT / 1000));
    const response = await this.#fetchOk('GET', `/api/v1/export?${params}`);
    const collector = new RowCollector();
    const decoder = new JsonLinesDecoder(collector);
    const seen = emptyReadBack();
    for await (const piece of response.body ?? []) {
      decoder.push(piece as Uint8Array);
      collect(collector.take().series, seen);
    }
    decoder.end();
    collect(collector.take().series, seen);
    const { badLines, listed } = collector.takeProblems();
    if (badLines > 0) throw new Error(`export: ${listed[0]?.message}`);
    return seen;
  }

  async #fetchOk(...request: Parameters<Client['send']>): Promise<Response> {
    const response = await this.#fetch(...request);
    if (response.status === 200) return response;
    throw new Error(`${request[0]} ${request[1]}: ${response.status} ${await response.text()}`);
  }

  #fetch(...[method, path, body, headers]: Parameters<Client['send']>): Promise<Response> {
    return fetch(`${this.#url}${path}`, {
      method,
      headers: headers ?? {},
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
  }
}

/** A remote-write body, compressed. */
export function writeBody(series: readonly BatchSeries[], version: 1 | 2): Uint8Array {
  const encode = version === 1 ? encodeWriteRequestV1 : encodeWriteRequestV2;
  return snappyEncode(encode({ series }));
}

function collect(series: readonly BatchSeries[], to: ReadBack = emptyReadBack()): ReadBack {
  for (const { labels, samples } of series) addRows(to, printLabels(labels), samples);
  return to;
}

/** As a selector in a query. */
function printSelector(matchers: readonly Matcher[]): string {
  const parts = matchers.map(({ type, name, value }) => `${name}${type}${JSON.stringify(value)}`);
  return `{${parts.join(',')}}`;
}
