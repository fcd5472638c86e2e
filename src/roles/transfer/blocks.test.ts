import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Block, lineBlocks } from './blocks.ts';

const MiB = 2 ** 20;

async function* piecesOf(bytes: Buffer, size: number): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function blocksOf(
  bytes: Buffer,
  { size = MiB, from = { end: 0, lines: 0, comments: '' }, hasComments = false } = {},
): Promise<Block[]> {
  const blocks: Block[] = [];
  const options = {
    file: 'f',
    skipBytes: from.end,
    skipLines: from.lines,
    comments: from.comments,
    fileBytes: () => 0,
    hasComments,
  };
  for await (const block of lineBlocks(piecesOf(bytes, size), options)) blocks.push(block);
  return blocks;
}

/** Numbered lines of some kilobytes. */
function linesOf(count: number, length: number): Buffer {
  const text = 'x'.repeat(length);
  return Buffer.from(Array.from({ length: count }, (_, i) => `${i} ${text}\n`).join(''));
}

test('blocks are whole lines, and all of the file', async () => {
  const bytes = linesOf(5000, 3000);
  const blocks = await blocksOf(bytes);
  expect(blocks.length).toBeGreaterThan(2);
  expect(Buffer.concat(blocks.map((block) => block.bytes)).equals(bytes)).toBe(true);
  for (const block of blocks) {
    expect(block.bytes.at(-1)).toBe(0x0a);
    expect(block.bytes.length).toBeLessThanOrEqual(4 * MiB);
    // The first line of a block bears its number.
    expect(Buffer.from(block.bytes).toString('latin1', 0, 12)).toMatch(
      new RegExp(`^${block.linesBefore} `),
    );
  }
  expect(blocks.at(-1)!.end).toBe(bytes.length);
});

test('it goes on from the end of any block, in pieces of any size', async () => {
  const bytes = linesOf(9000, 1500);
  const all = await blocksOf(bytes);
  await fc.assert(
    fc.asyncProperty(
      fc.nat(all.length - 1),
      fc.integer({ min: 1000, max: 3 * MiB }),
      async (i, size) => {
        const { end, comments } = all[i]!;
        const lines = all[i + 1]?.linesBefore ?? 9000;
        const rest = await blocksOf(bytes, { size, from: { end, lines, comments } });
        expect(rest.map((block) => block.end)).toEqual(all.slice(i + 1).map((one) => one.end));
        expect(rest.map((block) => block.linesBefore)).toEqual(
          all.slice(i + 1).map((one) => one.linesBefore),
        );
      },
    ),
    { numRuns: 10 },
  );
});

test('a long line is a block of its own; one without line feed is the last', async () => {
  const long = 'y'.repeat(6 * MiB);
  const bytes = Buffer.from(`a\n${long}\nb`);
  const blocks = await blocksOf(bytes);
  expect(blocks.map((block) => [block.bytes.length, block.linesBefore])).toEqual([
    [2, 0],
    [6 * MiB + 1, 1],
    [1, 2],
  ]);
});

test('a line without end is refused', async () => {
  const bytes = Buffer.alloc(65 * MiB, 'z');
  await expect(blocksOf(bytes, { size: 8 * MiB })).rejects.toMatchObject({
    code: 'CLIENT_LINE_TOO_LONG',
  });
});

test('comments are repeated where a block begins among the lines that they are about', async () => {
  const header = '# HELP m Some.\n# TYPE m counter\n';
  const samples = linesOf(5000, 1000).toString();
  const other = '# TYPE n gauge\nn 1\n';
  const bytes = Buffer.from(`${header}${samples}${other}`);
  const blocks = await blocksOf(bytes, { hasComments: true });
  expect(blocks).toHaveLength(2);
  const [first, second] = blocks.map((block) => Buffer.from(block.bytes).toString());
  expect(first!.startsWith(`${header}0 `)).toBe(true);
  expect(second!.startsWith(header)).toBe(true);
  expect(blocks.map(({ repeatedLines }) => repeatedLines)).toEqual([0, 2]);
  expect(blocks.map(({ comments }) => comments)).toEqual([header, '# TYPE n gauge\n']);
  expect(first! + second!.slice(header.length)).toBe(bytes.toString());
});

test('an empty file has no blocks', async () => {
  expect(await blocksOf(Buffer.alloc(0))).toEqual([]);
});
