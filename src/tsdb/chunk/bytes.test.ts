import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteReader, ByteWriter } from './bytes.ts';

const malformed = expect.objectContaining({ code: 'TSDB_MALFORMED', kind: 'corrupt' });

describe('bytes', () => {
  test('every field comes back', () => {
    const field = fc.oneof(
      fc.record({ kind: fc.constant('varint' as const), value: fc.maxSafeNat() }),
      fc.record({ kind: fc.constant('zigzag' as const), value: fc.integer() }),
      fc.record({ kind: fc.constant('u8' as const), value: fc.nat(255) }),
      fc.record({ kind: fc.constant('u16' as const), value: fc.nat(65_535) }),
      fc.record({ kind: fc.constant('u32' as const), value: fc.nat(0xffffffff) }),
      fc.record({ kind: fc.constant('float64' as const), value: fc.double() }),
      fc.record({ kind: fc.constant('string' as const), value: fc.string({ unit: 'grapheme' }) }),
    );
    fc.assert(
      fc.property(fc.array(field), (fields) => {
        const writer = new ByteWriter(1);
        for (const { kind, value } of fields) (writer[kind] as (v: typeof value) => void)(value);
        const reader = new ByteReader(writer.copy());
        for (const { kind, value } of fields) expect(reader[kind]()).toBe(value);
        reader.expectEnd();
      }),
    );
  });

  test.each([0, 127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 35 - 1, 2 ** 53 - 1])(
    'varint %d',
    (value) => {
      const writer = new ByteWriter(1);
      writer.varint(value);
      expect(new ByteReader(writer.view()).varint()).toBe(value);
    },
  );

  test('fields past the end are malformed', () => {
    const reader = (): ByteReader => new ByteReader(Uint8Array.of(200, 200), 0, 1);
    expect(() => reader().varint()).toThrow(malformed);
    expect(() => reader().u16()).toThrow(malformed);
    expect(() => reader().float64()).toThrow(malformed);
    expect(() => reader().raw(2)).toThrow(malformed);
    expect(() => reader().expectEnd()).toThrow(malformed);
    expect(() => new ByteReader(Uint8Array.of(5, 1)).string()).toThrow(malformed);
    expect(() => new ByteReader(Uint8Array.of(3, 1)).count(1)).toThrow(malformed);
    expect(() => new ByteReader(new Uint8Array(2), 0, 3)).toThrow(malformed);
  });

  test('a varint above 2^53 is malformed', () => {
    const bytes = [...new Array<number>(7).fill(0xff), 0x10];
    expect(() => new ByteReader(Uint8Array.from(bytes)).varint()).toThrow(malformed);
    expect(() => new ByteReader(new Uint8Array(9).fill(0xff)).varint()).toThrow(malformed);
  });
});
