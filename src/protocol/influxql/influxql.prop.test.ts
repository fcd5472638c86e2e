// Mutated texts: parsed or refused, never anything else; what is parsed prints to what parses alike.

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FUZZ, hostileBytes } from '../../../test/support/arbitraries.ts';
import { AppError } from '../../runtime/error.ts';
import { parseParameters } from './parameters.ts';
import { parseStatements } from './parser.ts';
import { printStatement } from './printer.ts';
import { requiredPrivileges } from './privileges.ts';
import { validateSelect } from './validate-select.ts';

const { statements, selects } = JSON.parse(
  readFileSync(new URL('testdata/recorded.json', import.meta.url), 'utf8'),
) as Record<'statements' | 'selects', { text: string }[]>;
const SEEDS = [...statements, ...selects].map(({ text }) => text);

/** Words of other statements within a statement. */
const spliced = fc
  .tuple(fc.constantFrom(...SEEDS), fc.constantFrom(...SEEDS), fc.nat(), fc.nat())
  .map(([one, other, cut, from]) => {
    const words = one.split(' ');
    const others = other.split(' ');
    const at = cut % (words.length + 1);
    return [...words.slice(0, at), ...others.slice(from % others.length)].join(' ');
  });
const mutated = hostileBytes(SEEDS.map((text) => Buffer.from(text))).map((bytes) =>
  Buffer.from(bytes).toString(),
);

it('parses, checks and prints, or refuses hostile texts', () => {
  let parsed = 0;
  let refused = 0;
  fc.assert(
    fc.property(fc.oneof(spliced, mutated), (text) => {
      try {
        for (const statement of parseStatements(text)) {
          parsed++;
          printStatement(statement);
          requiredPrivileges(statement);
          if (statement.kind === 'select') validateSelect(statement, 1_700_000_000_000_000_000n);
        }
      } catch (error) {
        if (!(error instanceof AppError) || error.kind !== 'bad_data') throw error;
        refused++;
      }
    }),
    FUZZ,
  );
  expect(parsed).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(0);
});

it('reads or refuses hostile parameters', () => {
  const seeds = ['{"a":1,"b":1.5,"c":"x","d":true,"e":{"regex":"a"},"f":null,"g":[1]}'].map(
    (text) => Buffer.from(text),
  );
  fc.assert(
    fc.property(hostileBytes(seeds), (bytes) => {
      try {
        parseParameters(Buffer.from(bytes).toString());
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
      }
    }),
    FUZZ,
  );
});
