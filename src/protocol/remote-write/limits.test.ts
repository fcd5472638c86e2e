import { expect, test } from 'vitest';
import { MAX_SERIES_PER_REQUEST } from './limits.ts';
import { decodeWriteRequestV1 } from './v1.ts';
import { decodeWriteRequestV2 } from './v2.ts';

/** A request of empty series entries: two bytes each. */
function emptyEntries(field: number, count: number): Uint8Array {
  const bytes = new Uint8Array(count * 2);
  for (let i = 0; i < bytes.length; i += 2) bytes[i] = (field << 3) | 2;
  return bytes;
}

test.each([
  ['1.0', 1, decodeWriteRequestV1],
  ['2.0', 5, decodeWriteRequestV2],
] as const)('%s: a request of endless series entries is refused', (_, field, decode) => {
  const fits = decode(emptyEntries(field, MAX_SERIES_PER_REQUEST));
  expect(fits.series).toEqual([]);
  expect(fits.rejections.length).toBeLessThan(200);
  expect(() => decode(emptyEntries(field, MAX_SERIES_PER_REQUEST + 1))).toThrow(
    expect.objectContaining({ code: 'WRITE_TOO_MANY_SERIES', kind: 'bad_data' }),
  );
});
