import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { BodyReader, setBodyOwner } from './body.ts';

interface Sending {
  /** Sends so many bytes more. */
  readonly send: (bytes: number) => void;
  /** Resolves with the length of the whole body, or with the code of the error. */
  readonly outcome: Promise<number | string>;
  readonly end: () => void;
}

function send(bodies: BodyReader, owner: string): Sending {
  const stream = new PassThrough() as PassThrough & { headers: object };
  stream.headers = {};
  const request = stream as unknown as IncomingMessage;
  setBodyOwner(request, owner);
  const received = bodies.withBody(request, 1000, undefined, async (body) => body.length);
  return {
    send: (bytes) => stream.write(Buffer.alloc(bytes)),
    outcome: received.catch(({ code }: { code: string }) => code),
    end: () => stream.end(),
  };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('bodies of one database cannot take all memory that others need', async () => {
  const bodies = new BodyReader(100);
  const modest = send(bodies, 'modest');
  modest.send(10);
  await settle();
  const greedy = [send(bodies, 'greedy'), send(bodies, 'greedy')];
  greedy[0]!.send(70);
  await settle();
  greedy[1]!.send(10);
  expect(await greedy[1]!.outcome).toBe('HTTP_BODY_MEMORY');
  modest.send(15);
  modest.end();
  expect(await modest.outcome).toBe(25);
  greedy[0]!.end();
  expect(await greedy[0]!.outcome).toBe(70);
  expect(bodies.heldBytes).toBe(0);
});

test('bodies that are there already count in the same way', async () => {
  const bodies = new BodyReader(100);
  const held = async (bytes: number, owner: string): Promise<number> =>
    bodies.withReceived(new Uint8Array(bytes), owner, async () => bodies.heldBytes);
  expect(await held(100, 'a')).toBe(100);
  await held(1, 'b');
  await expect(held(76, 'a')).rejects.toMatchObject({ code: 'HTTP_BODY_MEMORY' });
  expect([await held(75, 'a'), bodies.heldBytes]).toEqual([75, 0]);
});

test('a large body is freed once it has been used, and left alone if that failed', async () => {
  const bodies = new BodyReader(100_000);
  const kept: Uint8Array[] = [];
  const receive = (use: (body: Uint8Array) => Promise<string>): Promise<string> => {
    const stream = new PassThrough() as PassThrough & { headers: object };
    stream.headers = {};
    stream.end(new Uint8Array(20_000).fill(7));
    const request = stream as unknown as IncomingMessage;
    return bodies.withBody(request, 50_000, undefined, (body) => {
      kept.push(body);
      return use(body);
    });
  };
  expect(await receive(async (body) => `${body.length}`)).toBe('20000');
  await expect(receive(() => Promise.reject(new Error('not stored')))).rejects.toThrow(
    'not stored',
  );
  expect(kept.map(({ length }) => length)).toEqual([0, 20_000]);
});

test('so is one that came over a connection, in a piece or in many', async () => {
  const bodies = new BodyReader(10_000_000);
  const kept: Uint8Array[] = [];
  const server = createServer((request, response) => {
    const received = bodies.withBody(request, 2_000_000, undefined, async (body) => {
      kept.push(body);
      return body.length;
    });
    void received.then((length) => response.end(String(length)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  try {
    for (const length of [50_000, 1_000_000]) {
      const answer = await fetch(url, { method: 'POST', body: new Uint8Array(length) });
      expect(await answer.text()).toBe(String(length));
    }
  } finally {
    server.closeAllConnections();
    server.close();
  }
  expect(kept.map(({ length }) => length)).toEqual([0, 0]);
});
