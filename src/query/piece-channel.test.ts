import { expect, test } from 'vitest';
import { Credits, MAX_PIECES_IN_FLIGHT, PieceChannel } from './piece-channel.ts';

const PIECE = Uint8Array.of(1);

test('pieces in order, then the end; each is reported as taken', async () => {
  let taken = 0;
  const channel = new PieceChannel(() => taken++);
  const first = channel.next();
  channel.push(PIECE);
  channel.push(Uint8Array.of(2));
  channel.complete();
  expect(await first).toBe(PIECE);
  expect(taken).toBe(1);
  expect(await channel.next()).toEqual(Uint8Array.of(2));
  expect(await channel.next()).toBeUndefined();
  expect(taken).toBe(2);
});

test('a failure reaches a waiting reader and drops what was not taken; the first one counts', async () => {
  const channel = new PieceChannel(() => {});
  const readable = channel.whenReadable();
  channel.fail(new Error('first'));
  await expect(readable).rejects.toThrow('first');
  channel.push(PIECE);
  channel.fail(new Error('second'));
  await expect(channel.next()).rejects.toThrow('first');
});

test('a failure after the last piece was taken is none', async () => {
  const channel = new PieceChannel(() => {});
  channel.push(PIECE);
  channel.complete();
  await channel.next();
  channel.fail(new Error('late'));
  expect(await channel.next()).toBeUndefined();
});

test('abandoning ends the wait of a reader', async () => {
  const channel = new PieceChannel(() => {});
  const next = channel.next();
  channel.abandon();
  expect(await next).toBeUndefined();
});

test('credits run out, come back and end', async () => {
  const credits = new Credits();
  for (let i = 0; i < MAX_PIECES_IN_FLIGHT; i++) expect(await credits.spend()).toBe(true);
  let isSpent = false;
  const next = credits.spend().then((spent) => {
    isSpent = true;
    return spent;
  });
  await Promise.resolve();
  expect(isSpent).toBe(false);
  credits.add();
  expect(await next).toBe(true);
  const last = credits.spend();
  credits.stop();
  expect(await last).toBe(false);
  credits.add();
  expect(await credits.spend()).toBe(false);
});
