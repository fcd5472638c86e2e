import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FUZZ, hostileBytes } from '../../../test/support/arbitraries.ts';
import { LineDecoder } from './decoder.ts';
import { encodeLine } from './encode.ts';
import { FieldKind, LinePoint } from './point.ts';
import { Byte, findLineEnd } from './scan.ts';
import type { Precision } from './timestamp.ts';

const PRECISIONS: readonly Precision[] = ['n', 'u', 'ms', 's', 'm', 'h'];
const decoder = new LineDecoder();
/** With caches of its own. */
const other = new LineDecoder();

function decode(bytes: Uint8Array, precision: Precision, by: LineDecoder = decoder): string[] {
  const found: string[] = [];
  by.decode(bytes, precision, 1_700_000_000_123_456_789n, {
    point: (point) => found.push(encodeLine(point)),
    error: (message) => found.push(`! ${message}`),
  });
  return found;
}

const SEEDS = [
  'cpu,host=a,region=b usage=1.5,count=3i,up=t 1700000000123456789\ncpu v=2 5\n',
  'cpu v=1 1700000000\r\nmem,a=b v=0.25,w=-17 -12345\n',
  'a\\ b,c\\,d=e\\=f g\\ h="i\\"j\\\\k",l=1e5 6\n# comment\n\n',
  'x y="line\nbreak",z=false,u=9223372036854775807i\n',
  'cpu a=1,b=2,a=3 7\ncpu b=1,a=2 8\ncpu é=1,ab=2,a=3,b=4 9\ncpu ab=1,é=2 9\n',
  'n v=123456789012345678,w=0.1234567890123456,x=.5,y=1.,z=-0 1',
].map((text) => Buffer.from(text));

it('reads plain lines in one pass as it reads them exactly', () => {
  const input = fc.tuple(hostileBytes(SEEDS), fc.constantFrom(...PRECISIONS));
  let points = 0;
  fc.assert(
    fc.property(input, ([bytes, precision]) => {
      const quick = decode(bytes, precision);
      points += quick.filter((line) => !line.startsWith('!')).length;
      expect(decode(indented(bytes), precision, other)).toEqual(quick);
    }),
    FUZZ,
  );
  expect(points).toBeGreaterThan(0);
});

/** A blank before every line keeps it from the one pass and changes nothing. */
function indented(bytes: Uint8Array): Uint8Array {
  const lines: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = findLineEnd(bytes, at, bytes.length) + 1;
    lines.push(Uint8Array.of(Byte.tab), bytes.subarray(at, end));
    at = end;
  }
  return Buffer.concat(lines);
}

it('has no field twice, whatever fields the points before had', () => {
  const point = new LinePoint();
  const names = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 6 });
  const many = Array.from({ length: 40 }, (_, i) => `f${i}`);
  const points = fc.array(fc.oneof(names, fc.constant(many)), { maxLength: 8 });
  fc.assert(
    fc.property(points, (list) => {
      for (const fields of list) {
        const expected = new Map<string, number>();
        point.begin({ measurement: 'm', tags: [] });
        for (const [i, field] of fields.entries()) {
          expected.set(field, i);
          point.setField(field, FieldKind.float, i, undefined, '');
        }
        const found = point.names
          .slice(0, point.fieldCount)
          .map((field, i) => [field, point.values[i]]);
        expect(found).toEqual([...expected]);
      }
    }),
    FUZZ,
  );
});

it('decodes or refuses hostile bytes', () => {
  let refused = 0;
  fc.assert(
    fc.property(fc.array(hostileBytes(SEEDS), { maxLength: 4 }), (parts) => {
      const bytes = Buffer.concat(parts);
      for (const line of decode(bytes, 'n')) if (line.startsWith('!')) refused++;
    }),
    FUZZ,
  );
  expect(refused).toBeGreaterThan(0);
});

const name = fc
  .oneof(
    fc.constantFrom('cpu', 'a b', 'c,d', 'e=f', 'é', '世', '"q"', 'x\\y'),
    fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }),
  )
  // A backslash before the end of a name escapes what follows; a name cannot be written so.
  .filter(
    (text) => !/\\$|\\[, ="]|[\n\r\0\t]/.test(text) && text.trim() !== '' && !text.startsWith('#'),
  );

const field = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => ({
    kind: FieldKind.float,
    value,
    integer: undefined,
    text: '',
  })),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((integer) => ({
    kind: FieldKind.integer,
    value: Number(integer),
    integer: Number.isSafeInteger(Number(integer)) ? undefined : integer,
    text: '',
  })),
  fc.boolean().map((value) => ({
    kind: FieldKind.boolean,
    value: Number(value),
    integer: undefined,
    text: '',
  })),
  fc.string({ maxLength: 8, unit: 'grapheme' }).map((text) => ({
    kind: FieldKind.string,
    value: 0,
    integer: undefined,
    text,
  })),
);

const point = fc
  .record({
    measurement: name,
    tags: fc.uniqueArray(fc.record({ key: name, value: name }), {
      maxLength: 3,
      selector: ({ key }) => key,
    }),
    fields: fc.uniqueArray(fc.tuple(name, field), {
      minLength: 1,
      maxLength: 4,
      selector: ([key]) => key,
    }),
    timeMs: fc.oneof(fc.integer(), fc.integer({ min: -9_223_372_036_000, max: 9_223_372_036_000 })),
    restNs: fc.nat(999_999),
  })
  .map(({ measurement, tags, fields, timeMs, restNs }) => {
    const made = new LinePoint();
    made.begin({ measurement, tags });
    for (const [key, { kind, value, integer, text }] of fields) {
      made.setField(key, kind, value, integer, text);
    }
    made.timeMs = timeMs;
    made.restNs = restNs;
    return made;
  });

it('brings encoded points back', () => {
  fc.assert(
    fc.property(point, (written) => {
      const line = encodeLine(written);
      let read: string | undefined;
      decoder.decode(Buffer.from(line), 'n', 0n, {
        point: (one) => {
          expect({
            ...one.series,
            tags: new Set(one.series.tags.map((tag) => JSON.stringify(tag))),
          }).toEqual({
            measurement: written.series.measurement,
            tags: new Set(written.series.tags.map((tag) => JSON.stringify(tag))),
          });
          one.series = written.series;
          read = encodeLine(one);
        },
        error: (message) => {
          read = message;
        },
      });
      expect(read).toBe(line);
    }),
    { numRuns: 1_000, seed: FUZZ.seed },
  );
});
