import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FUZZ } from '../../test/support/arbitraries.ts';
import { RowCollector } from './row-collector.ts';
import { LineStreamDecoder } from './stream-decoder.ts';

const MAX_LINE_BYTES = 8;

/** Collects lines as they are; refuses those that begin with `!`. */
class EchoDecoder extends LineStreamDecoder {
  readonly lines: string[] = [];

  protected override decodeLine(bytes: Uint8Array, start: number, end: number): string | undefined {
    const text = Buffer.from(bytes.subarray(start, end)).toString('latin1');
    this.lines.push(`${this.line}:${text}`);
    return text.startsWith('!') ? text : undefined;
  }
}

const text = fc
  .array(fc.constantFrom('a', 'bcd', '\n', '\r\n', '\r', '!', 'x'.repeat(9), 'é'), {
    maxLength: 40,
  })
  .map((parts) => parts.join(''));

it('gives the same lines in pieces of any size', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 50 }), (all, pieceBytes) => {
      const bytes = Buffer.from(all, 'latin1');
      const collector = new RowCollector();
      const decoder = new EchoDecoder(collector, MAX_LINE_BYTES);
      for (let at = 0; at < bytes.length; at += pieceBytes) {
        // Overwritten afterwards, as a caller may.
        const piece = Buffer.from(bytes.subarray(at, at + pieceBytes));
        decoder.push(piece);
        piece.fill(0);
      }
      decoder.end();
      const [lines, refused] = expected(all);
      expect(decoder.lines).toEqual(lines);
      const { badLines, listed } = collector.takeProblems();
      expect(listed).toEqual(refused);
      expect(badLines).toBe(refused.length);
    }),
    FUZZ,
  );
});

/** By a split of the whole text. */
function expected(all: string): [string[], { line: number; message: string }[]] {
  const lines: string[] = [];
  const refused: { line: number; message: string }[] = [];
  for (const [i, raw] of all.split('\n').entries()) {
    const line = i + 1;
    if (raw.length > MAX_LINE_BYTES) {
      refused.push({ line, message: `longer than ${MAX_LINE_BYTES} bytes` });
      continue;
    }
    const plain = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (plain === '') continue;
    lines.push(`${line}:${plain}`);
    if (plain.startsWith('!')) refused.push({ line, message: plain });
  }
  return [lines, refused];
}
