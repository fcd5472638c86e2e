import { expect, test } from 'vitest';
import { ValueReceiver, ValueSender } from './known-values.ts';

/** What the other side makes of a value, sent as messages are. */
function send(sender: ValueSender, receiver: ValueReceiver, value: unknown): unknown {
  return receiver.unpack(structuredClone(sender.pack(value)));
}

function sharedBytes(...bytes: number[]): Uint8Array {
  const column = new Uint8Array(new SharedArrayBuffer(bytes.length));
  column.set(bytes);
  return column;
}

test('plain data arrives as it was, columns over the same memory', () => {
  const bytes = sharedBytes(1, 2, 3, 4, 5, 6, 7, 8);
  const numbers = new Uint32Array(bytes.buffer, 4, 1);
  const own = Float64Array.of(1.5);
  const value = {
    range: { minT: -1, maxT: Number.POSITIVE_INFINITY },
    heads: [{ id: 7, bytes, part: bytes.subarray(2, 4), numbers }],
    own,
    nothing: null,
    missing: undefined,
    texts: ['a', ''],
  };
  const [sender, receiver] = [new ValueSender(), new ValueReceiver()];
  for (let i = 0; i < 3; i++) expect(send(sender, receiver, value)).toEqual(value);
  const { heads } = send(sender, receiver, value) as typeof value;
  bytes[2] = 99;
  expect(heads[0]!.part).toEqual(Uint8Array.of(99, 4));
  numbers[0] = 5;
  expect(heads[0]!.numbers).toEqual(Uint32Array.of(5));
});

test('a memory is sent once, new ones when they come', () => {
  const sender = new ValueSender();
  const [a, b] = [sharedBytes(1), sharedBytes(2)];
  expect(sender.pack({ a }).news).toHaveLength(1);
  expect(sender.pack({ a, b, again: b.subarray(0) })).toMatchObject({ firstNew: 1 });
  expect(sender.pack([a, b]).news).toEqual([]);
});

test('a frozen object is sent once, and is the same object every time it is unpacked', () => {
  const [sender, receiver] = [new ValueSender(), new ValueReceiver()];
  const [a, b, c] = ['a', 'b', 'c'].map((path) => Object.freeze({ path, section: 1 }));
  const value = { files: [a, b], newest: c, mixed: [a, { b }], none: [], column: sharedBytes(1) };
  const first = send(sender, receiver, value) as typeof value;
  expect(first).toEqual(value);
  expect(sender.pack(value)).toMatchObject({ news: [], firstNew: 4 });
  const again = send(sender, receiver, { ...value, files: [b] }) as typeof value;
  expect(again.files).toEqual([b]);
  expect(again.files[0]).toBe(first.files[1]);
  // Equal is not the same: a table of texts would have to read them all.
  expect(sender.pack({ ...a }).news).toEqual([]);
  expect(sender.pack(Object.freeze({ ...a })).news).toHaveLength(1);
});

test('tables start over before they grow for ever', () => {
  const [sender, receiver] = [new ValueSender(), new ValueReceiver()];
  for (let i = 0; i < 3000; i++) {
    const column = sharedBytes(i % 256);
    const file = Object.freeze({ path: `${i}` });
    const value = { column, list: [column], files: [file] };
    expect(send(sender, receiver, value)).toEqual(value);
  }
});

test('very large memories are not kept', () => {
  const sender = new ValueSender();
  const column = new Uint8Array(new SharedArrayBuffer(2 ** 26 + 1), 0, 3);
  expect(sender.pack({ column })).toMatchObject({ news: [], value: { column } });
});
