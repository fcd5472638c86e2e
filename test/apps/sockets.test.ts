// Listeners of lines over TCP and UDP, on real sockets: what is stored, what is refused, who is held back, and what
// becomes of it all when the server stops.

import { createSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { graphitePickle, graphitePlaintext } from '../../src/api/sockets/graphite.ts';
import { SocketListeners } from '../../src/api/sockets/index.ts';
import { influxLines } from '../../src/api/sockets/influx.ts';
import type { LogFields } from '../../src/runtime/log.ts';
import { unavailable } from '../../src/storage/errors.ts';
import type { Database, WriteBatch, WriteResult } from '../../src/storage/interface.ts';
import { MemoryStorage } from '../../src/storage/memory-store.ts';
import { startApi, type TestApi, type TestApiOptions } from '../support/api.ts';
import { waitFor } from '../support/child.ts';

const T = Math.floor(Date.now() / 1000) - 60;
const DEADLINE_MS = 10_000;

interface Running extends TestApi {
  readonly listeners: SocketListeners;
  readonly port: number;
  readonly logged: LogFields[];
}

const open: Running[] = [];
const clients: { destroy(): void }[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  for (const { listeners, app } of open.splice(0)) {
    await listeners.close(0);
    await app.close();
  }
});

interface StartOptions extends TestApiOptions {
  readonly transports?: readonly ('tcp' | 'udp')[];
  readonly database?: string;
  readonly protocol?: typeof graphitePlaintext;
}

async function start(options: StartOptions = {}): Promise<Running> {
  const logged: LogFields[] = [];
  const logger = {
    log: (_severity: string, message: string, fields?: LogFields) => {
      logged.push({ message, ...fields });
    },
  };
  const api = startApi({ ...options, logger });
  await api.app.ready();
  const { transports = ['tcp', 'udp'], database, protocol = graphitePlaintext } = options;
  const listeners = new SocketListeners(api.context);
  const entry = { host: '127.0.0.1', port: 0, transports, ...(database && { database }) };
  const { port } = await listeners.listen(entry, protocol(api.context));
  const running = { ...api, listeners, port, logged };
  open.push(running);
  return running;
}

async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  clients.push(socket);
  socket.on('error', () => {});
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  return socket;
}

function whenClosed(socket: Socket): Promise<void> {
  if (socket.closed) return Promise.resolve();
  socket.resume();
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

/** Values of all samples of one metric by time. */
async function values({ app }: TestApi, metric: string, database = 'default'): Promise<number[]> {
  const params = new URLSearchParams({ 'match[]': `{__name__="${metric}"}`, db: database });
  const answer = await app.inject({ method: 'GET', url: `/api/v1/export?${params}` });
  const lines = answer.statusCode === 200 ? answer.body.split('\n').filter(Boolean) : [];
  return lines.flatMap((line) => (JSON.parse(line) as { values: number[] }).values);
}

function whenStored(api: TestApi, metric: string, count: number): Promise<number[]> {
  return waitFor(`${count} samples of ${metric}`, DEADLINE_MS, async () => {
    const found = await values(api, metric);
    return found.length >= count ? found : undefined;
  });
}

async function metric({ context }: TestApi, line: string): Promise<number> {
  const text = await context.metrics.render();
  const found = text.split('\n').find((one) => one.startsWith(`${line} `));
  return Number(found?.split(' ').at(-1) ?? 0);
}

function whenMetric(api: TestApi, line: string, value: number): Promise<true> {
  return waitFor(`${line} ${value}`, DEADLINE_MS, async () => {
    return (await metric(api, line)) >= value ? true : undefined;
  });
}

/** A store whose writes wait, or fail, as long as told to. */
class GatedStorage extends MemoryStorage {
  gate: Promise<void> = Promise.resolve();
  failures = 0;
  writes = 0;

  override database(name: string): Database | undefined {
    const database = super.database(name);
    if (database === undefined) return undefined;
    return new Proxy(database, {
      get: (target, key) => {
        if (key === 'write') return (batch: WriteBatch) => this.#write(target, batch);
        const value = Reflect.get(target, key, target) as unknown;
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  async #write(database: Database, batch: WriteBatch): Promise<WriteResult> {
    this.writes++;
    if (this.failures > 0) {
      this.failures--;
      throw unavailable('TEST', 'not now');
    }
    await this.gate;
    return database.write(batch);
  }
}

function gated(storage: GatedStorage): () => void {
  let lift = (): void => {};
  storage.gate = new Promise((resolve) => {
    lift = resolve;
  });
  return lift;
}

describe('TCP', () => {
  test('lines are stored while the connection stays open, and answer a query', async () => {
    const api = await start();
    const socket = await dial(api.port);
    socket.write(`up;job=a 1 ${T}\nup;job=a 2 ${T + 1}\nup;jo`);
    expect(await whenStored(api, 'up', 2)).toEqual([1, 2]);
    socket.write(`b=a 3 ${T + 2}\n`);
    expect(await whenStored(api, 'up', 3)).toEqual([1, 2, 3]);
    const url = `/api/v1/query?query=${encodeURIComponent('up{job="a"}')}&time=${T + 10}`;
    const answer = await api.app.inject({ method: 'GET', url });
    expect(answer.json()).toMatchObject({ data: { result: [{ value: [T + 10, '3'] }] } });
    expect(await metric(api, 'tidemark_socket_connections{protocol="graphite"}')).toBe(1);
  });

  test('the last line of a sender that ends properly needs no line feed', async () => {
    const api = await start();
    const socket = await dial(api.port);
    socket.end(`up 1 ${T}\nup 2 ${T + 1}`);
    await whenClosed(socket);
    expect(await values(api, 'up')).toEqual([1, 2]);
  });

  test('a line that is broken off is not stored: nobody knows what it would have been', async () => {
    const api = await start();
    const socket = await dial(api.port);
    socket.write(`up 1 ${T}\nup 2 ${T + 1}`);
    await whenStored(api, 'up', 1);
    socket.resetAndDestroy();
    const broken = '{protocol="graphite",reason="broken_off"}';
    await whenMetric(api, `tidemark_socket_connections_closed_total${broken}`, 1);
    expect(await values(api, 'up')).toEqual([1]);
  });

  test('bad lines are counted, listed and told in the log now and then; the others are stored', async () => {
    const api = await start({ settings: { 'sockets.max-line-size': 100 } });
    const socket = await dial(api.port);
    const bad = `up one ${T}\n${'x'.repeat(200)}\nup\n`;
    socket.write(`up 1 ${T}\n${bad.repeat(100)}up 2 ${T + 1}\n`);
    expect(await whenStored(api, 'up', 2)).toEqual([1, 2]);
    expect(socket.destroyed).toBe(false);
    const rejected = await api.app.inject({ method: 'GET', url: '/api/v1/status/rejected' });
    expect(JSON.stringify(rejected.json())).toContain('bad value \\"one\\"');
    expect(api.logged.filter(({ message }) => message === 'lines refused')).toEqual([
      expect.objectContaining({ protocol: 'graphite', database: 'default', sinceLastLine: 0 }),
    ]);
  });

  test('samples that the store refuses are counted and told', async () => {
    const api = await start();
    const socket = await dial(api.port);
    socket.write(`up 1 ${T}\nup 2 ${T + 100_000}\nup 3 ${T + 1}\n`);
    expect(await whenStored(api, 'up', 2)).toEqual([1, 3]);
    expect(api.logged).toContainEqual(
      expect.objectContaining({ message: 'samples refused', reason: 'too_far_in_future' }),
    );
  });

  test('past the limit connections are refused and counted', async () => {
    const api = await start({ settings: { 'sockets.max-connections': 1 } });
    const first = await dial(api.port);
    const second = await dial(api.port);
    await whenClosed(second);
    const refused = '{protocol="graphite",reason="too_many_connections"}';
    expect(await metric(api, `tidemark_socket_connections_closed_total${refused}`)).toBe(1);
    first.write(`up 1 ${T}\n`);
    await whenStored(api, 'up', 1);
  });

  test('an idle connection is closed', async () => {
    const api = await start({ settings: { 'sockets.idle-timeout': 50 } });
    await whenClosed(await dial(api.port));
    const idle = '{protocol="graphite",reason="idle"}';
    expect(await metric(api, `tidemark_socket_connections_closed_total${idle}`)).toBe(1);
  });

  test('hardly anything is read while the store is busy', async () => {
    const storage = new GatedStorage();
    const lift = gated(storage);
    const api = await start({ storage });
    const socket = await dial(api.port);
    const padding = 'x'.repeat(200);
    const lines = Array.from({ length: 40_000 }, (_, i) => {
      return `up;i=${i % 1000};padding=${padding} ${i} ${T}`;
    }).join('\n');
    socket.end(`${lines}\n`);
    await waitFor('a write', DEADLINE_MS, async () => (storage.writes > 0 ? true : undefined));
    const before = socket.bytesWritten - socket.writableLength;
    await waitFor('the sender to be held back', DEADLINE_MS, async () => {
      return socket.writableLength > 0 ? true : undefined;
    });
    // What is being stored, the 4,000 samples that may wait for it, and the pieces in which they came.
    const mostRead = 10_000 * (lines.length / 40_000);
    const received = (): Promise<number> =>
      metric(api, 'tidemark_received_bytes_total{protocol="graphite"}');
    await waitFor('reading to stop', DEADLINE_MS, async () => {
      const sofar = await received();
      await new Promise((resolve) => setTimeout(resolve, 100));
      return (await received()) === sofar ? true : undefined;
    });
    expect(await received()).toBeLessThan(mostRead);
    expect(before).toBeLessThan(lines.length);
    expect(storage.writes).toBe(1);
    lift();
    await whenClosed(socket);
    expect(await received()).toBe(lines.length + 1);
  }, 30_000);

  test('what comes while something is being stored is stored as well, though the sender has gone', async () => {
    const storage = new GatedStorage();
    const lift = gated(storage);
    const api = await start({ storage });
    const socket = await dial(api.port);
    socket.write(`first 1 ${T}\n`);
    await waitFor('a write', DEADLINE_MS, async () => (storage.writes > 0 ? true : undefined));
    const rest = `second 2 ${T}\nthird 3 ${T}`;
    socket.end(rest);
    await waitFor('the rest to be read', DEADLINE_MS, async () => {
      const read = await metric(api, 'tidemark_received_bytes_total{protocol="graphite"}');
      return read === `first 1 ${T}\n${rest}`.length ? true : undefined;
    });
    // The end of what is sent comes right behind it.
    await new Promise((resolve) => setTimeout(resolve, 50));
    lift();
    for (const name of ['first', 'second', 'third']) await whenStored(api, name, 1);
  });

  test('a sender that is held back is not idle', async () => {
    const storage = new GatedStorage();
    const lift = gated(storage);
    const api = await start({ storage, settings: { 'sockets.idle-timeout': 200 } });
    const busy = await dial(api.port);
    busy.write(`up 1 ${T}\n`);
    await waitFor('a write', DEADLINE_MS, async () => (storage.writes > 0 ? true : undefined));
    await whenClosed(await dial(api.port));
    lift();
    await whenStored(api, 'up', 1);
    busy.write(`up 2 ${T + 1}\n`);
    await whenStored(api, 'up', 2);
  });

  test('what the store cannot take now is tried again', async () => {
    const storage = new GatedStorage();
    storage.failures = 3;
    const api = await start({ storage });
    const socket = await dial(api.port);
    socket.write(`up 1 ${T}\n`);
    await whenStored(api, 'up', 1);
    expect(storage.writes).toBe(4);
    expect(api.logged).toContainEqual(
      expect.objectContaining({ message: 'senders are held back', why: 'not now' }),
    );
  });

  test('senders wait while the log is being replayed', async () => {
    const api = await start({ starting: true });
    const socket = await dial(api.port);
    socket.end(`up 1 ${T}\n`);
    api.lifecycle.becomeReady(api.storage);
    await whenStored(api, 'up', 1);
  });

  test('a database that the listener names is made by its first write', async () => {
    const api = await start({ database: 'lines' });
    expect(api.storage.databaseNames()).toEqual(['default']);
    const socket = await dial(api.port);
    socket.end(`up 1 ${T}\n`);
    await whenClosed(socket);
    expect(await values(api, 'up', 'lines')).toEqual([1]);
    expect(await values(api, 'up')).toEqual([]);
  });

  test('lines of InfluxDB are metrics, one for each field', async () => {
    const { port, ...api } = await start({ protocol: influxLines, transports: ['tcp', 'udp'] });
    const socket = await dial(port);
    socket.write(`cpu,host=a user=1,system=2 ${T}000000000\noops\ncpu,host=a user=3 ${T + 1}\n`);
    await whenStored(api, 'cpu_user', 2);
    const udp = createSocket('udp4');
    udp.send(`cpu,host=a user=4 ${T + 2}`, port, '127.0.0.1', () => udp.close());
    expect(await whenStored(api, 'cpu_user', 3)).toEqual([1, 3, 4]);
    expect(await values(api, 'cpu_system')).toEqual([2]);
    expect(Object.fromEntries(api.context.rejections.totals())).toEqual({ invalid_line: 1 });
  });

  test('a frame that is no pickle ends its connection and no other', async () => {
    const api = await start({ protocol: graphitePickle, transports: ['tcp'] });
    const bad = await dial(api.port);
    bad.write(`GET / HTTP/1.1\r\n`);
    await whenClosed(bad);
    const good = await dial(api.port);
    const pickle = Buffer.from(`(l(S'up'\n(I${T}\nI7\ntta.`, 'latin1');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(pickle.length);
    good.write(Buffer.concat([length, pickle]));
    expect(await whenStored(api, 'up', 1)).toEqual([7]);
  });
});

describe('UDP', () => {
  async function send(port: number, ...texts: string[]): Promise<void> {
    const socket = createSocket('udp4');
    clients.push({ destroy: () => socket.close() });
    await Promise.all(
      texts.map(
        (text) =>
          new Promise<void>((resolve, reject) => {
            socket.send(text, port, '127.0.0.1', (error) => (error ? reject(error) : resolve()));
          }),
      ),
    );
  }

  test('each datagram is lines of its own', async () => {
    const api = await start();
    await send(api.port, `up 1 ${T}\nup 2 ${T + 1}`, `up 3 ${T + 2}\n`, 'up', `up 4 ${T + 3}`);
    expect(await whenStored(api, 'up', 4)).toEqual([1, 2, 3, 4]);
    expect(
      await metric(
        api,
        'tidemark_rejected_samples_total{protocol="graphite",reason="invalid_line"}',
      ),
    ).toBe(1);
    expect(await metric(api, 'tidemark_socket_datagrams_total{protocol="graphite"}')).toBe(4);
  });

  test('what the queue cannot hold is dropped and counted', async () => {
    const storage = new GatedStorage();
    const lift = gated(storage);
    const api = await start({ storage, settings: { 'sockets.udp-memory': 1000 } });
    const lines = Array.from({ length: 20 }, (_, i) => `up ${i} ${T + i}`);
    await send(api.port, ...lines);
    await whenMetric(api, 'tidemark_socket_datagrams_total{protocol="graphite"}', 20);
    const dropped =
      'tidemark_socket_datagrams_dropped_total{protocol="graphite",reason="queue_full"}';
    const lost = await metric(api, dropped);
    expect(lost).toBeGreaterThan(10);
    lift();
    expect(await whenStored(api, 'up', 20 - lost)).toHaveLength(20 - lost);
  });
});

describe('stopping', () => {
  test('stores what has been received, by TCP and UDP', async () => {
    const storage = new GatedStorage();
    const api = await start({ storage });
    const socket = await dial(api.port);
    socket.write(`up 0 ${T}\n`);
    await whenStored(api, 'up', 1);
    const lift = gated(storage);
    const lines = Array.from({ length: 20_000 }, (_, i) => `up;i=${i} ${i} ${T}\n`).join('');
    socket.write(`${lines}up;i=unfinished 1 ${T}`);
    await waitFor('a write', DEADLINE_MS, async () => (storage.writes > 1 ? true : undefined));
    api.lifecycle.beginStopping();
    const closed = api.listeners.close(DEADLINE_MS);
    lift();
    await closed;
    const querier = storage.database('default')!.querier({ minT: 0, maxT: T * 2000 });
    const found = await querier.series([[{ type: '=~', name: 'i', value: '.+' }]]);
    querier.close();
    // All that this machine had taken; the kernel takes what fits its buffers.
    expect(found.length).toBeGreaterThan(1000);
    expect(found.some((labels) => labels.some(({ value }) => value === 'unfinished'))).toBe(false);
    await whenClosed(socket);
  });

  test('does not wait for a store that takes nothing', async () => {
    const storage = new GatedStorage();
    storage.failures = Number.POSITIVE_INFINITY;
    const api = await start({ storage });
    const socket = await dial(api.port);
    socket.write(`up 0 ${T}\n`);
    await waitFor('a write', DEADLINE_MS, async () => (storage.writes > 0 ? true : undefined));
    await api.listeners.close(20);
    expect(
      await metric(api, 'tidemark_socket_samples_lost_total{protocol="graphite",reason="TEST"}'),
    ).toBe(1);
    expect(api.logged).toContainEqual(
      expect.objectContaining({ message: 'samples lost', samples: 1 }),
    );
  });

  test('accepts nobody any more', async () => {
    const api = await start();
    await api.listeners.close(100);
    const socket = connect(api.port, '127.0.0.1');
    const error = await new Promise<NodeJS.ErrnoException>((resolve) =>
      socket.once('error', resolve),
    );
    expect(error.code).toBe('ECONNREFUSED');
  });
});
