// How requests are sent to either side, and what of the answers is compared.

import type { TestApi } from '../support/api.ts';
import type { InfluxServer } from '../support/influxdb.ts';
import type { InfluxRequest } from './request.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** Headers whose values have to be the same. */
const COMPARED = ['content-type', 'x-influxdb-error', 'allow', 'www-authenticate'];

/** Headers that have to be there, whatever their values. */
const PRESENT = ['x-influxdb-version', 'x-influxdb-build', 'request-id', 'x-request-id'];

export async function askInfluxDB(influx: InfluxServer, request: InfluxRequest): Promise<Answer> {
  const response = await fetch(`${influx.url}${request.path}${queryOf(request)}`, {
    method: request.method,
    headers: { 'Accept-Encoding': 'identity', ...headersOf(request) },
    ...(request.body !== undefined && { body: request.body }),
  });
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: printBody(
      Buffer.from(await response.arrayBuffer()),
      response.headers.get('content-type'),
    ),
  };
}

export async function askUs({ app }: TestApi, request: InfluxRequest): Promise<Answer> {
  const response = await app.inject({
    method: request.method,
    url: `${request.path}${queryOf(request)}`,
    headers: headersOf(request),
    ...(request.body !== undefined && { payload: Buffer.from(request.body) }),
  });
  return {
    status: response.statusCode,
    headers: response.headers as Record<string, string | undefined>,
    body: printBody(response.rawPayload, String(response.headers['content-type'])),
  };
}

/** MessagePack byte by byte. */
function printBody(body: Buffer, contentType: string | null): string {
  return body.toString(contentType === 'application/x-msgpack' ? 'hex' : 'utf8');
}

/** What is compared, as one text. */
export function printAnswer({ status, headers, body }: Answer): string {
  const values = COMPARED.map((name) => {
    const value = (headers[name] ?? '').replace(/; charset=utf-8$/, '');
    return `${name}: ${value}`;
  });
  const isRouted = status !== 404 && status !== 405 && headers['content-type'] !== undefined;
  const present = PRESENT.filter((name) => isRouted && headers[name] !== undefined);
  return [`${status}`, ...values, `present: ${present.join(' ')}`, body].join('\n');
}

export function printRequest({ method, path, params, headers, body }: InfluxRequest): string {
  const { q = '', ...rest } = params ?? {};
  const more = [rest, headers ?? {}].map((part) => JSON.stringify(part)).join(' ');
  return `${method} ${path} ${q} ${more} ${body ?? ''}`;
}

function queryOf({ params }: InfluxRequest): string {
  return params === undefined ? '' : `?${new URLSearchParams(params)}`;
}

function headersOf({ headers, body }: InfluxRequest): Record<string, string> {
  return { ...(body !== undefined && { 'Content-Type': 'text/plain' }), ...headers };
}
