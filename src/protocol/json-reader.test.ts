import { describe, expect, test } from 'vitest';
import { JsonReader } from './json-reader.ts';

/** What the cursor reads, put together as JSON.parse would. Numbers stay texts. */
function read(reader: JsonReader): unknown {
  switch (reader.kind()) {
    case 'object': {
      const object: Record<string, unknown> = {};
      reader.beginObject();
      for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
        object[key] = read(reader);
      }
      return object;
    }
    case 'array': {
      const list: unknown[] = [];
      reader.beginArray();
      while (reader.nextItem()) list.push(read(reader));
      return list;
    }
    case 'string':
      return reader.string();
    case 'number':
      return { number: reader.number() };
    case 'null':
      reader.takeNull();
      return null;
    default:
      return reader.bool();
  }
}

function parse(text: string | Uint8Array): unknown {
  const reader = new JsonReader(typeof text === 'string' ? Buffer.from(text) : text);
  const value = read(reader);
  reader.end();
  return value;
}

function skip(text: string): void {
  const reader = new JsonReader(Buffer.from(text));
  reader.skip();
  reader.end();
}

describe('good JSON', () => {
  test.each<[string, unknown]>([
    ['{}', {}],
    [' [ ] ', []],
    [
      '\ufeff{"a":[1,{"b":null}],"c":true,"d":false}',
      { a: [{ number: '1' }, { b: null }], c: true, d: false },
    ],
    ['"a\\u00e9\\n\\ud83d\\ude00 é"', 'aé\n😀 é'],
    ['12345678901234567890', { number: '12345678901234567890' }],
    ['-0.5e+10', { number: '-0.5e+10' }],
    ['\t{ "a" : "b" , "c" : [ "d" , "e" ] }\r\n', { a: 'b', c: ['d', 'e'] }],
    ['"\\ud800"', undefined],
  ])('%s', (text, expected) => {
    expect(parse(text)).toEqual(expected);
    skip(text);
  });

  test('a string that is not UTF-8 is known, and the rest goes on', () => {
    expect(parse(Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x2c, 0x31, 0x5d]))).toEqual([
      undefined,
      { number: '1' },
    ]);
  });

  test('goes back and on', () => {
    const reader = new JsonReader(Buffer.from('{"a":[1,2],"b":3}'));
    reader.beginObject();
    reader.nextKey();
    const start = reader.position;
    reader.skip();
    expect(reader.nextKey()).toBe('b');
    reader.skip();
    expect(reader.nextKey()).toBeUndefined();
    const end = reader.position;
    reader.seek(start);
    expect(read(reader)).toEqual([{ number: '1' }, { number: '2' }]);
    reader.seekBehind(end);
    reader.end();
  });
});

describe('bad JSON', () => {
  test.each([
    '',
    '{',
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1,}',
    '{,}',
    '{"a":1 "b":2}',
    '{a:1}',
    '{1:2}',
    '[1,]',
    '[,1]',
    '[1 2]',
    '[1',
    '{]',
    '[}',
    '01',
    '1.',
    '.5',
    '+1',
    '1e',
    '--1',
    'nul',
    'tru',
    'True',
    'NaN',
    '"a',
    '"a\nb"',
    '"\\x"',
    '"\\u12g4"',
    '{} {}',
    '1 2',
    "'a'",
  ])('%s', (text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'JSON_MALFORMED' }));
    // What is passed over is looked at as well, but for escapes.
    if (!text.startsWith('"\\')) expect(() => skip(text)).toThrow();
  });

  test('names the place', () => {
    expect(() => parse('{"abc": ?}')).toThrow(/byte 8: a value is expected/);
  });

  test('nesting has a bound', () => {
    skip(`${'['.repeat(500)}${']'.repeat(500)}`);
    expect(() => skip('['.repeat(100_000))).toThrow(/deeper than 512/);
    expect(() => skip('{"a":'.repeat(100_000))).toThrow(/deeper than 512/);
  });
});
