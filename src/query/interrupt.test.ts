import { expect, test } from 'vitest';
import { Interrupt, StopWord } from './interrupt.ts';

test('only the query that is meant stops, for the reason given', () => {
  const word = new StopWord();
  const first = new Interrupt(new StopWord(word.buffer), 1, 1000, () => 0);
  const second = new Interrupt(new StopWord(word.buffer), 2, 1000, () => 0);
  word.set(1, 'canceled');
  second.check();
  expect(() => first.check()).toThrowError(
    expect.objectContaining({ code: 'PROMQL_CANCELED', kind: 'canceled' }),
  );
  word.set(2, 'timeout');
  expect(() => second.check()).toThrowError('query timed out in expression evaluation');
});

test('the deadline counts without anybody saying so', () => {
  let now = 0;
  const interrupt = new Interrupt(new StopWord(), 1, 1000, () => now);
  for (let i = 0; i < 1000; i++) interrupt.check();
  now = 1001;
  expect(() => {
    for (let i = 0; i < 100; i++) interrupt.check();
  }).toThrowError(expect.objectContaining({ code: 'PROMQL_TIMEOUT', kind: 'timeout' }));
});
