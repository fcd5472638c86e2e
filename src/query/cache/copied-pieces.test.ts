import { expect, test } from 'vitest';
import { CopiedPieces } from './copied-pieces.ts';

/** Pieces in memory that is used again, as those of answers are. */
async function* pieces(error?: Error): AsyncGenerator<Uint8Array, void> {
  const memory = new Uint8Array(2);
  for (const byte of [1, 2, 3]) yield memory.fill(byte);
  if (error !== undefined) throw error;
}

function copied(of: AsyncGenerator<Uint8Array, void>, maxBytes: number) {
  const taken: number[][] = [];
  const copy = new CopiedPieces(of, maxBytes, (whole) => taken.push([...whole]));
  return { copy, taken };
}

async function read(of: AsyncGenerator<Uint8Array, void>): Promise<number[]> {
  const bytes: number[] = [];
  for await (const piece of of) bytes.push(...piece);
  return bytes;
}

test('the reader has all pieces, and then there is a copy of them', async () => {
  const { copy, taken } = copied(pieces(), 6);
  expect(await read(copy)).toEqual([1, 1, 2, 2, 3, 3]);
  expect(taken).toEqual([[1, 1, 2, 2, 3, 3]]);
  expect((await copy.next()).done).toBe(true);
  expect(taken).toHaveLength(1);
});

test('a longer one is only passed on', async () => {
  const { copy, taken } = copied(pieces(), 5);
  expect(await read(copy)).toHaveLength(6);
  expect(taken).toEqual([]);
});

test('what broke off or was not wanted to its end is no answer', async () => {
  const broken = copied(pieces(new Error('broken')), 100);
  await expect(read(broken.copy)).rejects.toThrow('broken');
  const ended = copied(pieces(), 100);
  await ended.copy.next();
  await ended.copy.return();
  const unread = pieces();
  await copied(unread, 100).copy.return();
  expect([...broken.taken, ...ended.taken]).toEqual([]);
  for (const { copy } of [broken, ended]) expect((await copy.next()).done).toBe(true);
  expect((await unread.next()).done).toBe(true);
});
