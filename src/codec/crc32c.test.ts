import { expect, test } from 'vitest';
import { crc32c } from './crc32c.ts';

const ascii = (text: string) => Buffer.from(text, 'latin1');

// RFC 3720 appendix B.4, and the usual check value.
const vectors: [name: string, bytes: Uint8Array, checksum: number][] = [
  ['nothing', ascii(''), 0],
  ['check value', ascii('123456789'), 0xe3069283],
  ['32 zeros', new Uint8Array(32), 0x8a9136aa],
  ['32 ones', new Uint8Array(32).fill(255), 0x62a8ab43],
  ['0…31', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  ['31…0', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
];

test.each(vectors)('%s', (_name, bytes, checksum) => {
  expect(crc32c(bytes)).toBe(checksum);
});

test('pieces chain through the seed', () => {
  const bytes = Uint8Array.from({ length: 100 }, (_, i) => (i * 37) & 255);
  for (let cut = 0; cut <= bytes.length; cut++) {
    expect(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut)))).toBe(crc32c(bytes));
  }
});
