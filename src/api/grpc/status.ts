// How a call that fails is answered: a code, a message, and for what passes a word on when to come again.

import type { Metadata, StatusObject } from '@grpc/grpc-js';
import { encodeStatus } from '../../protocol/otlp/index.ts';
import { describeFailure, failureFor } from '../http-errors.ts';
import { rpcCodeOf } from '../otlp-media.ts';

/** It travels in headers, which clients limit to 8 KiB or more, twice and escaped. */
const MAX_MESSAGE_LENGTH = 1000;

/** The status of a call that an error has ended; `metadata` is empty and is taken over. */
export function statusOf(error: unknown, metadata: Metadata): StatusObject {
  const failure = failureFor('otlp', describeFailure(error));
  const code = rpcCodeOf(failure.status);
  // Half of a surrogate pair has no place in a header.
  const details = failure.message.slice(0, MAX_MESSAGE_LENGTH).replace(/\p{Surrogate}/gu, '\ufffd');
  const retryAfter = failure.retryAfterSeconds;
  if (retryAfter !== undefined) {
    const status = encodeStatus({ code, message: details, retryAfter }, 'protobuf');
    metadata.set('grpc-status-details-bin', Buffer.from(status));
  }
  return { code, details, metadata };
}
