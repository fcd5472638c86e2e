import { expect, it } from 'vitest';
import { Numbering } from './numbering.ts';

it('numbers ids in the order of appearance, round after round', () => {
  const numbering = new Numbering();
  for (let round = 0; round < 5; round++) {
    numbering.begin();
    const ids = [70_000 + round, 3, 3, 0, 70_000 + round, 5_000];
    expect(ids.map((id) => numbering.numberOf(id))).toEqual([0, 1, 1, 2, 0, 3]);
    expect(numbering.count).toBe(4);
    expect([...numbering.ids.subarray(0, 4)]).toEqual([70_000 + round, 3, 0, 5_000]);
  }
});

it('numbers many ids as it does one by one', () => {
  const numbering = new Numbering();
  for (let round = 0; round < 3; round++) {
    numbering.begin();
    const ids = Uint32Array.of(9, 5_000 * round, 3, 3, 100_000, 9);
    const out = new Uint32Array(7);
    numbering.numberAll(ids, 1, 6, out, 2);
    expect([...out]).toEqual([0, 0, 0, 1, 1, 2, 3]);
    expect([...numbering.ids.subarray(0, 4)]).toEqual([5_000 * round, 3, 100_000, 9]);
  }
});

it('tells rounds apart when the marks begin anew', () => {
  const numbering = new Numbering(10);
  for (let round = 0; round < 100; round++) {
    numbering.begin();
    const ids = [round % 7, 9, round % 3];
    const first = ids.map((id, i) => ids.indexOf(id) === i);
    const numbers = ids.map((id) => numbering.numberOf(id));
    expect(numbering.count).toBe(first.filter(Boolean).length);
    expect(numbers.map((number) => numbering.ids[number])).toEqual(ids);
  }
});
