// Mutated texts: parsed or refused, never anything else; what is parsed prints to what parses to the same.

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FUZZ, hostileBytes } from '../../../test/support/arbitraries.ts';
import { AppError } from '../../runtime/error.ts';
import type { SelectStatement, Statement } from './ast.ts';
import { parseParameters } from './parameters.ts';
import { parseStatements } from './parser.ts';
import { printNumber } from './print-expression.ts';
import { printStatement } from './printer.ts';
import { requiredPrivileges } from './privileges.ts';
import { printIdentifier } from './quote.ts';
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

const OPERANDS = [
  ...['a', '"b c"', '"q\\"\\\\\\n"', 'a::tag', 'b::float', 'c.d', 'time', 'now()', 'true'],
  ...['0', '9223372036854775808', '18446744073709551615', '.5', '1.', '0.0005', '1w2d', '0s'],
  ...["''", "'it\\'s'", "'2020-01-01T00:00:00Z'"],
];
const OPERATORS = [
  ...['+', '-', '*', '/', '%', '&', '|', '^', 'AND', 'or'],
  ...['=', '!=', '<>', '<', '<=', '>', '>='],
];
/** Expressions of any shape, most of which mean nothing. */
const { expression } = fc.letrec<{ expression: string; operand: string }>((tie) => ({
  operand: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...OPERANDS),
    tie('expression').map((inner) => `(${inner})`),
    tie('expression').map((inner) => `-(${inner})`),
    fc.array(tie('expression'), { maxLength: 3 }).map((args) => `f(${args.join(', ')})`),
  ),
  expression: fc
    .tuple(
      tie('operand'),
      fc.array(
        fc.oneof(
          fc.tuple(fc.constantFrom(...OPERATORS), tie('operand')),
          fc.tuple(fc.constantFrom('=~', '!~'), fc.constantFrom('/a\\/b/', '/^$/', '/"\\./')),
        ),
        { maxLength: 3 },
      ),
    )
    .map(([first, rest]) => [first, ...rest.map((pair) => pair.join(' '))].join(' ')),
}));
const composed = fc
  .tuple(expression, expression, fc.boolean())
  .map(([one, other, isSelect]) =>
    isSelect
      ? `SELECT ${one} FROM "a b"..c WHERE ${other}`
      : `SHOW TAG KEYS ON d WHERE ${one}; DELETE WHERE ${other}`,
  );
const mutated = hostileBytes(SEEDS.map((text) => Buffer.from(text))).map((bytes) =>
  Buffer.from(bytes).toString(),
);

it('parses, checks and prints, or refuses hostile texts', () => {
  let parsed = 0;
  let refused = 0;
  const tryTo = (run: () => void): void => {
    try {
      run();
    } catch (error) {
      if (!(error instanceof AppError) || error.kind !== 'bad_data') throw error;
      refused++;
    }
  };
  fc.assert(
    fc.property(fc.oneof(spliced, mutated, composed), (text) => {
      let statements: Statement[] = [];
      tryTo(() => {
        statements = parseStatements(text);
      });
      for (const statement of statements) {
        parsed++;
        const printed = printStatement(statement);
        if (isReadable(statement)) {
          expect(parseStatements(printed).map(printStatement)).toEqual([printed]);
        }
        requiredPrivileges(statement);
        if (statement.kind === 'select') {
          tryTo(() => validateSelect(statement, 1_700_000_000_000_000_000n));
        }
      }
    }),
    FUZZ,
  );
  expect(parsed).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(0);
});

/** False for the few statements that InfluxDB prints, and therefore we, in a way that neither can read. */
function isReadable(node: unknown): boolean {
  if (Array.isArray(node)) return node.every(isReadable);
  if (typeof node !== 'object' || node === null) return true;
  const { kind, name, database, regexp } = node as Readonly<Record<string, unknown>>;
  switch (kind) {
    // Without the password.
    case 'create user':
    case 'set password':
      return false;
    // Durations in Go's form, and a WITH that nothing follows.
    case 'create database':
      if ((node as { readonly policy?: object }).policy !== undefined) return false;
      break;
    // Names without quotes.
    case 'distinct':
      if (printIdentifier(name as string) !== name) return false;
      break;
    case 'show measurements':
      if (database !== '' && printIdentifier(database as string) !== database) return false;
      break;
    // No name at all.
    case 'measurement':
      if (name === '' && regexp === undefined) return false;
      break;
    // Exponents.
    case 'select': {
      const { fill } = node as SelectStatement;
      if (fill.kind === 'number' && printNumber(Number(fill.value)).includes('e')) return false;
      break;
    }
    default:
  }
  return Object.values(node).every(isReadable);
}

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
