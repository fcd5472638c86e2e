import { describe, expect, it } from 'vitest';
import { AppError } from '../runtime/error.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

function reader(...bytes: number[]): ProtobufReader {
  return new ProtobufReader(Uint8Array.from(bytes), 'Test');
}

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return undefined;
}

/** Reads all fields, as a decoder that knows none. */
function skipAll(of: ProtobufReader): void {
  while (of.nextField() !== 0) of.skip();
}

describe('ProtobufReader', () => {
  it.each([
    [[0x00], 0, 0],
    [[0x7f], 127, 0],
    [[0x80, 0x01], 128, 0],
    [[0xff, 0xff, 0xff, 0xff, 0x0f], 0xffff_ffff, 0],
    [[0x80, 0x80, 0x80, 0x80, 0x10], 0, 1],
    [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], 0xffff_ffff, 0xffff_ffff],
    [[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], 0, 0x8000_0000],
  ])('reads the varint %j', (bytes, low, high) => {
    const of = reader(...bytes);
    of.readVarint();
    expect([of.low, of.high, of.position]).toEqual([low, high, bytes.length]);
  });

  it('reads negative numbers', () => {
    const of = reader(0x08, ...Array.from({ length: 9 }, () => 0xff), 0x01, 0x10, 0x03);
    of.nextField();
    expect(of.int64()).toBe(-1);
    of.nextField();
    expect(of.sint32()).toBe(-2);
  });

  it.each<[string, number[]]>([
    ['a varint that ends early', [0x08, 0x80]],
    ['a varint of 11 bytes', [0x08, ...Array.from({ length: 10 }, () => 0x80), 0x00]],
    ['a varint of more than 64 bits', [0x08, ...Array.from({ length: 9 }, () => 0xff), 0x02]],
    ['a length past the end', [0x0a, 0x02, 0x00]],
    ['a length past 2^32', [0x0a, 0x80, 0x80, 0x80, 0x80, 0x10]],
    ['a fixed64 that ends early', [0x09, 1, 2, 3, 4, 5, 6, 7]],
    ['a fixed32 that ends early', [0x0d, 1, 2, 3]],
    ['a group', [0x0b, 0x0c]],
    ['wire type 7', [0x0f]],
    ['field number 0', [0x00, 0x00]],
    ['a field number of more than 29 bits', [0x88, 0x80, 0x80, 0x80, 0x10, 0x00]],
  ])('refuses %s', (_name, bytes) => {
    expect(codeOf(() => skipAll(reader(...bytes)))).toBe('PROTOBUF_MALFORMED');
  });

  it('refuses a known field of another wire type', () => {
    const of = reader(0x08, 0x01);
    of.nextField();
    expect(codeOf(() => of.double())).toBe('PROTOBUF_MALFORMED');
  });

  it('bounds an embedded message by its own length', () => {
    // The inner varint goes on in the outer message.
    const of = reader(0x0a, 0x02, 0x08, 0x80, 0x01);
    of.nextField();
    of.beginMessage('Inner');
    of.nextField();
    expect(codeOf(() => of.uint32())).toBe('PROTOBUF_MALFORMED');
  });

  it('takes repeated scalars packed and unpacked', () => {
    const of = reader(0x0a, 0x03, 0x01, 0x80, 0x01, 0x08, 0x05);
    const list: number[] = [];
    while (of.nextField() !== 0) of.uint32List(list);
    expect(list).toEqual([1, 128, 5]);
  });

  it('tells strings that are not UTF-8', () => {
    const of = reader(0x0a, 0x02, 0xc3, 0xa9, 0x0a, 0x01, 0xc3);
    of.nextField();
    expect(of.string()).toBe('é');
    of.nextField();
    expect(of.string()).toBeUndefined();
  });
});

describe('ProtobufWriter', () => {
  it('moves a message to make room for a long length', () => {
    const writer = new ProtobufWriter(1);
    const outer = writer.beginMessage(1);
    writer.string(2, 'x'.repeat(200));
    writer.uint(3, 2 ** 53);
    writer.endMessage(outer);
    writer.int64(4, -1);

    const of = new ProtobufReader(writer.finish(), 'Test');
    expect(of.nextField()).toBe(1);
    const end = of.beginMessage('Inner');
    expect(of.nextField()).toBe(2);
    expect(of.string()).toBe('x'.repeat(200));
    expect(of.nextField()).toBe(3);
    expect(of.uint64()).toBe(2n ** 53n);
    of.endMessage(end, 'Test');
    expect(of.nextField()).toBe(4);
    expect(of.int64()).toBe(-1);
    expect(of.nextField()).toBe(0);
  });

  it('refuses to grow past its limit', () => {
    const writer = new ProtobufWriter(16, 64);
    expect(codeOf(() => writer.bytes(1, new Uint8Array(100)))).toBe('PROTOBUF_MESSAGE_TOO_LARGE');
  });

  it.each([0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)])('writes the sint64 %s', (value) => {
    const writer = new ProtobufWriter();
    writer.sint64List(1, [value]);
    const of = new ProtobufReader(writer.finish(), 'Test');
    of.nextField();
    const list: bigint[] = [];
    of.sint64List(list);
    expect(list).toEqual([value]);
  });
});
