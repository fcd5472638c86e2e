// What goes wrong on sockets whose protocols have no answer: counted by protocol and reason, and told in the log now
// and then.

import type { Clock } from '../../runtime/clock.ts';
import type { LogFields, Logger } from '../../runtime/log.ts';
import type { CounterMetric, Metrics } from '../../runtime/metrics.ts';

/** A line for every bad line would let strangers fill the log. */
const LOG_INTERVAL_MS = 10_000;

/** Why a connection was ended by us, or never begun. */
export type CloseReason = 'too_many_connections' | 'idle' | 'broken_off' | 'internal' | 'shutdown';

/** Why a datagram was lost. */
export type DropReason = 'queue_full' | 'shutdown';

export class SocketReports {
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #connections: CounterMetric;
  readonly #closed: CounterMetric;
  readonly #datagrams: CounterMetric;
  readonly #dropped: CounterMetric;
  readonly #lost: CounterMetric;
  /** By protocol and message: when it was last logged, and how often it was not since. */
  readonly #logged = new Map<string, { at: number; unlogged: number }>();

  constructor(metrics: Metrics, logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
    this.#connections = metrics.counter(
      'tidemark_socket_connections_total',
      'Connections accepted on listeners other than HTTP.',
      'protocol',
    );
    this.#closed = metrics.counter(
      'tidemark_socket_connections_closed_total',
      'Such connections that were refused, or ended before their sender ended them.',
      'protocol',
      'reason',
    );
    this.#datagrams = metrics.counter(
      'tidemark_socket_datagrams_total',
      'Datagrams received.',
      'protocol',
    );
    this.#dropped = metrics.counter(
      'tidemark_socket_datagrams_dropped_total',
      'Datagrams received and not stored.',
      'protocol',
      'reason',
    );
    this.#lost = metrics.counter(
      'tidemark_socket_samples_lost_total',
      'Samples received on sockets that the store could not take.',
      'protocol',
      'reason',
    );
  }

  connected(protocol: string): void {
    this.#connections.add(1, protocol);
  }

  closed(protocol: string, reason: CloseReason, client: string): void {
    this.#closed.add(1, protocol, reason);
    this.log('connection closed', protocol, { reason, client });
  }

  received(protocol: string): void {
    this.#datagrams.add(1, protocol);
  }

  dropped(protocol: string, reason: DropReason, count = 1): void {
    this.#dropped.add(count, protocol, reason);
    this.log('datagrams dropped', protocol, { reason });
  }

  /** Samples that nobody will send again. */
  lost(protocol: string, reason: string, samples: number, error: unknown): void {
    this.#lost.add(samples, protocol, reason);
    this.log('samples lost', protocol, { reason, samples, error });
  }

  /** A warning, or nothing if there was the same one a moment ago. */
  log(message: string, protocol: string, fields: LogFields): void {
    const key = `${protocol} ${message}`;
    const last = this.#logged.get(key);
    const now = this.#clock.monotonic();
    if (last !== undefined && now - last.at < LOG_INTERVAL_MS) {
      last.unlogged++;
      return;
    }
    const sinceLastLine = last?.unlogged ?? 0;
    this.#logged.set(key, { at: now, unlogged: 0 });
    this.#logger.log('warn', message, { protocol, ...fields, sinceLastLine });
  }
}
