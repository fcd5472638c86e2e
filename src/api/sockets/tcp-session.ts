// One connection: bytes are decoded as they come and stored before more are read, so that a sender is never faster
// than the store.

import type { Socket } from 'node:net';
import type { ApiContext } from '../context.ts';
import type { SocketDecoder } from './protocol.ts';
import type { CloseReason } from './reports.ts';
import { SocketRun, type SocketTarget } from './socket-run.ts';

/** When closing, what has arrived is read until nothing came for so long. */
const QUIET_MS = 50;
/** Time for a sender to take its last answers. */
const LINGER_MS = 10_000;
/** Answers that a sender does not read. More are not kept for it. */
const MAX_UNREAD_ANSWER_BYTES = 64 * 1024;

export class TcpSession {
  /** Resolves when everything that was received is stored and the connection is closed. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #target: SocketTarget;
  readonly #run: SocketRun;
  readonly #decoder: SocketDecoder;
  readonly #client: string;
  #resolveClosed = (): void => {};
  /** True while something is being stored: nothing is read meanwhile. */
  #isStoring = false;
  #hasEnded = false;
  /** Why it ends as soon as what is being stored is. */
  #brokenOffFor: CloseReason | undefined;
  #quiet: NodeJS.Timeout | undefined;

  /** Takes over a connection that allows for one side to end before the other, and is paused or fresh. */
  constructor(context: ApiContext, socket: Socket, target: SocketTarget) {
    this.#socket = socket;
    this.#target = target;
    this.#client = `${socket.remoteAddress}:${socket.remotePort}`;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.#run = new SocketRun(context, {
      ...target,
      client: this.#client,
      answer: (text) => this.#answer(text),
    });
    this.#decoder = this.#run.open();
    const idleMs = context.settings['sockets.idle-timeout'];
    socket.setTimeout(idleMs, () => this.#timedOut(idleMs));
    socket.on('data', (bytes: Uint8Array) => this.#attempt(this.#take(bytes)));
    socket.on('end', () => this.#attempt(this.#peerEnded()));
    socket.on('error', () => this.breakOff('broken_off'));
    socket.on('close', () => this.breakOff('broken_off'));
    socket.resume();
  }

  /** Reads what has arrived already, stores it, and closes. */
  stop(): void {
    if (this.#hasEnded || this.#quiet !== undefined) return;
    this.#quiet = setTimeout(() => {
      // Armed again when it is stored.
      if (!this.#isStoring) this.breakOff('shutdown');
    }, QUIET_MS);
  }

  /** Ends the connection in the middle: of an unfinished line nobody knows what it would have been. */
  breakOff(reason: CloseReason): void {
    if (this.#hasEnded) return;
    if (this.#isStoring) {
      this.#brokenOffFor ??= reason;
      return;
    }
    const { reports, protocol } = this.#target;
    reports.closed(protocol.name, reason, this.#client);
    this.#finish();
  }

  /** A failure that is nobody's but ours must not take other connections along. */
  #attempt(work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.#target.reports.log('connection failed', this.#target.protocol.name, { error });
      this.#isStoring = false;
      this.breakOff('internal');
    });
  }

  async #take(bytes: Uint8Array): Promise<void> {
    if (this.#hasEnded) return;
    this.#run.countBytes(bytes.length);
    this.#decoder.push(bytes);
    this.#socket.pause();
    await this.#store();
    if (this.#decoder.isDone === true) this.#finish();
    else if (this.#brokenOffFor !== undefined) this.breakOff(this.#brokenOffFor);
    else {
      this.#quiet?.refresh();
      this.#socket.resume();
    }
  }

  /** The sender has said everything: a last line without its line feed is one. */
  async #peerEnded(): Promise<void> {
    if (this.#hasEnded) return;
    this.#decoder.end();
    await this.#store();
    this.#finish();
  }

  async #store(): Promise<void> {
    this.#isStoring = true;
    await this.#run.store();
    this.#isStoring = false;
  }

  #timedOut(idleMs: number): void {
    if (this.#hasEnded) this.#socket.destroy();
    // Held back by us.
    else if (this.#isStoring) this.#socket.setTimeout(idleMs);
    else this.breakOff('idle');
  }

  #finish(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearTimeout(this.#quiet);
    this.#socket.setTimeout(LINGER_MS);
    this.#socket.end(() => this.#socket.destroy());
    this.#resolveClosed();
  }

  #answer(text: string): void {
    if (this.#hasEnded || this.#socket.writableLength > MAX_UNREAD_ANSWER_BYTES) return;
    this.#socket.write(text);
  }
}
