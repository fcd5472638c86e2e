// Snappy: hand-made blocks with their one right answer, for the plain decoder and the kernel's.

import { describe, expect, test } from 'vitest';
import { KernelCode } from './errors.ts';
import { GuardedKernel } from './guarded-kernel.ts';
import { SNAPPY_SLACK_BYTES } from './kernel-scratch.ts';
import { snappyDeclaredLength, snappyDecode, snappyEncode } from './snappy.ts';

const MAX_DECODED_BYTES = 1000;
const guarded = new GuardedKernel(4 * 65_536);

function bytesOf(...parts: (string | number)[]): Uint8Array {
  return Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))),
  );
}

function decodeByKernel(block: Uint8Array): string | number {
  const src = guarded.place(block, SNAPPY_SLACK_BYTES);
  const { kernel, output } = guarded;
  const length = kernel.snappyDecode(src, block.length, output, MAX_DECODED_BYTES);
  expect(guarded.hasStrayWrites(Math.max(0, length) + SNAPPY_SLACK_BYTES)).toBe(false);
  if (length < 0) return length;
  return Buffer.from(guarded.memory.slice(output, output + length)).toString('latin1');
}

const literal = (text: string) => bytesOf((text.length - 1) << 2, text);

describe('good blocks', () => {
  const cases: [name: string, block: Uint8Array, text: string][] = [
    ['nothing', bytesOf(0), ''],
    ['literal', bytesOf(3, 2 << 2, 'abc'), 'abc'],
    ['literal with one length byte', bytesOf(3, 60 << 2, 2, 'abc'), 'abc'],
    ['literal with two', bytesOf(3, 61 << 2, 2, 0, 'abc'), 'abc'],
    ['literal with three', bytesOf(3, 62 << 2, 2, 0, 0, 'abc'), 'abc'],
    ['literal with four', bytesOf(3, 63 << 2, 2, 0, 0, 0, 'abc'), 'abc'],
    ['long literal', bytesOf(0xac, 2, 61 << 2, 43, 1, 'x'.repeat(300)), 'x'.repeat(300)],
    ['short copy', bytesOf(8, 3 << 2, 'abcd', 1, 4), 'abcdabcd'],
    ['copy with two bytes', bytesOf(8, 3 << 2, 'abcd', (3 << 2) | 2, 4, 0), 'abcdabcd'],
    ['copy with four bytes', bytesOf(8, 3 << 2, 'abcd', (3 << 2) | 3, 4, 0, 0, 0), 'abcdabcd'],
    ['copy of one byte', bytesOf(3, 1 << 2, 'ab', 2, 2, 0), 'aba'],
    [
      'copy of 64 from 16 back',
      bytesOf(80, 15 << 2, '0123456789abcdef', (63 << 2) | 2, 16, 0),
      '0123456789abcdef'.repeat(5),
    ],
    [
      'copy of 40 from 17 back',
      bytesOf(57, 16 << 2, '0123456789abcdefg', (39 << 2) | 2, 17, 0),
      '0123456789abcdefg'.repeat(4).slice(0, 57),
    ],
    ...Array.from({ length: 15 }, (_, i): [string, Uint8Array, string] => {
      const pattern = '0123456789abcde'.slice(0, i + 1);
      const block = bytesOf(i + 1 + 60, i << 2, pattern, (59 << 2) | 2, i + 1, 0);
      return [`pattern of ${i + 1}`, block, pattern.repeat(64).slice(0, i + 61)];
    }),
  ];
  test.each(cases)('%s', (_name, block, text) => {
    expect(Buffer.from(snappyDecode(block, MAX_DECODED_BYTES)).toString('latin1')).toBe(text);
    expect(decodeByKernel(block)).toBe(text);
    expect(snappyDeclaredLength(block)).toBe(text.length);
  });
});

describe('bad blocks', () => {
  const cases: [name: string, block: Uint8Array, code: string, kernelCode: number][] = [
    ['nothing at all', bytesOf(), 'CODEC_SNAPPY_CORRUPT', KernelCode.badPreamble],
    ['length without end', bytesOf(0x80), 'CODEC_SNAPPY_CORRUPT', KernelCode.badPreamble],
    [
      'length of six bytes',
      bytesOf(0x80, 0x80, 0x80, 0x80, 0x80, 0),
      'CODEC_SNAPPY_CORRUPT',
      KernelCode.badPreamble,
    ],
    [
      'length of 2^32',
      bytesOf(0x80, 0x80, 0x80, 0x80, 0x10),
      'CODEC_SNAPPY_CORRUPT',
      KernelCode.badPreamble,
    ],
    [
      'length of 2^32 - 1',
      bytesOf(0xff, 0xff, 0xff, 0xff, 0x0f),
      'CODEC_SNAPPY_TOO_LARGE',
      KernelCode.noRoom,
    ],
    ['one byte too many', bytesOf(0xe9, 7), 'CODEC_SNAPPY_TOO_LARGE', KernelCode.noRoom],
    ...(
      [
        ['shorter than declared', bytesOf(4, literal('abc').toString())],
        ['longer than declared', bytesOf(2, 2 << 2, 'abc')],
        ['something after the end', bytesOf(1, 0, 'a', 0, 'b')],
        ['literal cut off', bytesOf(3, 2 << 2, 'ab')],
        ['literal length cut off', bytesOf(3, 61 << 2, 2)],
        ['literal of 2^32', bytesOf(3, 63 << 2, 0xff, 0xff, 0xff, 0xff, 2 << 2, 'abc')],
        ['literal of 2^32 - 1', bytesOf(3, 63 << 2, 0xfe, 0xff, 0xff, 0xff, 'abc')],
        ['short copy cut off', bytesOf(8, 3 << 2, 'abcd', 1)],
        ['copy cut off', bytesOf(8, 3 << 2, 'abcd', (3 << 2) | 2, 4)],
        ['long copy cut off', bytesOf(8, 3 << 2, 'abcd', (3 << 2) | 3, 4, 0, 0)],
        ['copy from nowhere', bytesOf(8, 3 << 2, 'abcd', 1, 0)],
        ['copy from before the start', bytesOf(8, 3 << 2, 'abcd', 1, 5)],
        ['copy from far before', bytesOf(8, 3 << 2, 'abcd', 15, 0xff, 0xff, 0xff, 0xff)],
        ['copy past the end', bytesOf(8, 3 << 2, 'abcd', (4 << 2) | 2, 4, 0)],
      ] satisfies [string, Uint8Array][]
    ).map(([name, block]): [string, Uint8Array, string, number] => [
      name,
      block,
      'CODEC_SNAPPY_CORRUPT',
      KernelCode.corrupt,
    ]),
  ];
  test.each(cases)('%s', (_name, block, code, kernelCode) => {
    expect(() => snappyDecode(block, MAX_DECODED_BYTES)).toThrow(
      expect.objectContaining({ code, kind: 'bad_data' }),
    );
    expect(decodeByKernel(block)).toBe(kernelCode);
  });
});

test('the kernel tells the declared length', () => {
  const declared = (...bytes: number[]) => {
    const src = guarded.place(bytesOf(...bytes), SNAPPY_SLACK_BYTES);
    return guarded.kernel.snappyDeclaredLength(src, bytes.length);
  };
  expect(declared(0x80, 0x02)).toBe(256);
  expect(declared(0xff, 0xff, 0xff, 0xff, 0x0f)).toBe(2 ** 32 - 1);
  expect(declared(0xff, 0xff, 0xff, 0xff, 0x1f)).toBe(-1);
  expect(declared(0x80)).toBe(-1);
  expect(declared()).toBe(-1);
});

describe('compression', () => {
  test('repeats shrink', () => {
    const text = Buffer.from('{"__name__":"up","instance":"10.0.0.1:9090"},'.repeat(2000));
    expect(snappyEncode(text).length).toBeLessThan(text.length / 15);
  });
  test('noise hardly grows', () => {
    const noise = Uint8Array.from({ length: 100_000 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 24);
    expect(snappyEncode(noise).length).toBeLessThan(noise.length * 1.01);
  });
});
