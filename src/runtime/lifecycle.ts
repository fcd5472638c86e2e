// The phases of a long-running program whose main resource takes a while to open:
// starting → ready → stopping. Also the signals that end it.

import { AppError } from './error.ts';
import type { StopSignal } from './stop-signal.ts';

export type Phase = 'starting' | 'ready' | 'stopping';

/** Hands out a resource once it is open and until the program stops. */
export class Lifecycle<T> {
  #phase: Phase = 'starting';
  #resource: T | undefined;
  readonly #waiters = new Set<() => void>();
  readonly #listeners: ((phase: Phase) => void)[] = [];

  get phase(): Phase {
    return this.#phase;
  }

  /** The resource while `ready`, else undefined. */
  get current(): T | undefined {
    return this.#phase === 'ready' ? this.#resource : undefined;
  }

  /** Calls back at once and at every change. */
  watch(listener: (phase: Phase) => void): void {
    this.#listeners.push(listener);
    listener(this.#phase);
  }

  /** starting → ready. Ignored once the program is stopping. */
  becomeReady(resource: T): void {
    if (this.#phase !== 'starting') return;
    this.#resource = resource;
    this.#enter('ready');
  }

  /** From now on nobody gets the resource. Who has it may finish. */
  beginStopping(): void {
    this.#enter('stopping');
  }

  /** The resource now. Throws kind `unavailable` unless ready. */
  currentOrThrow(): T {
    const resource = this.current;
    if (resource === undefined) throw this.#unavailable();
    return resource;
  }

  /**
   * The resource, waiting for it while starting. Rejects with kind `unavailable` after `timeoutMs`
   * or when the program stops, and with the signal's reason.
   */
  async whenReady(timeoutMs: number, signal?: StopSignal): Promise<T> {
    if (this.#phase === 'starting') await this.#phaseChange(timeoutMs, signal);
    signal?.throwIfAborted();
    return this.currentOrThrow();
  }

  #phaseChange(timeoutMs: number, signal: StopSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(done);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.#waiters.add(done);
      signal?.addEventListener('abort', done);
    });
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    for (const listener of this.#listeners) listener(phase);
    for (const wake of [...this.#waiters]) wake();
  }

  #unavailable(): AppError {
    return this.#phase === 'stopping'
      ? new AppError('unavailable', 'RUNTIME_STOPPING', 'shutting down')
      : new AppError('unavailable', 'RUNTIME_STARTING', 'starting up: the log is being replayed');
  }
}

/** Calls back at the first SIGTERM or SIGINT and, with `again`, at every later one; returns the undo. */
export function onTerminationSignal(
  callback: (signal: NodeJS.Signals, again: boolean) => void,
): () => void {
  let seen = false;
  const handle = (signal: NodeJS.Signals): void => {
    callback(signal, seen);
    seen = true;
  };
  process.on('SIGTERM', handle);
  process.on('SIGINT', handle);
  return () => {
    process.off('SIGTERM', handle);
    process.off('SIGINT', handle);
  };
}

/** Calls back at every SIGHUP, which would otherwise end the program; returns the undo. */
export function onReloadSignal(callback: () => void): () => void {
  process.on('SIGHUP', callback);
  return () => {
    process.off('SIGHUP', callback);
  };
}

/** Resolves to true if the promise settles within the time; false otherwise, leaving it be. */
export async function settlesWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  const settled = promise.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([settled, late]);
  } finally {
    clearTimeout(timer);
  }
}
