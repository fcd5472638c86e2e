import { describe, expect, test, vi } from 'vitest';
import { Stopper, type StopSignal } from './stop-signal.ts';

interface Subject {
  readonly signal: StopSignal;
  readonly abort: (reason: unknown) => void;
}

/** Ours behaves as AbortSignal does in all that is used of it. */
const SUBJECTS: readonly (readonly [name: string, make: () => Subject])[] = [
  [
    'Stopper',
    () => {
      const stopper = new Stopper();
      return { signal: stopper, abort: (reason) => stopper.abort(reason) };
    },
  ],
  [
    'AbortSignal',
    () => {
      const aborter = new AbortController();
      return { signal: aborter.signal, abort: (reason) => aborter.abort(reason) };
    },
  ],
];

describe.each(SUBJECTS)('%s', (_, make) => {
  test('is not aborted at first', () => {
    const { signal } = make();
    expect([signal.aborted, signal.reason]).toEqual([false, undefined]);
    signal.throwIfAborted();
  });

  test('tells its listeners once, and the first reason', () => {
    const { signal, abort } = make();
    const [listener, removed, late] = [vi.fn(), vi.fn(), vi.fn()];
    signal.addEventListener('abort', listener, { once: true });
    signal.addEventListener('abort', removed);
    signal.removeEventListener('abort', removed);
    const first = new Error('first');
    abort(first);
    abort(new Error('second'));
    signal.addEventListener('abort', late);
    expect([listener, removed, late].map(({ mock }) => mock.calls.length)).toEqual([1, 0, 0]);
    expect([signal.aborted, signal.reason]).toEqual([true, first]);
    expect(() => signal.throwIfAborted()).toThrow(first);
  });
});
