import { expect, test } from 'vitest';
import { AppError, type ErrorKind } from '../runtime/error.ts';
import { adminDisabled, bodyTimeout, bodyTooLarge, unsupportedMedia } from './errors.ts';
import { describeFailure, renderFailure } from './http-errors.ts';

test.each<[kind: ErrorKind, status: number, errorType: string]>([
  ['bad_data', 400, 'bad_data'],
  ['not_found', 404, 'not_found'],
  ['conflict', 409, 'conflict'],
  ['canceled', 499, 'canceled'],
  ['timeout', 503, 'timeout'],
  ['limit', 422, 'execution'],
  ['unavailable', 503, 'unavailable'],
  ['unsupported', 501, 'unsupported'],
  ['corrupt', 500, 'internal'],
  ['internal', 500, 'internal'],
])('%s is %d', (kind, status, errorType) => {
  const failure = describeFailure(new AppError(kind, 'SOME_CODE', 'why'));
  expect(failure).toMatchObject({ status, errorType, message: 'why' });
  expect(failure.retryAfterSeconds !== undefined).toBe(status === 503);
});

test('errors of HTTP itself have statuses of their own', () => {
  expect(describeFailure(bodyTooLarge(1)).status).toBe(413);
  expect(describeFailure(unsupportedMedia('x')).status).toBe(415);
  expect(describeFailure(adminDisabled()).status).toBe(500);
  // Not 408: a sender that was slow once may try again.
  expect(describeFailure(bodyTimeout(1, 'x')).status).toBe(503);
});

test('anything else is internal, unless the HTTP library blames the client', () => {
  expect(describeFailure(new TypeError('x')).status).toBe(500);
  expect(describeFailure('x')).toMatchObject({ status: 500, message: 'x' });
  expect(describeFailure(Object.assign(new Error('x'), { statusCode: 414 })).status).toBe(414);
  expect(describeFailure(Object.assign(new Error('x'), { statusCode: 200 })).status).toBe(500);
});

test('messages are bounded', () => {
  const failure = describeFailure(new AppError('bad_data', 'X', 'x'.repeat(100_000)));
  expect(failure.message.length).toBeLessThan(5000);
});

test('each face has its shape', () => {
  const failure = describeFailure(new AppError('not_found', 'X', 'say "what"'));
  expect(renderFailure(failure, 'text').body).toBe('say "what"\n');
  expect(renderFailure(failure, 'prometheus').body).toBe(
    '{"status":"error","errorType":"not_found","error":"say \\"what\\""}',
  );
  expect(renderFailure(failure, 'influx').body).toBe('{"error":"say \\"what\\""}\n');
});
