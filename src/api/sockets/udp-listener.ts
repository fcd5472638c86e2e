// UDP listeners: every datagram is a text of its own. They wait in a queue while others are stored; what the queue
// cannot hold is dropped and counted, since nobody can be held back.

import { createSocket, type RemoteInfo, type Socket, type SocketType } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { ListenAddress } from '../../config/listen-type.ts';
import { systemErrorCode } from '../../runtime/error.ts';
import { settlesWithin } from '../../runtime/lifecycle.ts';
import type { ApiContext } from '../context.ts';
import { cannotListen } from '../listeners.ts';
import { SocketRun, type SocketTarget } from './socket-run.ts';

/** For bursts that come while this process does something else. The system may give less. */
const RECEIVE_BUFFER_BYTES = 4 << 20;
/** Decoded in one go, then stored. */
const MAX_BATCH_BYTES = 256 * 1024;
/** What a datagram in the queue takes besides its bytes. */
const DATAGRAM_OVERHEAD_BYTES = 200;

interface Datagram {
  readonly bytes: Uint8Array;
  readonly client: string;
}

export class UdpListener {
  readonly #socket: Socket;
  readonly #context: ApiContext;
  readonly #target: SocketTarget;
  readonly #maxQueuedBytes: number;
  #queue: Datagram[] = [];
  #queuedBytes = 0;
  /** Set while the queue is being worked off. */
  #work: Promise<void> | undefined;
  #isClosed = false;

  private constructor(socket: Socket, context: ApiContext, target: SocketTarget) {
    this.#socket = socket;
    this.#context = context;
    this.#target = target;
    this.#maxQueuedBytes = context.settings['sockets.udp-memory'];
    socket.on('message', (bytes, sender) => this.#receive(bytes, sender));
    socket.on('error', (error) => {
      target.reports.log('receiving failed', target.protocol.name, { error });
    });
  }

  /** Listens. Throws HTTP_LISTEN. */
  static async listen(
    address: ListenAddress,
    context: ApiContext,
    target: SocketTarget,
  ): Promise<UdpListener> {
    return new UdpListener(await bind(address), context, target);
  }

  /** The real one, where 0 was asked for. */
  get port(): number {
    return this.#socket.address().port;
  }

  /** Bytes that wait to be stored. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Receives no more, stores what has been received; after `graceMs` nothing is tried again. */
  async close(graceMs: number): Promise<void> {
    this.#isClosed = true;
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
    const work = this.#work ?? Promise.resolve();
    if (await settlesWithin(work, graceMs)) return;
    const { reports, protocol, writer } = this.#target;
    reports.dropped(protocol.name, 'shutdown', this.#queue.length);
    this.#queue = [];
    writer.hurry();
    await work;
  }

  #receive(bytes: Uint8Array, { address, port }: RemoteInfo): void {
    if (this.#isClosed) return;
    const { reports, protocol } = this.#target;
    reports.received(protocol.name);
    const cost = bytes.length + DATAGRAM_OVERHEAD_BYTES;
    if (this.#queuedBytes + cost > this.#maxQueuedBytes) {
      reports.dropped(protocol.name, 'queue_full');
      return;
    }
    this.#queuedBytes += cost;
    this.#queue.push({ bytes, client: `${address}:${port}` });
    this.#work ??= this.#workOff();
  }

  async #workOff(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#takeBatch();
      // Of several senders the first is named in the log.
      const run = new SocketRun(this.#context, {
        ...this.#target,
        client: batch[0]!.client,
        answer: () => {},
      });
      let bytes = 0;
      for (const datagram of batch) {
        const decoder = run.open();
        decoder.push(datagram.bytes);
        decoder.end();
        bytes += datagram.bytes.length;
      }
      run.countBytes(bytes);
      await run.store();
      this.#queuedBytes -= bytes + batch.length * DATAGRAM_OVERHEAD_BYTES;
    }
    this.#work = undefined;
  }

  #takeBatch(): Datagram[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#queue.length && bytes < MAX_BATCH_BYTES) {
      bytes += this.#queue[count++]!.bytes.length;
    }
    return this.#queue.splice(0, count);
  }
}

/** A socket at the address; for all interfaces one of both versions of IP, where the machine has both. */
async function bind(address: ListenAddress): Promise<Socket> {
  const { host, port } = address;
  try {
    return await bindSocket(host === '' || isIPv6(host) ? 'udp6' : 'udp4', port, host);
  } catch (error) {
    const isWithoutIPv6 = host === '' && systemErrorCode(error) === 'EAFNOSUPPORT';
    if (!isWithoutIPv6) throw cannotListen(address, error as NodeJS.ErrnoException);
  }
  try {
    return await bindSocket('udp4', port, host);
  } catch (error) {
    throw cannotListen(address, error as NodeJS.ErrnoException);
  }
}

function bindSocket(type: SocketType, port: number, host: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type, recvBufferSize: RECEIVE_BUFFER_BYTES });
    const fail = (error: Error): void => {
      socket.close();
      reject(error);
    };
    socket.once('error', fail);
    socket.bind(port, host === '' ? undefined : host, () => {
      socket.off('error', fail);
      resolve(socket);
    });
  });
}
