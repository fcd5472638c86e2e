// Request bodies: received whole or as a stream, within limits of size, time and memory. A sender
// that dribbles is cut off; one whose body is too large still gets to read the answer.

import type { IncomingMessage } from 'node:http';
import type { SettingName } from '../config/settings.ts';
import { releaseBytes } from '../runtime/release.ts';
import { SharedBudget } from '../runtime/shared-budget.ts';
import { bodyMemoryExhausted, bodyTimeout, bodyTooLarge, clientGone } from './errors.ts';

/** Longest pause between two pieces of a body. */
const IDLE_TIMEOUT_MS = 15_000;
/** Longest time for a body that is received whole. */
const TOTAL_TIMEOUT_MS = 60_000;

const owners = new WeakMap<IncomingMessage, string>();

/** Says whose share of the memory for bodies a request takes. */
export function setBodyOwner(request: IncomingMessage, owner: string): void {
  owners.set(request, owner);
}

/** Receives bodies and counts the memory that all of them take. */
export class BodyReader {
  readonly #memory: SharedBudget;

  /** `now` in ms, never going back. */
  constructor(memoryLimitBytes: number, now: () => number = () => performance.now()) {
    this.#memory = new SharedBudget(memoryLimitBytes, now);
  }

  /** Bytes of bodies being received or worked on. */
  get heldBytes(): number {
    return this.#memory.held;
  }

  /**
   * Receives a whole body of at most `limitBytes` and passes it on; its memory counts until `use` is
   * done and is freed if that went well, so what `use` returns must not lie in it. Throws
   * HTTP_BODY_TOO_LARGE (naming `setting`, if it has one), HTTP_BODY_TIMEOUT, HTTP_BODY_MEMORY or
   * HTTP_CLIENT_GONE.
   */
  async withBody<T>(
    request: IncomingMessage,
    limitBytes: number,
    setting: SettingName | undefined,
    use: (body: Uint8Array) => Promise<T>,
  ): Promise<T> {
    if (Number(request.headers['content-length'] ?? 0) > limitBytes) {
      throw bodyTooLarge(limitBytes, setting);
    }
    const owner = owners.get(request) ?? '';
    let received = 0;
    const admit = (bytes: number): Error | undefined => {
      if (received + bytes > limitBytes) return bodyTooLarge(limitBytes, setting);
      if (!this.#memory.take(owner, bytes)) return bodyMemoryExhausted(this.#memory.limitOf(owner));
      received += bytes;
      return undefined;
    };
    try {
      const body = await collect(request, admit);
      const result = await use(body);
      releaseBytes(body);
      return result;
    } finally {
      this.#memory.give(owner, received);
    }
  }

  /** Passes on a body that is there already; its memory, of the owner's share, counts until `use` is done. Throws HTTP_BODY_MEMORY. */
  async withReceived<T>(
    body: Uint8Array,
    owner: string,
    use: (body: Uint8Array) => Promise<T>,
  ): Promise<T> {
    if (!this.#memory.take(owner, body.length)) {
      throw bodyMemoryExhausted(this.#memory.limitOf(owner));
    }
    try {
      return await use(body);
    } finally {
      this.#memory.give(owner, body.length);
    }
  }
}

/** All bytes of a body. `admit` sees each piece's size first and may refuse it with an error. */
function collect(
  request: IncomingMessage,
  admit: (bytes: number) => Error | undefined,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const pieces: Uint8Array[] = [];
    const idle = setTimeout(() => {
      settle(bodyTimeout(IDLE_TIMEOUT_MS / 1000, 'nothing arrived'));
    }, IDLE_TIMEOUT_MS);
    const total = setTimeout(() => {
      settle(bodyTimeout(TOTAL_TIMEOUT_MS / 1000, 'not complete'));
    }, TOTAL_TIMEOUT_MS);
    const onData = (piece: Uint8Array): void => {
      idle.refresh();
      const refusal = admit(piece.length);
      if (refusal !== undefined) settle(refusal);
      else pieces.push(piece);
    };
    const onEnd = (): void => settle(undefined);
    const onGone = (): void => settle(clientGone());
    const settle = (error: Error | undefined): void => {
      clearTimeout(idle);
      clearTimeout(total);
      request.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
      // An error event without listener would end the process; the rest of the body is thrown away
      // so that the sender gets round to reading the answer.
      request.on('error', () => {});
      if (error === undefined) {
        resolve(joined(pieces));
      } else {
        request.resume();
        reject(error);
      }
    };
    request.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
  });
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const body = Buffer.concat(pieces);
  pieces.forEach(releaseBytes);
  return body;
}

/**
 * Pieces of a body that is worked on while it arrives. Not asking for the next piece holds the sender
 * back. Throws HTTP_BODY_TIMEOUT or HTTP_CLIENT_GONE.
 */
export async function* streamBody(request: IncomingMessage): AsyncGenerator<Uint8Array, void> {
  const pieces = request[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  request.on('error', () => {});
  for (;;) {
    const result = await nextPiece(pieces);
    if (result.done === true) return;
    yield result.value;
  }
}

async function nextPiece(
  pieces: AsyncIterator<Uint8Array>,
): Promise<IteratorResult<Uint8Array, unknown>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(bodyTimeout(IDLE_TIMEOUT_MS / 1000, 'nothing arrived'));
    }, IDLE_TIMEOUT_MS);
  });
  try {
    const next = pieces.next().catch(() => Promise.reject(clientGone()));
    return await Promise.race([next, late]);
  } finally {
    clearTimeout(timer);
  }
}
