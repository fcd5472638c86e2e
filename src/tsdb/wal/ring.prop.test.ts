// The ring against a plain queue: entries come out whole and in order, and room is never lost.

import { expect, test } from 'vitest';
import { randomOf } from '../../runtime/file-image.ts';
import { EntryType, newRingMemory, RingConsumer, RingProducer } from './ring.ts';

const SIZE = 1024;

test('entries come out as they went in, and an empty ring takes the longest entry', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = randomOf(seed);
    const memory = newRingMemory(SIZE);
    const producer = new RingProducer(memory);
    const consumer = new RingConsumer(memory);
    const queue: { fill: number; length: number }[] = [];
    let taken = 0;
    let held = 0;
    for (let step = 0; step < 300; step++) {
      if (random() < 0.5) {
        const isLongest = random() < 0.1;
        const length = isLongest ? producer.maxEntryBytes : 64 + 8 * Math.floor(random() * 20);
        const offset = producer.reserve(length);
        if (offset < 0) {
          if (queue.length + held === 0) throw new Error(`seed ${seed}: empty and yet no room`);
          continue;
        }
        const fill = (step % 255) + 1;
        producer.memory.fill(fill, offset + 16, offset + length);
        producer.publish(EntryType.record);
        queue.push({ fill, length });
      } else {
        const entry = consumer.peek();
        const expected = queue[0];
        if (entry === undefined || expected === undefined) {
          expect(entry).toBe(expected);
          consumer.release();
          held = 0;
          continue;
        }
        expect(entry.type).toBe(EntryType.record);
        expect(entry.bytes.length).toBe(expected.length);
        expect(entry.bytes.subarray(16).every((byte) => byte === expected.fill)).toBe(true);
        consumer.advance(entry);
        queue.shift();
        held++;
        taken++;
        if (random() < 0.5) {
          consumer.release();
          held = 0;
        }
      }
    }
    expect(taken).toBeGreaterThan(20);
  }
});

test('commands carry a number and keep their place', () => {
  const memory = newRingMemory(SIZE);
  const producer = new RingProducer(memory);
  const consumer = new RingConsumer(memory);
  producer.putCommand(EntryType.truncate, 2 ** 52 + 1);
  producer.putCommand(EntryType.close, 0);
  const first = consumer.peek()!;
  expect([first.type, consumer.argument(first)]).toEqual([EntryType.truncate, 2 ** 52 + 1]);
  consumer.advance(first);
  expect(consumer.peek()!.type).toBe(EntryType.close);
});

test('a log that keeps up uses only the beginning of the ring', () => {
  const memory = newRingMemory(65_536);
  const producer = new RingProducer(memory);
  const consumer = new RingConsumer(memory);
  let highest = 0;
  for (let i = 0; i < 10_000; i++) {
    const offset = producer.reserve(256);
    highest = Math.max(highest, offset);
    producer.publish(EntryType.record);
    const entry = consumer.peek()!;
    consumer.advance(entry);
    consumer.release();
  }
  expect(highest).toBeLessThanOrEqual(65_536 / 8);
});
