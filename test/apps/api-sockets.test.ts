// What only shows on real sockets: malformed requests, large and broken-off bodies, closing.

import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Listeners } from '../../src/api/listeners.ts';
import { snappyEncode } from '../../src/codec/snappy.ts';
import { encodeReadRequest } from '../../src/protocol/remote-read/request.ts';
import type { LogFields } from '../../src/runtime/log.ts';
import type { Querier, SeriesEntry } from '../../src/storage/interface.ts';
import { series, startApi, type TestApi, type TestApiOptions, writeBody } from '../support/api.ts';
import { waitFor } from '../support/child.ts';
import { FakeQueries } from '../support/fake-queries.ts';

interface Running extends TestApi {
  readonly listeners: Listeners;
  readonly port: number;
  readonly url: string;
  readonly logged: LogFields[];
}

const open: Running[] = [];
afterEach(async () => {
  for (const { listeners, app } of open.splice(0)) {
    await listeners.close(0);
    await app.close();
  }
});

async function start(options: TestApiOptions = {}, maxConnections = 100): Promise<Running> {
  const logged: LogFields[] = [];
  const logger = {
    log: (_severity: string, message: string, fields?: LogFields) => {
      logged.push({ message, ...fields });
    },
  };
  const api = startApi({ ...options, logger });
  await api.app.ready();
  const listeners = new Listeners(api.app, { maxConnections, logger });
  const { port } = await listeners.listen({ host: '127.0.0.1', port: 0 });
  const running = { ...api, listeners, port, url: `http://127.0.0.1:${port}`, logged };
  open.push(running);
  return running;
}

/** Sends raw bytes, gives everything that came back until the other side closed. */
function exchange(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let received = '';
    socket.on('data', (data) => {
      received += data.toString();
    });
    socket.on('close', () => resolve(received)).on('error', reject);
  });
}

test('a space in the request target is answered and logged with its cause', async () => {
  const { port, logged } = await start();
  const answer = await exchange(
    port,
    'POST /api/v1/prom/write? db=x HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n',
  );
  expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  expect(answer).toContain('space in request target');
  expect(logged).toMatchObject([{ reason: expect.stringContaining('space in request target') }]);
});

test('other malformed requests are 400 too, and logged once in a while', async () => {
  const { port, logged } = await start();
  for (let i = 0; i < 3; i++) {
    expect(await exchange(port, 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  }
  expect(logged).toHaveLength(1);
});

test('a large body gets its 413 and the connection lives on', async () => {
  const { url } = await start({ settings: { 'limits.max-body-size': 1000 } });
  const body = new Uint8Array(5_000_000);
  const answer = await fetch(`${url}/api/v1/write`, { method: 'POST', body });
  expect(answer.status).toBe(413);
  const next = await fetch(`${url}/api/v1/write`, { method: 'POST', body: new Uint8Array(0) });
  expect(next.status).toBe(204);
});

test('a large body without a length is cut off at the limit', async () => {
  const { port, context } = await start({ settings: { 'limits.max-body-size': 1000 } });
  const status = await new Promise<number>((resolve, reject) => {
    const request = httpRequest({ port, method: 'POST', path: '/api/v1/write' }, (response) => {
      resolve(response.statusCode!);
      request.destroy();
    });
    request.on('error', reject);
    for (let i = 0; i < 20; i++) request.write(Buffer.alloc(100));
  });
  expect(status).toBe(413);
  expect(context.bodies.heldBytes).toBe(0);
});

test('a client that leaves in the middle of a body costs nothing', async () => {
  const { port, context } = await start();
  const socket = connect(port, '127.0.0.1', () => {
    socket.write('POST /api/v1/write HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\npart');
  });
  await expect.poll(() => context.bodies.heldBytes).toBe(4);
  socket.destroy();
  await expect.poll(() => context.bodies.heldBytes).toBe(0);
});

/** A querier with endless series, which notes when it is closed. */
function endless(onClose: () => void): Querier {
  const entry: SeriesEntry = series({ __name__: 'm', pad: 'x'.repeat(10_000) }, [1, 1]);
  return {
    async *select() {
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve));
        yield entry;
      }
    },
    close: onClose,
  } as Partial<Querier> as Querier;
}

test('a reader that stops reading holds the store back; one that leaves frees its place', async () => {
  const { port, context, storage } = await start();
  let closed = 0;
  storage.database('default')!.querier = () => endless(() => closed++);
  const range = { minT: 0, maxT: 10 };
  const queries = [{ range, matchers: [], hints: undefined }];
  const body = snappyEncode(encodeReadRequest({ queries, acceptedResponseTypes: [1] }));
  const request = httpRequest({ port, method: 'POST', path: '/api/v1/read' }, (response) => {
    response.once('data', () => response.pause());
  });
  request.on('error', () => {});
  request.end(body);
  await expect.poll(() => context.remoteReads.running).toBe(1);
  request.destroy();
  await expect.poll(() => [context.remoteReads.running, closed]).toEqual([0, 1]);
});

test('closing lets requests in flight finish and takes no new connections', async () => {
  const { listeners, url, storage, lifecycle } = await start();
  const database = storage.database('default')!;
  const { write } = database;
  let entered = (): void => {};
  let release = (): void => {};
  const inWrite = new Promise<void>((resolve) => {
    entered = resolve;
  });
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  database.write = async (batch) => {
    entered();
    await gate;
    return write.call(database, batch);
  };
  const body = new Uint8Array(writeBody(1, series({ __name__: 'up' }, [Date.now(), 1])));
  const answer = fetch(`${url}/api/v1/write`, { method: 'POST', body });
  await inWrite;
  lifecycle.beginStopping();
  const closing = listeners.close(10_000);
  await expect(fetch(`${url}/-/healthy`)).rejects.toThrow();
  release();
  expect((await answer).status).toBe(204);
  const grace = performance.now();
  await closing;
  // The connection, which is kept alive, is not waited for.
  expect(performance.now() - grace).toBeLessThan(5000);
});

test('closing does not wait longer than it may', async () => {
  const { listeners, url, storage } = await start();
  const database = storage.database('default')!;
  database.write = () => new Promise(() => {});
  const body = new Uint8Array(writeBody(1, series({ __name__: 'up' }, [Date.now(), 1])));
  const answer = fetch(`${url}/api/v1/write`, { method: 'POST', body }).catch(() => 'cut off');
  await expect.poll(() => open[0]!.context.bodies.heldBytes).toBeGreaterThan(0);
  await listeners.close(50);
  expect(await answer).toBe('cut off');
});

test('connections past the limit are refused', async () => {
  const { port, url } = await start({}, 1);
  const first = connect(port, '127.0.0.1');
  await new Promise((resolve) => first.once('connect', resolve));
  await expect(fetch(`${url}/-/healthy`)).rejects.toThrow();
  first.destroy();
});

test('an address in use is named', async () => {
  const { listeners, port } = await start();
  await expect(listeners.listen({ host: '127.0.0.1', port })).rejects.toMatchObject({
    code: 'HTTP_LISTEN',
    message: `cannot listen on 127.0.0.1:${port}: the address is in use`,
  });
});

test('a client that goes away while its query runs takes the query with it', async () => {
  const queries = new FakeQueries();
  queries.evaluation = new Promise(() => {});
  const { url } = await start({ queries });
  const aborter = new AbortController();
  const gone = fetch(`${url}/api/v1/query?query=up`, { signal: aborter.signal });
  await waitFor('the query', 5000, async () => queries.signals[0]);
  aborter.abort();
  await expect(gone).rejects.toThrow();
  await waitFor('the end of the query', 5000, async () => queries.signals[0]!.aborted || undefined);
  expect(queries.signals[0]!.reason).toMatchObject({ code: 'HTTP_CLIENT_GONE' });
});

test('a client that goes away half-way ends the answer', async () => {
  const queries = new FakeQueries();
  queries.pieces = forEver('x'.repeat(64 * 1024));
  const { url } = await start({ queries });
  const answer = await fetch(`${url}/api/v1/query?query=up`);
  const reader = answer.body!.getReader();
  await reader.read();
  expect(queries.ended).toBe(0);
  await reader.cancel();
  await waitFor('the end of the answer', 5000, async () => queries.ended || undefined);
});

function* forEver(piece: string): Generator<string, void> {
  for (;;) yield piece;
}

test('listeners to notifications do not hold up a shutdown', async () => {
  const { url, listeners, lifecycle } = await start({ starting: true });
  const live = await fetch(`${url}/api/v1/notifications/live`);
  const reader = live.body!.getReader();
  const first = new TextDecoder().decode((await reader.read()).value);
  expect(first).toMatch(/^data: \{"text":"Tidemark is starting/);
  lifecycle.beginStopping();
  const started = performance.now();
  await listeners.close(10_000);
  expect(performance.now() - started).toBeLessThan(5000);
});
