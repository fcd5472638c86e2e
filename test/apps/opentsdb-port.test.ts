// OpenTSDB's port: telnet and HTTP on one address, as tcollector and others use it.

import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { Listeners } from '../../src/api/listeners.ts';
import { SocketListeners } from '../../src/api/sockets/index.ts';
import { SILENT_LOGGER } from '../../src/runtime/log.ts';
import { startApi, type TestApi, type TestApiOptions } from '../support/api.ts';
import { waitFor } from '../support/child.ts';

const T = Math.floor(Date.now() / 1000) - 60;
const DEADLINE_MS = 10_000;

interface Running extends TestApi {
  readonly http: Listeners;
  readonly sockets: SocketListeners;
  readonly port: number;
  readonly url: string;
}

const open: Running[] = [];
const clients: Socket[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  for (const { http, sockets, app } of open.splice(0)) {
    await Promise.all([http.close(100), sockets.close(100)]);
    await app.close();
  }
});

async function start(options: TestApiOptions & { database?: string } = {}): Promise<Running> {
  const api = startApi(options);
  await api.app.ready();
  const http = new Listeners(api.app, { maxConnections: 100, logger: SILENT_LOGGER });
  const sockets = new SocketListeners(api.context);
  const { database } = options;
  const transports = ['tcp' as const];
  const entry = { host: '127.0.0.1', port: 0, transports, ...(database && { database }) };
  const { port } = await sockets.listenForOpentsdb(entry, http);
  const running = { ...api, http, sockets, port, url: `http://127.0.0.1:${port}` };
  open.push(running);
  return running;
}

/** A client of telnet that keeps what it is told. */
class Telnet {
  readonly socket: Socket;
  answers = '';
  isClosed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (data) => {
      this.answers += data.toString();
    });
    socket.on('error', () => {});
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.isClosed = true;
      });
    }
    clients.push(socket);
  }

  static async dial(port: number): Promise<Telnet> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
    return new Telnet(socket);
  }

  async told(text: string): Promise<void> {
    await waitFor(`${JSON.stringify(text)} in ${JSON.stringify(this.answers)}`, DEADLINE_MS, () => {
      return Promise.resolve(this.answers.includes(text) ? true : undefined);
    });
  }

  async closed(): Promise<void> {
    await waitFor('the end', DEADLINE_MS, () => Promise.resolve(this.isClosed || undefined));
  }
}

async function stored({ storage }: TestApi, metric: string, database = 'default'): Promise<number> {
  const querier = storage.database(database)?.querier({ minT: 0, maxT: T * 2000 });
  if (querier === undefined) return 0;
  const matchers = [{ type: '=' as const, name: '__name__', value: metric }];
  let samples = 0;
  for await (const entry of querier.select(matchers)) samples += entry.samples.length;
  querier.close();
  return samples;
}

function whenStored(api: TestApi, metric: string, count: number): Promise<true> {
  return waitFor(`${count} samples of ${metric}`, DEADLINE_MS, async () => {
    return (await stored(api, metric)) >= count ? true : undefined;
  });
}

describe('telnet', () => {
  test('points are stored without a word, and answer a query', async () => {
    const api = await start();
    const client = await Telnet.dial(api.port);
    client.socket.write(`put sys.cpu ${T} 1.5 host=a\nput sys.cpu ${T + 1} 2 host=a\n`);
    await whenStored(api, 'sys.cpu', 2);
    expect(client.answers).toBe('');
    const url = `/api/v1/query?query=${encodeURIComponent('{"sys.cpu"}')}&time=${T + 2}`;
    const answer = await api.app.inject({ method: 'GET', url });
    expect(answer.json().data.result).toEqual([
      { metric: { __name__: 'sys.cpu', host: 'a' }, value: [T + 2, '2'] },
    ]);
  });

  test('errors are answered, and the connection goes on', async () => {
    const api = await start();
    const client = await Telnet.dial(api.port);
    client.socket.write(`put sys.cpu ${T} x host=a\nput sys.cpu ${T} 1 host=a\nfoo\n`);
    await client.told('put: invalid value: not a number: "x"\n');
    await client.told("unknown command: foo.  Try `help'.\n");
    await whenStored(api, 'sys.cpu', 1);
  });

  test('commands are answered, exit ends', async () => {
    const api = await start();
    const client = await Telnet.dial(api.port);
    client.socket.write('version\nstats\nhelp\nexit\n');
    await client.closed();
    expect(client.answers).toMatch(
      /^net\.opentsdb 2\.4\.1 .*\nBuilt .*\ntsd\.uptime \d+ \d+\navailable commands: /,
    );
  });

  test('what a sender that only sends is answered arrives after its end', async () => {
    const api = await start();
    const client = await Telnet.dial(api.port);
    client.socket.end(`put sys.cpu ${T} 1 host=a\nput x`);
    await client.closed();
    expect(client.answers).toContain('put: illegal argument: not enough arguments');
    expect(await stored(api, 'sys.cpu')).toBe(1);
  });

  test('OpenTSDB’s rules hold if they are wanted', async () => {
    const api = await start({ settings: { 'opentsdb.strict': true } });
    const client = await Telnet.dial(api.port);
    client.socket.write(`put sys.cpu ${T} 1\n`);
    await client.told('put: illegal argument: not enough arguments (need least 4, got 3)\n');
  });
});

describe('HTTP on the same port', () => {
  test('takes points and answers queries, on one connection', async () => {
    const api = await start();
    const body = JSON.stringify([
      { metric: 'sys.cpu', timestamp: T, value: 1, tags: { host: 'a' } },
    ]);
    const put = await fetch(`${api.url}/api/put?details`, { method: 'POST', body });
    expect([put.status, await put.json()]).toEqual([200, { success: 1, failed: 0, errors: [] }]);
    const answer = await fetch(`${api.url}/api/query?start=1h-ago&m=none:sys.cpu`);
    expect(await answer.json()).toMatchObject([{ metric: 'sys.cpu', dps: { [T]: 1 } }]);
  });

  test('takes a body of megabytes', async () => {
    const api = await start();
    const points = Array.from({ length: 50_000 }, (_, i) => {
      return { metric: 'big', timestamp: T, value: i, tags: { i: `${i}` } };
    });
    const body = JSON.stringify(points);
    expect(body.length).toBeGreaterThan(2_000_000);
    const put = await fetch(`${api.url}/api/put?summary`, { method: 'POST', body });
    expect(await put.json()).toEqual({ success: 50_000, failed: 0 });
  });

  test('serves nothing else', async () => {
    const api = await start();
    for (const path of ['/metrics', '/api/v1/query?query=up', '/', '/api/v1/admin/users']) {
      const answer = await fetch(`${api.url}${path}`);
      expect([path, answer.status, await answer.text()]).toEqual([
        path,
        404,
        'not served here: this address is for one protocol\n',
      ]);
    }
  });
});

test('both store in the database that the listener names', async () => {
  const api = await start({ database: 'tsdb' });
  const client = await Telnet.dial(api.port);
  client.socket.write(`put a ${T} 1 x=y\n`);
  await waitFor('the database', DEADLINE_MS, async () => {
    return (await stored(api, 'a', 'tsdb')) === 1 ? true : undefined;
  });
  const body = JSON.stringify({ metric: 'b', timestamp: T, value: 1, tags: { x: 'y' } });
  expect((await fetch(`${api.url}/api/put`, { method: 'POST', body })).status).toBe(204);
  expect(await stored(api, 'b', 'tsdb')).toBe(1);
  const names = await fetch(`${api.url}/api/suggest?type=metrics`);
  expect(await names.json()).toEqual(['a', 'b']);
});

test('a connection that says nothing is let go when the server stops', async () => {
  const api = await start();
  const client = await Telnet.dial(api.port);
  const closing = Promise.all([api.http.close(50), api.sockets.close(50)]);
  await closing;
  await client.closed();
});
