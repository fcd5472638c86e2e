// Answers that one writer begins, another one goes on with in pieces, and the first ends, wherever it is broken off.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ResultPiece } from '../../influxql/index.ts';
import { newResultWriter, type ResultFormat, type ResultWriter } from './results.ts';
import { openPiece, PieceGatherer } from './statement-body.ts';

const STATES_AND_TEXT_BYTES = 700;

const FORMATS: readonly ResultFormat[] = [
  ...[false, true].flatMap((isChunked) =>
    [false, true].map((isPretty) => ({
      kind: 'json' as const,
      epoch: 'ms' as const,
      isChunked,
      isPretty,
    })),
  ),
  { kind: 'csv', epoch: 'ms', isChunked: false, isPretty: false },
];

const NEXT = '"]},\\é😀\u0000\n';

/** Series whose rows come in several pieces. */
const results: fc.Arbitrary<ResultPiece[]> = fc
  .array(
    fc.record({
      name: fc.constantFrom('m', NEXT),
      rows: fc.array(fc.array(fc.constantFrom('x', NEXT, 'y'.repeat(40)), { maxLength: 40 }), {
        maxLength: 4,
      }),
    }),
    { maxLength: 4 },
  )
  .map((series) => {
    const pieces = series.flatMap(({ name, rows }) =>
      rows.map((values, i): ResultPiece['series'][number] => ({
        name,
        tags: [['tag', NEXT]],
        columns: ['time', 'v'],
        types: ['time', 'string'],
        rows: values.map((value, k) => [k, value]),
        isPartial: i < rows.length - 1,
      })),
    );
    return pieces.map((one, i) => ({ series: [one], isPartial: i < pieces.length - 1 }));
  });

function textOf(part: string | Uint8Array): string {
  return Buffer.from(part).toString();
}

/** All of a statement's answer as another writer makes it, in pieces. */
async function writeElsewhere(
  format: ResultFormat,
  writer: ResultWriter,
  statementId: number,
  pieces: readonly ResultPiece[],
): Promise<Uint8Array[]> {
  const sent: Uint8Array[] = [];
  const other = newResultWriter(format);
  other.state = structuredClone(writer.state);
  const gatherer = new PieceGatherer(
    {
      newPiece: () => new Uint8Array(STATES_AND_TEXT_BYTES),
      send: async (piece, isLast) => {
        sent.push(piece.slice());
        if (isLast) expect(sent.length).toBeGreaterThan(0);
      },
    },
    other,
  );
  await gatherer.add(other.begin(statementId));
  for (const piece of pieces) for (const part of other.piece(piece)) await gatherer.add(part);
  await gatherer.add(other.end([], undefined));
  await gatherer.end();
  return sent;
}

/** As one writer makes it. */
function writeHere(
  writer: ResultWriter,
  statementId: number,
  pieces: readonly ResultPiece[],
): string {
  let text = textOf(writer.begin(statementId));
  for (const piece of pieces) for (const part of writer.piece(piece)) text += textOf(part);
  return text + textOf(writer.end([], undefined));
}

test.each(FORMATS)('written elsewhere is written the same: %j', async (format) => {
  await fc.assert(
    fc.asyncProperty(fc.array(results, { maxLength: 3 }), async (statements) => {
      const alone = newResultWriter(format);
      const expected = statements.map((pieces, id) => writeHere(alone, id, pieces)).join('');
      const writer = newResultWriter(format);
      let text = '';
      for (const [id, pieces] of statements.entries()) {
        for (const piece of await writeElsewhere(format, writer, id, pieces)) {
          const { bytes, state } = openPiece(piece);
          text += Buffer.from(bytes).toString('latin1');
          if (state !== undefined) writer.state = state;
        }
      }
      const end = textOf(writer.finish());
      expect(Buffer.from(text, 'latin1').toString() + end).toBe(expected + textOf(alone.finish()));
    }),
    { numRuns: 60 },
  );
});

test.each(FORMATS.filter(({ kind }) => kind !== 'csv'))(
  'broken off after any piece it is ended as JSON, with the error: %j',
  async (format) => {
    await fc.assert(
      fc.asyncProperty(results, fc.nat(10), async (pieces, cut) => {
        const writer = newResultWriter(format);
        const first = textOf(writer.begin(0)) + textOf(writer.end([], undefined));
        const sent = await writeElsewhere(format, writer, 1, pieces);
        let text = '';
        let canBeEnded = true;
        let isBegun = false;
        for (const piece of sent.slice(0, Math.min(cut, sent.length - 1))) {
          const { bytes, state } = openPiece(piece);
          text += textOf(bytes);
          canBeEnded = state !== undefined;
          if (state !== undefined) writer.state = state;
          isBegun = true;
        }
        if (!canBeEnded) return;
        if (!isBegun) text += textOf(writer.begin(1));
        text += textOf(writer.end([], 'broken'));
        const whole = first + text + textOf(writer.finish());
        if (!format.isChunked) {
          expect(JSON.parse(whole)).toMatchObject({
            results: [{ statement_id: 0 }, { statement_id: 1, error: 'broken' }],
          });
        } else if (!format.isPretty) {
          const documents = whole
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line) as unknown);
          expect(documents.at(-1)).toMatchObject({
            results: [{ statement_id: 1, error: 'broken' }],
          });
        }
      }),
      { numRuns: 100 },
    );
  },
);
