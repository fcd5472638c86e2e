import { expect, test } from 'vitest';
import { encodeExportAnswer, encodeStatus, RpcCode } from './response.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const json = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString());

test('all of it was taken', () => {
  const answer = { rejectedPoints: 0, message: '' };
  expect(encodeExportAnswer(answer, 'protobuf')).toHaveLength(0);
  expect(Buffer.from(encodeExportAnswer(answer, 'json')).toString()).toBe('{}');
});

test('a part was taken', () => {
  const answer = { rejectedPoints: 300, message: 'ab' };
  expect(hex(encodeExportAnswer(answer, 'protobuf'))).toBe('0a0708ac0212026162');
  expect(json(encodeExportAnswer(answer, 'json'))).toEqual({
    partialSuccess: { rejectedDataPoints: '300', errorMessage: 'ab' },
  });
});

test('a warning', () => {
  const answer = { rejectedPoints: 0, message: 'ab' };
  expect(hex(encodeExportAnswer(answer, 'protobuf'))).toBe('0a0412026162');
  expect(json(encodeExportAnswer(answer, 'json'))).toEqual({
    partialSuccess: { errorMessage: 'ab' },
  });
});

test('bad data', () => {
  const status = { code: RpcCode.invalidArgument, message: 'no', retryAfter: undefined };
  const type = Buffer.from('type.googleapis.com/google.rpc.BadRequest').toString('hex');
  expect(hex(encodeStatus(status, 'protobuf'))).toBe(`080312026e6f1a330a29${type}12060a0412026e6f`);
  expect(json(encodeStatus(status, 'json'))).toEqual({
    code: 3,
    message: 'no',
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.BadRequest',
        fieldViolations: [{ field: '', description: 'no' }],
      },
    ],
  });
});

test('come again later', () => {
  const status = { code: RpcCode.unavailable, message: 'no', retryAfter: 5 };
  const type = Buffer.from('type.googleapis.com/google.rpc.RetryInfo').toString('hex');
  expect(hex(encodeStatus(status, 'protobuf'))).toBe(`080e12026e6f1a300a28${type}12040a020805`);
  expect(json(encodeStatus(status, 'json'))).toEqual({
    code: 14,
    message: 'no',
    details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '5s' }],
  });
});
