// docs/reference/malformed-input.md is what is tested: each row of its tables is sent as it says, between what is right, and
// answered as it says; what it says is stored is there, and the next request is served.

import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApiContext } from '../../src/api/context.ts';
import { graphitePickle, graphitePlaintext } from '../../src/api/sockets/graphite.ts';
import { SocketListeners } from '../../src/api/sockets/index.ts';
import { influxLines } from '../../src/api/sockets/influx.ts';
import { opentsdbTelnet } from '../../src/api/sockets/opentsdb.ts';
import type { SocketProtocol } from '../../src/api/sockets/protocol.ts';
import { snappyEncode } from '../../src/codec/snappy.ts';
import { series, startApi, type TestApi, V1_TYPE, writeBody } from '../support/api.ts';
import { otlpProtobuf, otlpRequest } from '../support/otlp.ts';
import { readTables, type TableRow } from '../support/page-tables.ts';

const NOW = Date.now();
const SECONDS = Math.floor(NOW / 1000);
/** Of a line, so that one that is too long is a short one. */
const MAX_LINE_BYTES = 1000;
const DEADLINE_MS = 10_000;

/** Good samples that are stored, by the word of the page. */
const STORED: Readonly<Record<string, number>> = { 'the rest': 2, nothing: 0 };

/** Stands in the page for something of any length. */
const ANYTHING = '…';

interface Sent {
  readonly path: string;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Answer {
  /** As in the page; of a socket `–`. */
  readonly status: string;
  readonly text: string;
}

/** How one heading of the page is tried. */
interface Face {
  /** Sends this between two good ones: what stands between backticks in the page. */
  readonly send: (api: TestApi, sent: string) => Promise<Answer>;
  /** What is told in words. */
  readonly named?: Readonly<Record<string, (api: TestApi) => Promise<Answer>>>;
}

const JSON_TYPE = { 'content-type': 'application/json' };

async function post(api: TestApi, { path, body, headers = {} }: Sent): Promise<Answer> {
  const answer = await api.app.inject({ method: 'POST', url: path, payload: body, headers });
  return { status: String(answer.statusCode), text: answer.body };
}

/** A face of HTTP: `join` puts parts, of which each has two samples at most, into a body. */
function httpFace(
  path: string,
  good: (n: number) => string,
  join: (parts: readonly string[]) => string,
  headers: Readonly<Record<string, string>> = {},
  named: Readonly<Record<string, Sent>> = {},
): Face {
  const whole = join([good(1), good(2)]);
  const common: Readonly<Record<string, Sent>> = {
    'not what its `Content-Encoding: gzip` says': {
      path,
      body: whole,
      headers: { ...headers, 'content-encoding': 'gzip' },
    },
    'a `Content-Encoding` that is not known': {
      path,
      body: whole,
      headers: { ...headers, 'content-encoding': 'br' },
    },
    'to a database that is not there': {
      path: `${path}${path.includes('?') ? '&' : '?'}db=nowhere`.replace('db=default&db=', 'db='),
      body: whole,
      headers,
    },
    'a line that is too long': { path, body: join([good(1), 'x'.repeat(5000), good(2)]), headers },
    ...named,
  };
  return {
    send: (api, sent) => post(api, { path, body: join([good(1), sent, good(2)]), headers }),
    named: Object.fromEntries(
      Object.entries(common).map(([name, sent]) => [name, (api) => post(api, sent)]),
    ),
  };
}

const lines = (parts: readonly string[]): string => `${parts.join('\n')}\n`;
const list = (parts: readonly string[]): string => `[${parts.join(',')}]`;
const seriesOf = (parts: readonly string[]): string => `{"series":[${parts.join(',')}]}`;
const raw = (path: string, body: string | Buffer, headers: Readonly<Record<string, string>>) => ({
  path,
  body,
  headers,
});

/** A face of sockets; its answer is what comes back, or what the ledger of refusals has. */
function socketFace(
  protocolOf: (context: ApiContext) => SocketProtocol,
  good: (n: number) => string | Buffer,
  frame: (part: string) => string | Buffer,
  named: Readonly<Record<string, string | Buffer>> = {},
): Face {
  const send = async (api: TestApi, part: string | Buffer): Promise<Answer> => {
    const listeners = new SocketListeners(api.context);
    const address = { host: '127.0.0.1', port: 0, transports: ['tcp' as const] };
    const { port } = await listeners.listen(address, protocolOf(api.context));
    const bytes = [good(1), part, good(2)].map((one) => Buffer.from(one as string));
    const text = await exchange(port, Buffer.concat(bytes));
    await listeners.close(DEADLINE_MS);
    const [latest] = api.context.rejections.latest(1);
    return { status: '–', text: text === '' ? (latest?.message ?? '') : text };
  };
  return {
    send: (api, sent) => send(api, frame(sent)),
    named: Object.fromEntries(
      Object.entries({ 'a line that is too long': `${'x'.repeat(5000)}\n`, ...named }).map(
        ([name, part]) => [name, (api: TestApi) => send(api, part)],
      ),
    ),
  };
}

/** Sends all of it; answers what came back until the other side had ended. */
function exchange(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
    socket.on('data', (data) => {
      text += data.toString();
    });
    socket.on('error', reject).on('close', () => resolve(text));
  });
}

/** A frame of carbon around a pickle of protocol 2. */
function pickleFrame(pickle: string | Buffer): Buffer {
  const bytes = Buffer.from(pickle as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

const goodPickle = (n: number): Buffer =>
  pickleFrame(`(lp0\n(S'good;n=${n}'\n(I${SECONDS}\nF1.0\nttp1\na.`);

const REMOTE_WRITE = { 'content-type': V1_TYPE, 'content-encoding': 'snappy' };
const WRITE_1 = '/api/v1/write';
const goodWrite = Buffer.from(
  writeBody(
    1,
    series({ __name__: 'good', n: '1' }, [NOW, 1]),
    series({ __name__: 'good', n: '2' }, [NOW, 1]),
  ),
);
const bytesOf = (answer: (api: TestApi) => Sent) => (api: TestApi) => post(api, answer(api));

const OTLP = '/v1/metrics';
const gauge = (name: string, n: number): string =>
  `{"name":"${name}","gauge":{"dataPoints":[{"timeUnixNano":"${NOW}000000","asDouble":1,"attributes":[{"key":"n","value":{"stringValue":"${n}"}}]}]}}`;
const otlpBody = (metrics: readonly string[]): string =>
  `{"resourceMetrics":[{"scopeMetrics":[{"metrics":${list(metrics)}}]}]}`;

const FACES: Readonly<Record<string, Face>> = {
  'JSON lines': httpFace(
    '/api/v1/import',
    (n) => `{"metric":{"__name__":"good","n":"${n}"},"values":[1],"timestamps":[${NOW}]}`,
    lines,
  ),
  'Prometheus text': httpFace(
    '/api/v1/import/prometheus',
    (n) => `good{n="${n}"} 1`,
    lines,
    {},
    {
      '`?timestamp=now`': {
        path: '/api/v1/import/prometheus?timestamp=now',
        body: 'good 1\n',
      },
      'protobuf, by its `Content-Type`': raw('/api/v1/import/prometheus', 'good 1\n', {
        'content-type': 'application/vnd.google.protobuf',
      }),
      'a path `/metrics/job`': { path: '/api/v1/import/prometheus/metrics/job', body: 'good 1\n' },
    },
  ),
  CSV: httpFace(
    '/api/v1/import/csv?format=1:metric:good,2:label:n,3:time:unix_s',
    (n) => `1,${n},${SECONDS}`,
    lines,
    {},
    {
      'without `format`': { path: '/api/v1/import/csv', body: '1\n' },
      '`?format=1:metric`': { path: '/api/v1/import/csv?format=1:metric', body: '1\n' },
    },
  ),
  'Line protocol as metrics': httpFace(
    '/influx/write',
    (n) => `good,n=${n} v=1`,
    lines,
    {},
    { '`?precision=d`': { path: '/influx/write?precision=d', body: 'good v=1\n' } },
  ),
  'InfluxDB 1.x': httpFace(
    '/write?db=default',
    (n) => `good,n=${n} value=1`,
    lines,
    {},
    {
      'without `db`': { path: '/write', body: 'good value=1\n' },
      '`?precision=d`': { path: '/write?db=default&precision=d', body: 'good value=1\n' },
    },
  ),
  'Lines of InfluxDB over TCP': socketFace(
    influxLines,
    (n) => `good,n=${n} v=1\n`,
    (line) => `${line}\n`,
  ),
  Graphite: socketFace(
    graphitePlaintext,
    (n) => `good;n=${n} 1 ${SECONDS}\n`,
    (line) => `${line}\n`,
  ),
  'Graphite pickles': socketFace(graphitePickle, goodPickle, pickleFrame, {
    'a frame that is no pickle': pickleFrame('nonsense'),
    'a pickle that would run code': pickleFrame("cos\nsystem\n(S'true'\ntR."),
    'a point whose value is a text': pickleFrame(`(lp0\n(S'bad'\n(I${SECONDS}\nS'x'\nttp1\na.`),
    'a list of something else than points': pickleFrame('(lp0\nI1\na.'),
  }),
  'OpenTSDB telnet': socketFace(
    opentsdbTelnet,
    (n) => `put good ${SECONDS} 1 n=${n}\n`,
    (line) => `${line}\n`,
  ),
  'OpenTSDB HTTP': httpFace(
    '/api/put?details',
    (n) => `{"metric":"good","timestamp":${SECONDS},"value":1,"tags":{"n":"${n}"}}`,
    list,
    JSON_TYPE,
    {
      'no JSON': raw('/api/put', '[{"metric":', JSON_TYPE),
      'an empty list': raw('/api/put', '[]', JSON_TYPE),
    },
  ),
  'DataDog v1': httpFace(
    '/datadog/api/v1/series',
    (n) => `{"metric":"good","points":[[${SECONDS},1]],"tags":["n:${n}"]}`,
    seriesOf,
    JSON_TYPE,
    {
      'no JSON': raw('/datadog/api/v1/series', '{"series":', JSON_TYPE),
      'no list of series': raw('/datadog/api/v1/series', '{"series":7}', JSON_TYPE),
    },
  ),
  'DataDog v2': httpFace(
    '/datadog/api/v2/series',
    (n) => `{"metric":"good","points":[{"timestamp":${SECONDS},"value":1}],"tags":["n:${n}"]}`,
    seriesOf,
    JSON_TYPE,
    {
      'no JSON': raw('/datadog/api/v2/series', '{"series":', JSON_TYPE),
      'no protobuf, by its `Content-Type`': raw('/datadog/api/v2/series', 'nonsense', {
        'content-type': 'application/x-protobuf',
      }),
    },
  ),
  collectd: httpFace(
    '/api/v1/import/collectd',
    (n) =>
      `{"values":[1],"dstypes":["gauge"],"dsnames":["value"],"time":${SECONDS},"host":"h","plugin":"good","plugin_instance":"${n}","type":"good"}`,
    list,
    JSON_TYPE,
    { 'no JSON': raw('/api/v1/import/collectd', '[{', JSON_TYPE) },
  ),
  OpenTelemetry: httpFace(OTLP, (n) => gauge('good', n), otlpBody, JSON_TYPE, {
    'no JSON': raw(OTLP, '{"resourceMetrics":', JSON_TYPE),
    'no protobuf': raw(OTLP, 'nonsense', { 'content-type': 'application/x-protobuf' }),
    'protobuf that breaks off': raw(OTLP, cut(otlpProtobuf(otlpRequest([]))), {
      'content-type': 'application/x-protobuf',
    }),
    'a `Content-Type` that is not known': raw(OTLP, '{}', { 'content-type': 'text/plain' }),
  }),
  'Remote write': {
    send: (api) => post(api, raw(WRITE_1, goodWrite, REMOTE_WRITE)),
    named: {
      'no snappy': bytesOf(() => raw(WRITE_1, 'nonsense', REMOTE_WRITE)),
      'no protobuf': bytesOf(() =>
        raw(WRITE_1, Buffer.from(snappyEncode(Buffer.from('nonsense'))), REMOTE_WRITE),
      ),
      'a `Content-Encoding` that is not known': bytesOf(() =>
        raw(WRITE_1, goodWrite, { ...REMOTE_WRITE, 'content-encoding': 'zstd' }),
      ),
      'a `Content-Type` that is not known': bytesOf(() =>
        raw(WRITE_1, goodWrite, { ...REMOTE_WRITE, 'content-type': 'text/plain' }),
      ),
      'a series without a name beside good ones': bytesOf(() =>
        raw(
          WRITE_1,
          Buffer.from(
            writeBody(
              1,
              series({ __name__: 'good', n: '1' }, [NOW, 1]),
              series({ job: 'x' }, [NOW, 1]),
              series({ __name__: 'good', n: '2' }, [NOW, 1]),
            ),
          ),
          REMOTE_WRITE,
        ),
      ),
      'to a database that is not there': bytesOf(() =>
        raw(`${WRITE_1}?db=nowhere`, goodWrite, REMOTE_WRITE),
      ),
    },
  },
};

/** Without its last byte; of nothing, a message that says it is longer than it is. */
function cut(bytes: Buffer): Buffer {
  return bytes.length > 1 ? bytes.subarray(0, -1) : Buffer.from([0x0a, 0x05]);
}

let api: TestApi;
beforeEach(() => {
  api = startApi({
    settings: { 'limits.max-line-size': MAX_LINE_BYTES, 'sockets.max-line-size': MAX_LINE_BYTES },
  });
});
afterEach(() => api.app.close());

/** Series whose names begin with `good`, by any protocol's naming. */
async function goodSeries(): Promise<number> {
  const { body } = await api.app.inject('/api/v1/series?match[]={__name__=~".*good.*"}');
  return (JSON.parse(body) as { data: unknown[] }).data.length;
}

const tables = readTables('reference/malformed-input');

test('every protocol has its table', () => {
  expect([...tables.keys()].sort()).toEqual(Object.keys(FACES).sort());
});

describe.each([...tables])('%s', (heading, rows: readonly TableRow[]) => {
  test.each(rows)('%s', async (sent = '', status = '', message = '', stored = '') => {
    const face = FACES[heading]!;
    const literal = /^`([^`]*)`$/.exec(sent)?.[1];
    const named = face.named?.[sent];
    if (literal === undefined && named === undefined) throw new Error(`nobody knows: ${sent}`);
    const answer = await (named?.(api) ?? face.send(api, literal!));
    // As people read it: the page does without JSON's backslashes.
    const text = answer.text.replaceAll('\\"', '"');
    expect({ ...answer, text }).toEqual({
      status,
      text: expect.stringMatching(patternOf(message)),
    });
    expect(await goodSeries()).toBe(STORED[stored]);
    // The next one is served as if nothing had been.
    const next = await post(api, raw(WRITE_1, goodWrite, REMOTE_WRITE));
    expect(next.status).toBe('204');
  });
});

/** What stands between backticks, anywhere in the answer. */
function patternOf(message: string): RegExp {
  const text = message.replace(/^`+ ?| ?`+$/g, '');
  const parts = text.split(ANYTHING).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(parts.join('[^]*?'));
}
