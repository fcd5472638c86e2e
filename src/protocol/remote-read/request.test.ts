import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FUZZ, hostileBytes } from '../../../test/support/arbitraries.ts';
import { MAX_TIME, MIN_TIME } from '../../model/time-range.ts';
import { AppError } from '../../runtime/error.ts';
import { ProtobufWriter } from '../protobuf-writer.ts';
import {
  decodeReadRequest,
  encodeReadRequest,
  negotiateReadType,
  type ReadRequest,
} from './request.ts';

const REQUEST: ReadRequest = {
  queries: [
    {
      range: { minT: -5, maxT: 1_700_000_000_000 },
      matchers: [
        { type: '=', name: '__name__', value: 'up' },
        { type: '!=', name: 'job', value: '' },
        { type: '=~', name: 'instance', value: 'a.*' },
        { type: '!~', name: 'ü', value: 'b|c' },
      ],
      hints: {
        stepMs: 15_000,
        func: 'rate',
        startMs: 1,
        endMs: 2,
        rangeMs: 300_000,
        grouping: ['job', 'instance'],
        by: true,
      },
    },
    { range: { minT: 0, maxT: 0 }, matchers: [], hints: undefined },
  ],
  acceptedResponseTypes: [1, 0],
};

/** A request with one query of which the fields are written by hand. */
function requestOf(write: (writer: ProtobufWriter) => void): Uint8Array {
  const writer = new ProtobufWriter();
  const query = writer.beginMessage(1);
  write(writer);
  writer.endMessage(query);
  return writer.finish();
}

describe('decodeReadRequest', () => {
  it('brings everything back', () => {
    expect(decodeReadRequest(encodeReadRequest(REQUEST))).toEqual(REQUEST);
  });

  it('clamps times to those that exist', () => {
    const bytes = requestOf((w) => {
      w.uint64(1, -(2n ** 63n));
      w.uint64(2, 2n ** 63n - 1n);
    });
    expect(decodeReadRequest(bytes).queries[0]!.range).toEqual({ minT: MIN_TIME, maxT: MAX_TIME });
  });

  it('refuses an unknown kind of matcher', () => {
    const bytes = requestOf((w) => w.bytes(3, Uint8Array.of(0x08, 0x04)));
    expect(() => decodeReadRequest(bytes)).toThrow(
      expect.objectContaining({ code: 'REMOTE_READ_REQUEST_INVALID', kind: 'bad_data' }),
    );
  });

  it('refuses text that is not UTF-8', () => {
    const bytes = requestOf((w) => w.bytes(3, Uint8Array.of(0x1a, 0x01, 0xff)));
    expect(() => decodeReadRequest(bytes)).toThrow(
      expect.objectContaining({ code: 'REMOTE_READ_REQUEST_INVALID' }),
    );
  });

  it('refuses hostile bytes', () => {
    fc.assert(
      fc.property(hostileBytes([encodeReadRequest(REQUEST)]), (bytes) => {
        try {
          decodeReadRequest(bytes);
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          expect(error.kind).toBe('bad_data');
        }
      }),
      FUZZ,
    );
  });
});

it.each<[number[], number | string]>([
  [[], 0],
  [[0], 0],
  [[1], 1],
  [[1, 0], 1],
  [[0, 1], 0],
  [[7, 1, 0], 1],
  [[7], 'REMOTE_READ_TYPE_UNSUPPORTED'],
])('negotiateReadType(%j)', (accepted, want) => {
  if (typeof want === 'number') expect(negotiateReadType(accepted)).toBe(want);
  else {
    expect(() => negotiateReadType(accepted)).toThrow(
      expect.objectContaining({ code: want, kind: 'bad_data' }),
    );
  }
});
