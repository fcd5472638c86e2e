import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LANES, lanePath, lengthsPath } from '../../bench/corpus.ts';
import { type LoadReport, load } from '../../bench/load.ts';

const BODIES = 10;

let folder = '';
let server: Server | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-load-'));
  for (let lane = 0; lane < LANES; lane++) {
    const bodies = Array.from({ length: BODIES }, (_, i) => `lane ${lane} body ${i}`);
    writeFileSync(lanePath(folder, lane), bodies.join(''));
    writeFileSync(
      lengthsPath(folder, lane),
      Uint32Array.from(bodies, ({ length }) => length),
    );
  }
});

afterEach(() => {
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Received {
  readonly lane: number;
  readonly body: number;
  readonly socket: Socket;
}

/** Replays the corpus to a server that asks `answer` for the status of every body. */
async function replay(
  answer: (received: Received) => number | Promise<number>,
  maxLead = BODIES,
  onHalf = () => {},
): Promise<LoadReport> {
  const listener: RequestListener = async (request, response) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const [, lane, body] = /^lane (\d) body (\d)$/.exec(text)!;
    const { socket } = request;
    const status = await answer({ lane: Number(lane), body: Number(body), socket });
    if (status === 503) response.setHeader('Retry-After', 0);
    response.writeHead(status).end('because');
  };
  server = createServer(listener);
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/write`;
  return load({ url, folder, lanes: LANES, maxLead }, onHalf);
}

test('what has been answered by half of the bytes is told once', async () => {
  let answered = 0;
  const halves: number[] = [];
  const answer = (): number => {
    answered++;
    return 204;
  };
  await replay(answer, BODIES, () => halves.push(answered));
  expect(halves).toHaveLength(1);
  // Every lane may have a body on its way.
  const half = (LANES * BODIES) / 2;
  expect(halves[0]).toBeGreaterThanOrEqual(half);
  expect(halves[0]).toBeLessThan(half + LANES);
});

test('every lane sends its bodies in order over one connection', async () => {
  const received: Received[] = [];
  const report = await replay((one) => {
    received.push(one);
    return 204;
  });
  expect(report).toMatchObject({ bodies: LANES * BODIES, retries: 0, errors: 0 });
  for (let lane = 0; lane < LANES; lane++) {
    const own = received.filter((one) => one.lane === lane);
    expect(own.map(({ body }) => body)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(new Set(own.map(({ socket }) => socket)).size).toBe(1);
  }
});

test('what is told to come later comes again, before its successor', async () => {
  const bodies: number[] = [];
  const report = await replay(({ lane, body }) => {
    if (lane !== 1) return 200;
    bodies.push(body);
    return body === 3 && bodies.filter((one) => one === 3).length < 3 ? 503 : 204;
  });
  expect(report).toMatchObject({ retries: 2, errors: 0 });
  expect(bodies).toEqual([0, 1, 2, 3, 3, 3, 4, 5, 6, 7, 8, 9]);
});

test('what is refused is counted, and the rest goes on', async () => {
  const report = await replay(({ body }) => (body === 5 ? 400 : 204));
  expect(report).toMatchObject({
    bodies: LANES * BODIES,
    errors: LANES,
    firstError: '400: because',
  });
});

test('no lane runs further ahead of the slowest than it may', async () => {
  const maxLead = 2;
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let last = 0;
  const report = replay(async ({ lane, body }) => {
    last = Math.max(last, body);
    if (lane === 0 && body === 1) await held;
    return 204;
  }, maxLead);
  await expect.poll(() => last).toBe(1 + maxLead);
  // Nothing more may come; give it the time to.
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(last).toBe(1 + maxLead);
  release();
  expect(await report).toMatchObject({ errors: 0 });
});
