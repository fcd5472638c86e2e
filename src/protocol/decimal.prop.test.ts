import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FUZZ } from '../../test/support/arbitraries.ts';
import { DecimalReader } from './decimal.ts';
import { UnixTimeReader } from './unix-time.ts';

const decimal = new DecimalReader();
const time = new UnixTimeReader();

const digits = fc.array(fc.nat(9), { maxLength: 22 }).map((list) => list.join(''));
const numeral = fc
  .tuple(
    fc.constantFrom('', '-', '+'),
    digits,
    fc.option(digits, { nil: undefined }),
    fc.option(fc.tuple(fc.constantFrom('e', 'E', 'e-', 'e+'), digits), { nil: undefined }),
  )
  .map(([sign, whole, fraction, exponent]) => {
    return `${sign}${whole}${fraction === undefined ? '' : `.${fraction}`}${exponent?.join('') ?? ''}`;
  });

const VALID = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

it('reads what JavaScript reads, to the bit', () => {
  fc.assert(
    fc.property(numeral, fc.constantFrom('', ' ', '\n', 'x'), (text, tail) => {
      const bytes = Buffer.from(`<${text}${tail}`);
      const end = decimal.read(bytes, 1, bytes.length);
      if (!VALID.test(text)) {
        expect(end).not.toBe(1 + text.length);
        return;
      }
      expect(end).toBe(1 + text.length);
      expect(decimal.value).toBe(Number(text));
      const isInteger = /^[+-]?\d+$/.test(text);
      const isExact =
        isInteger && BigInt(text.replace('+', '')) === BigInt(Math.trunc(decimal.value));
      expect(decimal.isRounded).toBe(isInteger && !isExact);
    }),
    FUZZ,
  );
});

it('cuts seconds to milliseconds', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 31), fc.option(digits, { nil: undefined }), (seconds, fraction) => {
      const text = fraction === undefined ? `${seconds}` : `${seconds}.${fraction}`;
      const bytes = Buffer.from(text);
      expect(time.read(bytes, 0, bytes.length, 2 ** 32)).toBe(bytes.length);
      expect(time.t).toBe(seconds * 1000 + Number((fraction ?? '').padEnd(3, '0').slice(0, 3)));
      expect(time.isCut).toBe(/[1-9]/.test((fraction ?? '').slice(3)));
    }),
    FUZZ,
  );
});

it('takes large numbers for milliseconds', () => {
  const bytes = Buffer.from('1700000000123');
  expect(time.read(bytes, 0, bytes.length, 2 ** 32)).toBe(bytes.length);
  expect([time.t, time.isCut]).toEqual([1_700_000_000_123, false]);
});

it('knows seconds as doubles to the microsecond', () => {
  expect(time.set(1_700_000_000.123, 1e11)).toBe(true);
  expect([time.t, time.isCut]).toEqual([1_700_000_000_123, false]);
  expect(time.set(1_700_000_000.123_456, 1e11)).toBe(true);
  expect([time.t, time.isCut]).toEqual([1_700_000_000_123, true]);
  expect(time.set(Number.NaN, 1e11)).toBe(false);
  expect(time.set(1e300, 1e11)).toBe(false);
});
