import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FUZZ, hostileBytes } from '../../../test/support/arbitraries.ts';
import { smallSeriesTable, takeCollected } from '../../../test/support/collected.ts';
import { RowCollector } from '../row-collector.ts';
import { OpentsdbTelnetDecoder } from './telnet.ts';

const seriesTables = { strict: smallSeriesTable(), lenient: smallSeriesTable() };

function talk(bytes: Uint8Array, pieceBytes: number, isStrict: boolean): unknown {
  const collector = new RowCollector();
  const answers: string[] = [];
  const decoder = new OpentsdbTelnetDecoder(
    collector,
    200,
    { isStrict },
    isStrict ? seriesTables.strict : seriesTables.lenient,
    {
      answer: (text) => answers.push(text),
      version: () => 'version\n',
      stats: () => 'stats\n',
      exit: () => answers.push('exit'),
    },
  );
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    decoder.push(bytes.subarray(at, at + pieceBytes));
  }
  decoder.end();
  return { ...takeCollected(collector), answers };
}

const SEEDS = [
  'put sys.cpu 1700000000 1.5 host=a dc=b\nput sys.cpu 1700000060 2 host=a dc=b\r\n',
  'put  a 1700000000.123 -1e3  x=y \nput a 1700000000123 9007199254740993 x=y\n',
  'version\nstats\nhelp\n\nput\nput a\nfoo\nput a 0 1\nput a 1 nan\n',
  'put a 1 1 x=y x=z\nexit\nput a 1 1\n',
].map((text) => Buffer.from(text));

it('reads hostile lines the same in pieces of any size', () => {
  fc.assert(
    fc.property(
      fc.array(hostileBytes(SEEDS), { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 1, max: 80 }),
      fc.boolean(),
      (parts, pieceBytes, isStrict) => {
        const bytes = Buffer.concat(parts);
        expect(talk(bytes, pieceBytes, isStrict)).toEqual(talk(bytes, bytes.length + 1, isStrict));
      },
    ),
    FUZZ,
  );
});

it('reads a plain line in one pass as it reads it exactly', () => {
  fc.assert(
    fc.property(hostileBytes(SEEDS), fc.boolean(), (bytes, isStrict) => {
      // A blank before every line keeps it from the one pass and changes nothing.
      const lines = Buffer.from(bytes).toString('latin1').split('\n');
      const slow = Buffer.from(lines.map((line) => ` ${line}`).join('\n'), 'latin1');
      expect(talk(slow, slow.length + 1, isStrict)).toEqual(
        talk(bytes, bytes.length + 1, isStrict),
      );
    }),
    FUZZ,
  );
});
