import { expect, test } from 'vitest';
import { Credits, MAX_PIECES_IN_FLIGHT, PieceChannel } from './piece-channel.ts';

const PIECE = Uint8Array.of(1);

test('pieces in order, then the end; each is taken when the next is asked for', async () => {
  let taken = 0;
  const channel = new PieceChannel(() => taken++);
  const first = channel.next();
  channel.push(PIECE);
  channel.push(Uint8Array.of(2));
  channel.complete();
  expect(await first).toBe(PIECE);
  expect(taken).toBe(0);
  expect(await channel.next()).toEqual(Uint8Array.of(2));
  expect(taken).toBe(1);
  expect(await channel.next()).toBeUndefined();
  expect(taken).toBe(2);
  expect(await channel.next()).toBeUndefined();
  expect(taken).toBe(2);
});

test('a failure reaches a waiting reader and drops what comes; the first one counts', async () => {
  let taken = 0;
  const channel = new PieceChannel(() => taken++);
  const readable = channel.whenReadable();
  channel.fail(new Error('first'));
  await expect(readable).rejects.toThrow('first');
  channel.push(PIECE);
  channel.fail(new Error('second'));
  await expect(channel.next()).rejects.toThrow('first');
  expect(taken).toBe(1);
});

test('a failure does not take the piece that the reader has', async () => {
  let taken = 0;
  const channel = new PieceChannel(() => taken++);
  channel.push(PIECE);
  channel.push(PIECE);
  await channel.next();
  channel.fail(new Error('late'));
  expect(taken).toBe(0);
  await expect(channel.next()).rejects.toThrow('late');
  expect(taken).toBe(2);
});

test('a failure after the last piece was read is none', async () => {
  const channel = new PieceChannel(() => {});
  channel.push(PIECE);
  channel.complete();
  await channel.next();
  channel.fail(new Error('late'));
  expect(await channel.next()).toBeUndefined();
});

test('abandoning ends the wait of a reader and takes everything, also what comes later', async () => {
  let taken = 0;
  const channel = new PieceChannel(() => taken++);
  channel.push(PIECE);
  channel.push(PIECE);
  await channel.next();
  const next = channel.next();
  expect(await next).toBe(PIECE);
  const last = channel.next();
  channel.abandon();
  expect(await last).toBeUndefined();
  channel.push(PIECE);
  expect(taken).toBe(3);
});

test('an answer of one piece is copied and taken', () => {
  let taken = 0;
  const channel = new PieceChannel(() => taken++);
  const piece = Uint8Array.of(1, 2);
  channel.push(piece);
  expect(channel.takeOnly()).toBeUndefined();
  channel.complete();
  const copy = channel.takeOnly()!;
  piece[0] = 9;
  expect(copy).toEqual(Uint8Array.of(1, 2));
  expect(taken).toBe(1);
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
