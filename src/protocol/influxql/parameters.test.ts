import { expect, test } from 'vitest';
import { parseParameters } from './parameters.ts';
import { parseStatements } from './parser.ts';
import { printStatement } from './printer.ts';

function bound(text: string, params: unknown): string {
  const json = typeof params === 'string' ? params : JSON.stringify(params);
  return parseStatements(text, parseParameters(json)).map(printStatement).join('; ');
}

test.each<[condition: string, params: unknown, printed: string]>([
  ['a = $x', { x: 'y' }, "a = 'y'"],
  ['a = $x', { x: "' OR 1 = 1 --" }, "a = '\\' OR 1 = 1 --'"],
  ['a = $x', { x: 5 }, 'a = 5'],
  ['a = $x', { x: -5 }, 'a = -5'],
  ['a = $x', '{"x":9223372036854775807}', 'a = 9223372036854775807'],
  ['a = $x', '{"x":1.0}', 'a = 1.000'],
  ['a = $x', { x: 2.5 }, 'a = 2.500'],
  ['a = $x', { x: true }, 'a = true'],
  ['a = $"x y"', { 'x y': 1 }, 'a = 1'],
  ['a =~ $x', { x: { regex: '^b' } }, 'a =~ /^b/'],
  ['$x = 1', { x: { identifier: 'b c' } }, '"b c" = 1'],
  ['time > now() - $x', { x: { duration: '1h' } }, 'time > now() - 1h'],
  ['time > now() - $x', '{"x":{"duration":60000000000}}', 'time > now() - 1m'],
  ['a = $x', { x: { integer: 5 } }, 'a = 5'],
  ['a = $x', { x: { float: 5 } }, 'a = 5.000'],
  ['a = $x', { x: { string: 's' } }, "a = 's'"],
])('%s with %j', (condition, params, printed) => {
  expect(bound(`SELECT a FROM cpu WHERE ${condition}`, params)).toBe(
    `SELECT a FROM cpu WHERE ${printed}`,
  );
});

test.each<[params: unknown, message: string]>([
  [{}, 'missing parameter: x'],
  [{ x: null }, 'unable to bind parameter with type <nil>'],
  [{ x: [1] }, 'unable to bind parameter with type []interface {}'],
  [{ x: {} }, 'bound object parameter value must have exactly one entry'],
  [{ x: { y: 1 } }, 'unknown bind object type: y'],
  [{ x: { regex: 1 } }, 'regex literal must be a string value'],
  [{ x: { integer: 'a' } }, 'integer literal must be an integer value'],
])('$x of %j is refused', (params, message) => {
  expect(() => bound('SELECT a FROM cpu WHERE a = $x', params)).toThrow(
    expect.objectContaining({
      code: 'INFLUXQL_PARSE',
      message: `error parsing query: ${message}`,
    }),
  );
});

test('nothing is bound by nothing', () => {
  expect(parseParameters('').size).toBe(0);
  expect(parseParameters('null').size).toBe(0);
  expect(parseParameters('{}').size).toBe(0);
});

test.each(['{', '[]', '5', '"x"', '{"a":01}', '{"a":1e3}', '{"a":99999999999999999999}'])(
  '%s is no set of parameters',
  (json) => {
    expect(() => parseParameters(json)).toThrow(
      expect.objectContaining({ code: 'INFLUXQL_PARAMETERS' }),
    );
  },
);
