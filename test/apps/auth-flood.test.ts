// Wrong passwords by the hundred, from many addresses, beside a sender with a key: every push of the sender is
// taken, and few guesses are looked at. Windows with and without the flood alternate, so that the latencies that it
// prints are of the same machine.

import { Agent, request } from 'node:http';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { basic } from '../support/access.ts';
import { series, V1_TYPE } from '../support/api.ts';
import { App } from '../support/app.ts';
import { writeBody } from '../support/client.ts';
import { temporaryFolder } from '../support/program.ts';

const WINDOWS = 6;
const WINDOW_MS = 1000;
const GUESSES_PER_SECOND = 1000;
/** Each has its own allowance of guesses. */
const ADDRESSES = 50;
const SERIES = 100;

const folder = temporaryFolder();
const sender = new Agent({ keepAlive: true, maxSockets: 1 });
let app: App;
let key = '';
let flood: Worker;

/** On a thread of its own: guesses while it is told to, and answers how they ended. */
const FLOOD = `
const { parentPort, workerData } = require('node:worker_threads');
const { Agent, request } = require('node:http');
const agent = new Agent({ keepAlive: true, maxSockets: 2 });
let guesses = 0, open = 0, isOn = false;
const statuses = {};
function guess() {
  const n = guesses++;
  open++;
  const asked = request({
    agent, host: '127.0.0.1', port: workerData.port, path: '/api/v1/write', method: 'POST',
    localAddress: '127.0.1.' + (1 + (n % workerData.addresses)),
    headers: { authorization: 'Basic ' + Buffer.from('root:guess ' + n).toString('base64') },
  }, (response) => {
    response.resume();
    response.once('end', () => {
      statuses[response.statusCode] = (statuses[response.statusCode] ?? 0) + 1;
      open--;
    });
  });
  asked.once('error', () => { open--; statuses.error = (statuses.error ?? 0) + 1; });
  asked.end();
}
setInterval(() => {
  if (isOn) for (let i = 0; i < workerData.perSecond / 100; i++) guess();
}, 10);
parentPort.on('message', (message) => {
  isOn = message === 'on';
  if (message === 'end') parentPort.postMessage(statuses);
});
`;

beforeAll(async () => {
  app = await App.start({ dataDir: folder.path, flags: ['--auth'] });
  const root = { Authorization: basic('root', 'right') };
  const first = { name: 'root', password: 'right', admin: true };
  await app.client.send('POST', '/api/v1/admin/users', JSON.stringify(first));
  const body = JSON.stringify({ scopes: ['write'], databases: ['default'] });
  const made = await app.client.send('POST', '/api/v1/admin/keys', body, root);
  const { data } = JSON.parse(made.text) as { data: { id: string; secret: string } };
  key = basic(data.id, data.secret);
  const workerData = { port: app.port, addresses: ADDRESSES, perSecond: GUESSES_PER_SECOND };
  flood = new Worker(FLOOD, { eval: true, workerData });
}, 60_000);
afterAll(async () => {
  sender.destroy();
  await flood?.terminate();
  await app?.stop();
  folder.remove();
});

function push(body: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        agent: sender,
        host: '127.0.0.1',
        port: app.port,
        path: '/api/v1/write',
        method: 'POST',
        headers: { authorization: key, 'content-type': V1_TYPE, 'content-encoding': 'snappy' },
      },
      (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 0));
      },
    );
    asked.once('error', reject);
    asked.end(body);
  });
}

const LIMIT = { timeout: 180_000 };

test('a flood of wrong passwords beside a sender (takes seconds)', LIMIT, async () => {
  let t = Date.now() - 60_000;
  const latencies = { calm: [] as number[], flooded: [] as number[] };
  for (let window = 0; window < WINDOWS; window++) {
    const kind = window % 2 === 0 ? 'calm' : 'flooded';
    flood.postMessage(kind === 'calm' ? 'off' : 'on');
    const end = performance.now() + WINDOW_MS;
    while (performance.now() < end) {
      t++;
      const all = Array.from({ length: SERIES }, (_, i) => {
        return series({ __name__: 'up', i: String(i) }, [t, i]);
      });
      const body = writeBody(all, 1);
      const begun = performance.now();
      expect(await push(body)).toBe(204);
      latencies[kind].push(performance.now() - begun);
    }
  }
  const ended = new Promise<Record<string, number>>((resolve) => flood.once('message', resolve));
  flood.postMessage('end');
  const statuses = await ended;
  const at = (of: number[], share: number): string =>
    of.sort((a, b) => a - b)[Math.floor(of.length * share)]!.toFixed(1);
  const figures = Object.entries(latencies).map(([kind, of]) => {
    return `${kind}: ${of.length} pushes, p50 ${at(of, 0.5)} ms, p99 ${at(of, 0.99)} ms`;
  });
  process.stdout.write(`${figures.join('; ')}; guesses ${JSON.stringify(statuses)}\n`);
  expect(Object.keys(statuses).sort()).toEqual(['401', '503']);
  // One hash at a time, and a rest after it: of thousands of guesses a few were looked at.
  expect(statuses['503']).toBeGreaterThan(10 * statuses['401']!);
});
