// One connection: bytes are decoded as they come. What comes while something is being stored is stored together
// afterwards, and only a little of it is read: a sender is hardly ever faster than the store.

import type { Socket } from 'node:net';
import { releaseBytes } from '../../runtime/release.ts';
import type { ApiContext } from '../context.ts';
import type { SocketDecoder } from './protocol.ts';
import type { CloseReason } from './reports.ts';
import { SocketRun, type SocketTarget } from './socket-run.ts';

/** When closing, what has arrived is read until nothing came for so long. */
const QUIET_MS = 50;
/** Time for a sender to take its last answers. */
const LINGER_MS = 10_000;
/** Samples decoded while others are being stored. With more nothing is read: there can be thousands of connections. */
const MAX_SAMPLES_AHEAD = 4000;
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
  /** True while something is being stored. */
  #isStoring = false;
  /** True if something has been decoded since then. */
  #hasMore = false;
  /** The sender has said everything. */
  #hasPeerEnded = false;
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
    if (this.#hasEnded || this.#brokenOffFor !== undefined || this.#decoder.isDone === true) return;
    this.#run.countBytes(bytes.length);
    this.#decoder.push(bytes);
    releaseBytes(bytes);
    if (!this.#isStoring) return this.#store();
    this.#hasMore = true;
    if (this.#run.size >= MAX_SAMPLES_AHEAD) this.#socket.pause();
  }

  /** A last line without its line feed is one. */
  async #peerEnded(): Promise<void> {
    if (this.#hasEnded) return;
    this.#decoder.end();
    this.#hasPeerEnded = true;
    if (!this.#isStoring) return this.#store();
    this.#hasMore = true;
  }

  /** Stores what has been decoded, and what is decoded meanwhile; then ends, if there is a reason. */
  async #store(): Promise<void> {
    this.#isStoring = true;
    do {
      this.#hasMore = false;
      await this.#run.store();
      this.#socket.resume();
    } while (this.#hasMore);
    this.#isStoring = false;
    if (this.#hasPeerEnded || this.#decoder.isDone === true) this.#finish();
    else if (this.#brokenOffFor !== undefined) this.breakOff(this.#brokenOffFor);
    else this.#quiet?.refresh();
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
