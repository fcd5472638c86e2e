import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { GrowableBytes, GrowableU32 } from './growable.ts';

test('what has been appended stays through every growth, in the views that readers have as well', () => {
  const column = new GrowableU32(4);
  const views = new Set([column.data]);
  for (let i = 0; i < 3_000_000; i++) {
    column.push(i ^ 0x5555);
    views.add(column.data);
  }
  expect(views.size).toBeGreaterThan(15);
  for (const view of views) {
    const filled = Math.min(view.length, column.length);
    let wrong = 0;
    for (let i = 0; i < filled; i++) if (view[i] !== (i ^ 0x5555)) wrong++;
    expect(wrong).toBe(0);
  }
});

test('large ones leave little behind', () => {
  const column = new GrowableU32(32);
  const buffers = new Set([column.data.buffer]);
  for (let i = 0; i < 100; i++) {
    column.extend(100_000);
    buffers.add(column.data.buffer);
  }
  const lastFirst = [...buffers].reverse();
  const left = lastFirst.slice(1).reduce((sum, { byteLength }) => sum + byteLength, 0);
  expect(column.length).toBe(10_000_000);
  expect(left).toBeLessThan(column.bytes / 4);
});

test('small ones take no pages of their own', () => {
  const column = new GrowableU32(32);
  while (column.bytes < 2 ** 20) {
    expect(column.data.buffer.growable).toBe(false);
    column.extend(column.data.length + 1);
  }
  expect(column.data.buffer.growable).toBe(true);
});

test('bytes grow in the same way, and no further than their positions', () => {
  const bytes = new GrowableBytes(1024);
  for (let i = 0; i < 3000; i++) {
    bytes.reserve(1000);
    bytes.data.fill(i, bytes.length, bytes.length + 1000);
    bytes.length += 1000;
  }
  for (let i = 0; i < 3000; i++) {
    expect([bytes.data[i * 1000], bytes.data[i * 1000 + 999]]).toEqual([i & 255, i & 255]);
  }
  expect(() => bytes.reserve(2 ** 32)).toThrow('bytes of label text');
});

test('another thread sees what a view had when it was sent', async () => {
  const column = new GrowableU32(4);
  for (let i = 0; i < 400_000; i++) column.push(i);
  const { data, length } = column;
  for (let i = 0; i < 400_000; i++) column.push(7);
  const sum = `
    const { parentPort, workerData: { data, length } } = require('node:worker_threads');
    parentPort.postMessage(data.subarray(0, length).reduce((sum, value) => sum + value, 0));`;
  const worker = new Worker(sum, { eval: true, workerData: { data, length } });
  const [total] = await new Promise<unknown[]>((resolve, reject) => {
    worker.once('message', (value) => resolve([value]));
    worker.once('error', reject);
  });
  await worker.terminate();
  expect(total).toBe((400_000 * 399_999) / 2);
});
