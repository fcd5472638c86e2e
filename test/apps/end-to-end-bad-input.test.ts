// The built server under hostile and broken clients, over real HTTP, while an honest writer goes on:
// each gets the right status and a reason, and the writer notices nothing.

import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { snappyEncode } from '../../src/codec/snappy.ts';
import { encodeWriteRequestV1 } from '../../src/protocol/remote-write/v1.ts';
import type { BatchSeries } from '../../src/storage/interface.ts';
import { series } from '../support/api.ts';
import { App } from '../support/app.ts';
import { removeFolder, temporaryFolder } from '../support/child.ts';
import { writeBody } from '../support/client.ts';
import { Random } from '../support/random.ts';

/** Everything that a hostile body makes the server hold must stay below this. */
const MAX_MEMORY_GROWTH_BYTES = 400 * 2 ** 20;
const MAX_WRITE_MS = 5000;
const MUTATIONS = 400;
const DRIBBLERS = 50;

const WRITE_HEADERS = { 'Content-Type': 'application/x-protobuf', 'Content-Encoding': 'snappy' };

let folder: string;
let app: App;
let writer: HonestWriter;
let memoryBefore: number;
const dribblers: Socket[] = [];

beforeAll(async () => {
  folder = temporaryFolder('bad-input');
  app = await App.start({ dataDir: join(folder, 'data') });
  writer = new HonestWriter();
  for (let i = 0; i < 20; i++) await writer.write();
  memoryBefore = peakMemory();
  writer.start();
  for (let i = 0; i < DRIBBLERS; i++) dribblers.push(dribble(i));
});

afterAll(async () => {
  await writer?.stop();
  for (const socket of dribblers) socket.destroy();
  await app?.kill();
  if (folder !== undefined) removeFolder(folder);
});

/** Bytes of a varint. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}

function sample(labels: Record<string, string>, t = Date.now()): BatchSeries {
  return series(labels, [t, 1]);
}

const honest = encodeWriteRequestV1({ series: [sample({ __name__: 'm' })] });
const encoded = snappyEncode(honest);
const many = Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`label_${i}`, 'x']));

interface BadWrite {
  readonly what: string;
  readonly status: number;
  readonly text: RegExp;
  readonly body: () => Uint8Array;
  readonly path?: string;
  readonly headers?: Record<string, string>;
}

const BAD_WRITES: readonly BadWrite[] = [
  {
    what: 'snappy that declares 4 GiB',
    status: 400,
    text: /4294967295|larger|limit/,
    body: () => Uint8Array.from([...varint(0xffff_ffff), 0, 0]),
  },
  {
    what: 'snappy that declares less than it holds',
    status: 400,
    text: /snappy/i,
    body: () => Uint8Array.from([1, ...encoded.subarray(1)]),
  },
  {
    what: 'snappy that is cut off',
    status: 400,
    text: /snappy/i,
    body: () => encoded.subarray(0, encoded.length - 3),
  },
  {
    what: 'a bomb of 60 MB of nothing',
    status: 400,
    text: /./,
    body: () => snappyEncode(new Uint8Array(60 * 2 ** 20)),
  },
  {
    what: 'a bomb beyond the limit',
    status: 400,
    text: /larger|limit|64 ?MiB/,
    body: () => snappyEncode(new Uint8Array(80 * 2 ** 20)),
  },
  {
    what: 'protobuf that is cut off',
    status: 400,
    text: /WriteRequest|TimeSeries|Label|protobuf/i,
    body: () => snappyEncode(honest.subarray(0, honest.length - 4)),
  },
  {
    what: 'a hundred thousand empty series',
    status: 400,
    text: /empty_series|at least one sample/,
    body: () => snappyEncode(new Uint8Array(200_000).map((_, i) => (i % 2 === 0 ? 0x0a : 0))),
  },
  {
    what: 'a million empty series',
    status: 400,
    text: /more than 500000 series/,
    body: () => snappyEncode(new Uint8Array(2 ** 21).map((_, i) => (i % 2 === 0 ? 0x0a : 0))),
  },
  {
    what: 'a body above the limit',
    status: 413,
    text: /32 ?MiB/,
    body: () => new Uint8Array(33 * 2 ** 20),
  },
  {
    what: 'a type nobody knows, with a corrupt body',
    status: 415,
    text: /application\/json/,
    body: () => Uint8Array.from([255, 255]),
    headers: { 'Content-Type': 'application/json' },
  },
  {
    what: 'gzip where snappy belongs',
    status: 415,
    text: /gzip/,
    body: () => gzipSync(honest),
    headers: { 'Content-Encoding': 'gzip' },
  },
  {
    what: 'an unknown database',
    status: 404,
    text: /"nowhere".*databases create nowhere/,
    body: () => encoded,
    path: '/api/v1/write?db=nowhere',
  },
  {
    what: 'a sample from the future',
    status: 400,
    text: /hasty.*future/,
    body: () => writeBody([sample({ __name__: 'hasty' }, Date.now() + 3_600_000)], 1),
  },
  {
    what: 'too many labels',
    status: 400,
    text: /crowded.*64/,
    body: () => writeBody([sample({ __name__: 'crowded', ...many })], 1),
  },
  {
    what: 'a label value that is too long',
    status: 400,
    text: /wordy/,
    body: () => writeBody([sample({ __name__: 'wordy', text: 'x'.repeat(20_000) })], 1),
  },
  {
    what: 'no metric name',
    status: 400,
    text: /missing_metric_name/,
    body: () => writeBody([sample({ job: 'nameless' })], 1),
  },
];

test.each(BAD_WRITES)('write: $what is $status', async (bad) => {
  const headers = { ...WRITE_HEADERS, ...bad.headers };
  const path = bad.path ?? '/api/v1/write';
  const answer = await app.client.send('POST', path, bad.body(), headers);
  expect(`${answer.status} ${answer.text}`).toMatch(new RegExp(`^${bad.status} `));
  expect(answer.text).toMatch(bad.text);
  expect(answer.text.length).toBeLessThan(4000);
});

test.each([
  ['snappy that lies', '/api/v1/read', Uint8Array.from([200, 1, 0, 0])],
  ['protobuf that lies', '/api/v1/read', snappyEncode(Uint8Array.from([0x0a, 0x7f, 1]))],
  ['lines that are no JSON', '/api/v1/import', 'not json\n{"metric":{}}\n'],
  ['a selector that does not parse', '/api/v1/export?match[]={', undefined],
  ['a regular expression that does not', '/api/v1/export?match[]={a=~"("}', undefined],
] as const)('%s is 400', async (_, path, body) => {
  const answer = await app.client.send('POST', path, body);
  expect(`${answer.status} ${answer.text}`).toMatch(/^400 ./);
});

test('a regular expression made to explode does not', async () => {
  await app.client.write([sample({ __name__: 'victim', a: 'a'.repeat(5000) })]);
  const started = performance.now();
  const selector = encodeURIComponent('{__name__="victim",a=~"(a+)+b"}');
  const { status, text } = await app.client.send('GET', `/api/v1/export?match[]=${selector}`);
  expect([status, text]).toEqual([200, '']);
  expect(performance.now() - started).toBeLessThan(2000);
});

test('an import that inflates to one endless line is refused as it streams', async () => {
  const bomb = gzipSync(Buffer.alloc(100 * 2 ** 20, 0x20));
  const headers = { 'Content-Encoding': 'gzip' };
  const { status, text } = await app.client.send('POST', '/api/v1/import', bomb, headers);
  expect(`${status} ${text}`).toMatch(/^400 .*1 lines/);
});

test(`${MUTATIONS} mutated bodies get an answer that is no error of ours`, async () => {
  const random = new Random(Number(process.env.FUZZ_SEED ?? 1));
  const rows = Array.from({ length: 5 }, (_, i) => sample({ __name__: 'fuzz', n: `${i}` }));
  for (let i = 0; i < MUTATIONS; i++) {
    const version = random.oneIn(2) ? 1 : 2;
    const body = Uint8Array.from(writeBody(rows, version));
    for (let n = random.between(1, 4); n > 0; n--)
      body[random.below(body.length)] = random.below(256);
    const length = random.oneIn(4) ? random.below(body.length) : body.length;
    const { status } = await app.client.writeBody(body.subarray(0, length), version);
    expect([204, 400]).toContain(status);
  }
});

// Last: it looks back on all of the above.
test('refusals are listed and counted, and the writer noticed nothing', async () => {
  const { text } = await app.client.send('GET', '/api/v1/status/rejected');
  const { totals } = (JSON.parse(text) as { data: { totals: Record<string, number> } }).data;
  expect(Object.keys(totals)).toEqual(
    expect.arrayContaining(['too_far_in_future', 'too_many_labels', 'missing_metric_name']),
  );
  await writer.stop();
  expect(writer.failures).toEqual([]);
  expect(writer.slowestMs).toBeLessThan(MAX_WRITE_MS);
  expect(writer.written.size).toBeGreaterThan(20);
  expect(peakMemory() - memoryBefore).toBeLessThan(MAX_MEMORY_GROWTH_BYTES);

  await app.kill();
  app = await App.start({ dataDir: join(folder, 'data'), port: app.port });
  const seen = await app.client.read('chunks', [{ type: '=', name: '__name__', value: 'honest' }]);
  const times = [...(seen.series.get('honest')?.keys() ?? [])];
  expect(times).toEqual([...writer.written]);
});

/** Writes one sample after the other and remembers how it was received. */
class HonestWriter {
  /** Times of acknowledged samples. */
  readonly written = new Set<number>();
  readonly failures: string[] = [];
  slowestMs = 0;
  #running: Promise<void> | undefined;
  #isStopped = false;
  #t = Date.now() - 3_600_000;

  start(): void {
    this.#running = (async () => {
      while (!this.#isStopped) {
        await this.write();
        await sleep(10);
      }
    })();
  }

  async write(): Promise<void> {
    const t = ++this.#t;
    const started = performance.now();
    try {
      const { status, text } = await app.client.write([sample({ __name__: 'honest' }, t)]);
      if (status === 204) this.written.add(t);
      else this.failures.push(`${status} ${text}`);
    } catch (error) {
      this.failures.push(String(error));
    }
    this.slowestMs = Math.max(this.slowestMs, performance.now() - started);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }
}

/** A client that never finishes what it says. */
function dribble(number: number): Socket {
  const socket = connect(app.port, '127.0.0.1');
  socket.on('error', () => {});
  const head = 'POST /api/v1/write HTTP/1.1\r\nHost: x\r\n';
  socket.write(number % 2 === 0 ? head : `${head}Content-Length: 1000\r\n\r\nabc`);
  return socket;
}

/** Largest resident memory of the server so far. */
function peakMemory(): number {
  const status = readFileSync(`/proc/${app.pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}
