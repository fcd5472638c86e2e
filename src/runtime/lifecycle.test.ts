import { expect, test } from 'vitest';
import { Lifecycle, settlesWithin } from './lifecycle.ts';

test('waiters get the resource once it is there', async () => {
  const lifecycle = new Lifecycle<string>();
  const waiting = lifecycle.whenReady(10_000);
  expect(lifecycle.current).toBeUndefined();
  lifecycle.becomeReady('store');
  expect(await waiting).toBe('store');
  expect(lifecycle.currentOrThrow()).toBe('store');
});

test('waiting ends with the time, the signal, or the program', async () => {
  const lifecycle = new Lifecycle<string>();
  await expect(lifecycle.whenReady(1)).rejects.toMatchObject({ code: 'RUNTIME_STARTING' });
  const aborter = new AbortController();
  const aborted = lifecycle.whenReady(10_000, aborter.signal);
  aborter.abort(new Error('gone'));
  await expect(aborted).rejects.toThrow('gone');
  const stopped = lifecycle.whenReady(10_000);
  lifecycle.beginStopping();
  await expect(stopped).rejects.toMatchObject({ code: 'RUNTIME_STOPPING' });
});

test('nothing is handed out while stopping', () => {
  const lifecycle = new Lifecycle<string>();
  lifecycle.becomeReady('store');
  lifecycle.beginStopping();
  lifecycle.becomeReady('again');
  expect(lifecycle.current).toBeUndefined();
  expect(() => lifecycle.currentOrThrow()).toThrow(
    expect.objectContaining({ kind: 'unavailable' }),
  );
});

test('settlesWithin', async () => {
  expect(await settlesWithin(Promise.reject(new Error('x')), 1000)).toBe(true);
  expect(await settlesWithin(new Promise(() => {}), 1)).toBe(false);
});
