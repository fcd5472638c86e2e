import { describe, expect, it } from 'vitest';
import { ByteCursor } from './byte-cursor.ts';
import { littleEndian, uleb } from './testing-encodings.ts';
import { thrift } from './testing-file.ts';
import { ThriftReader } from './thrift.ts';

function readerOf(bytes: Iterable<number>): { cursor: ByteCursor; reader: ThriftReader } {
  const cursor = new ByteCursor(Uint8Array.from(bytes), 'a test');
  return { cursor, reader: new ThriftReader(cursor) };
}

/** Passes over all fields. */
function skipAll(bytes: Iterable<number>): ByteCursor {
  const { cursor, reader } = readerOf(bytes);
  reader.struct(() => reader.skip());
  return cursor;
}

describe('values', () => {
  it('are read by field, whatever lies between', () => {
    const struct = { 1: -5, 2: 'é', 3: true, 4: false, 40: { 1: [1, 2, -3] }, 41: 2n ** 40n };
    const { cursor, reader } = readerOf(thrift(struct));
    const found: unknown[] = [];
    reader.struct((field) => {
      if (field === 1 || field === 41) found.push(reader.int());
      else if (field === 2) found.push(reader.text());
      else if (field === 3 || field === 4) found.push(reader.bool());
      else if (field === 40) reader.struct(() => reader.list(() => found.push(reader.int())));
    });
    expect(found).toEqual([-5, 'é', true, false, 1, 2, -3, 2 ** 40]);
    expect(cursor.left).toBe(0);
  });

  it.each<[what: string, field: number[]]>([
    ['a byte', [0x13, 0xff]],
    ['a double', [0x17, ...littleEndian(1, 8)]],
    ['a UUID', [0x1d, ...littleEndian(1, 16)]],
    ['a list of booleans', [0x19, 0x31, 1, 2, 1]],
    ['a set of texts', [0x1a, 0x28, 1, 65, 0]],
    ['a long list', [0x19, 0xf5, 20, ...new Array<number>(20).fill(2)]],
    ['an empty map', [0x1b, 0]],
    ['a map of numbers to structs', [0x1b, 2, 0x5c, 2, 0, 4, 0x15, 2, 0]],
    ['a number given by itself', [0x05, 80, 6]],
  ])('%s is passed over', (_what, field) => {
    const cursor = skipAll([...field, 0x11, 0]);
    expect(cursor.left).toBe(0);
  });
});

describe('refusals', () => {
  it.each<[what: string, bytes: number[], message: RegExp]>([
    ['a list of 2^31', [0x19, 0xf5, ...uleb(2 ** 31), 0], /a list of 2147483648 elements/],
    ['a list of 2^35', [0x19, 0xf5, ...uleb(2 ** 35), 0], /more than 32 bits/],
    ['a map of 2^31', [0x1b, ...uleb(2 ** 31), 0x55], /a list of 2147483648 elements/],
    ['a text of 2^31', [0x18, ...uleb(2 ** 31)], /2147483648 bytes should follow/],
    ['a list of nothing', [0x19, 0x30, 0, 0, 0], /no Thrift type 0/],
    ['a type there is none of', [0x1e, 0], /no Thrift type 14/],
    ['an end that is missing', [0x16, 2], /a byte is missing/],
    ['a number without end', [0x16, ...new Array<number>(1e5).fill(0x80)], /more than 64 bits/],
    ['structs in structs', new Array<number>(1e5).fill(0x1c), /nests deeper than 16/],
    ['lists in lists', [0x19, ...new Array<number>(1e5).fill(0x19)], /nests deeper than 16/],
  ])('%s', (_what, bytes, message) => {
    expect(() => skipAll(bytes)).toThrow(message);
  });

  it('a value of another type than is asked for', () => {
    const { reader } = readerOf(thrift({ 1: 'text' }));
    expect(() => reader.struct(() => reader.int())).toThrow(/type 8 is where 5 belongs/);
  });

  it('sizes below 0 and from 2^53 on', () => {
    for (const size of [-1, 2 ** 53]) {
      const { reader } = readerOf(thrift({ 1: size }));
      expect(() => reader.struct(() => reader.size('its length'))).toThrow(/its length is/);
    }
  });
});
