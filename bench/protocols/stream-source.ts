// A stream of one protocol, made piece by piece while it is sent: as large as one likes, and never there as a whole.

import { HOSTS_PER_BODY, TICK_MS } from './bodies.ts';
import type { Format, HostTick } from './formats.ts';
import { FIELDS, Host } from './hosts.ts';

/** 10,000 series. */
const HOSTS = 1000;

export class StreamSource {
  /** Made so far. */
  bytes = 0;
  samples = 0;
  readonly #format: Format;
  readonly #totalBytes: number;
  readonly #hosts: readonly Host[] = Array.from({ length: HOSTS }, (_, i) => new Host(i));
  /** Of the next piece: its first host and its time. */
  #first = 0;
  #t: number;

  /** Of `totalBytes` and the rest of a piece; ends some time before now. */
  constructor(format: Format, totalBytes: number) {
    this.#format = format;
    this.#totalBytes = totalBytes;
    const now = Math.floor(Date.now() / 1000) * 1000;
    const probe = Array.from({ length: HOSTS_PER_BODY }, (_, i) => new Host(i));
    const tickBytes = (encode(format, probe, now).length * HOSTS) / HOSTS_PER_BODY;
    // A tenth more than some hosts let expect, or the end might be in the future.
    this.#t = now - Math.ceil((1.1 * totalBytes) / tickBytes) * TICK_MS;
  }

  get isDone(): boolean {
    return this.bytes >= this.#totalBytes;
  }

  /** The next pieces, as many as have at most `maxBytes` together, but one at least. */
  *pieces(maxBytes: number): Generator<Uint8Array, void> {
    let sent = 0;
    let largest = 0;
    while (!this.isDone && sent + largest <= maxBytes) {
      const hosts = this.#hosts.slice(this.#first, this.#first + HOSTS_PER_BODY);
      const piece = encode(this.#format, hosts, this.#t);
      this.#first += HOSTS_PER_BODY;
      if (this.#first === HOSTS) {
        this.#first = 0;
        this.#t += TICK_MS;
      }
      this.bytes += piece.length;
      this.samples += hosts.length * FIELDS.length;
      sent += piece.length;
      // The next one may be a little longer.
      largest = Math.max(largest, piece.length * 2);
      yield piece;
    }
  }
}

function encode(format: Format, hosts: readonly Host[], t: number): Uint8Array {
  return format.encode(
    hosts.map((host): HostTick => ({ tags: host.tags, t, values: host.next(t) })),
  );
}
