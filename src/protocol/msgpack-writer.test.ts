import { expect, test } from 'vitest';
import { MsgpackWriter } from './msgpack-writer.ts';

function written(write: (writer: MsgpackWriter) => void): string {
  const writer = new MsgpackWriter(1, 1 << 20);
  write(writer);
  return Buffer.from(writer.view()).toString('hex');
}

// What InfluxDB 1.6.7 wrote for these.
test.each<[value: bigint, bytes: string]>([
  [0n, '00'],
  [127n, '7f'],
  [128n, 'd10080'],
  [256n, 'd10100'],
  [65_536n, 'd200010000'],
  [4_294_967_296n, 'd30000000100000000'],
  [9_223_372_036_854_775_807n, 'd37fffffffffffffff'],
  [-1n, 'ff'],
  [-32n, 'e0'],
  [-33n, 'd0df'],
  [-129n, 'd1ff7f'],
  [-200n, 'd1ff38'],
  [-32_769n, 'd2ffff7fff'],
  [-9_223_372_036_854_775_808n, 'd38000000000000000'],
])('the integer %d', (value, bytes) => {
  expect(written((writer) => writer.bigint(value))).toBe(bytes);
  if (Number.isSafeInteger(Number(value))) {
    expect(written((writer) => writer.integer(Number(value)))).toBe(bytes);
  }
});

test('integers beyond int64 are unsigned', () => {
  expect(written((writer) => writer.bigint(2n ** 64n - 1n))).toBe('cfffffffffffffffff');
  expect(written((writer) => writer.integer(2 ** 63))).toBe('cf8000000000000000');
  expect(written((writer) => writer.integer(-(2 ** 63)))).toBe('d38000000000000000');
  expect(written((writer) => writer.integer(-0))).toBe('00');
});

test('floats have 64 bits', () => {
  expect(written((writer) => writer.float(1.5))).toBe('cb3ff8000000000000');
  expect(written((writer) => writer.float(2))).toBe('cb4000000000000000');
  expect(written((writer) => writer.float(Number.NEGATIVE_INFINITY))).toBe('cbfff0000000000000');
});

test('times are whole seconds and what is beyond them', () => {
  expect(written((writer) => writer.time(1_700_000_000, 123_456_789))).toBe(
    'c70c05000000006553f100075bcd15',
  );
  expect(written((writer) => writer.time(-1, 999_999_999))).toBe('c70c05ffffffffffffffff3b9ac9ff');
});

test.each<[length: number, header: string]>([
  [0, 'a0'],
  [31, 'bf'],
  [32, 'd920'],
  [255, 'd9ff'],
  [256, 'da0100'],
  [65_536, 'db00010000'],
])('a string of %d bytes', (length, header) => {
  expect(written((writer) => writer.string('x'.repeat(length)))).toBe(header + '78'.repeat(length));
});

test('the length of a string is that of its bytes', () => {
  expect(written((writer) => writer.string('é€'))).toBe('a5c3a9e282ac');
});

test('lists and maps say how long they are', () => {
  const sizes = [0, 15, 16, 65_535, 65_536];
  expect(sizes.map((size) => written((writer) => writer.array(size)))).toEqual([
    ...['90', '9f', 'dc0010', 'dcffff', 'dd00010000'],
  ]);
  expect(sizes.map((size) => written((writer) => writer.map(size)))).toEqual([
    ...['80', '8f', 'de0010', 'deffff', 'df00010000'],
  ]);
});

test('more than it may write is refused, and what is there stays', () => {
  const writer = new MsgpackWriter(1, 4);
  writer.string('abc');
  for (const write of [
    () => writer.nil(),
    () => writer.string('x'),
    () => writer.raw(writer.view()),
  ]) {
    expect(write).toThrow(expect.objectContaining({ code: 'MSGPACK_TOO_LARGE' }));
  }
  expect(Buffer.from(writer.view()).toString('hex')).toBe('a3616263');
  writer.reset();
  writer.boolean(true);
  writer.boolean(false);
  writer.nil();
  expect(Buffer.from(writer.view()).toString('hex')).toBe('c3c2c0');
});
