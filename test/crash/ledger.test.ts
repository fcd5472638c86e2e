import { describe, expect, test } from 'vitest';
import type { ReadBack } from '../support/rows.ts';
import { Ledger, type Operation } from './ledger.ts';

const DB = 'default';
const SERIES = 'm{a="b"}';

function write(ledger: Ledger, t: number, text: string | undefined): Operation {
  return ledger.begin([{ database: DB, series: SERIES, t, text }]);
}

function acknowledged(ledger: Ledger, t: number, text: string | undefined): void {
  ledger.acknowledge(write(ledger, t, text));
}

function seen(rows: Readonly<Record<number, string>>, duplicates: string[] = []): ReadBack {
  const series = new Map(Object.entries(rows).map(([t, text]) => [Number(t), text]));
  return { series: new Map([[SERIES, series]]), duplicates };
}

/** `lost/duplicated/invented` */
function verdict(ledger: Ledger, rows: ReadBack, options = {}): string {
  const { lost, duplicated, invented } = ledger.audit(DB, rows, options);
  return `${lost.length}/${duplicated.length}/${invented.length}`;
}

describe('ledger', () => {
  test('an acknowledged row must be there, with its value', () => {
    const ledger = new Ledger();
    acknowledged(ledger, 1, 'a');
    expect(verdict(ledger, seen({ 1: 'a' }))).toBe('0/0/0');
    expect(verdict(ledger, seen({}))).toBe('1/0/0');
    expect(verdict(ledger, seen({ 1: 'b' }))).toBe('0/0/1');
    expect(verdict(ledger, { series: new Map(), duplicates: [] })).toBe('1/0/0');
  });

  test('a row in flight may be there, but with its value', () => {
    const ledger = new Ledger();
    write(ledger, 1, 'a');
    expect(verdict(ledger, seen({ 1: 'a' }))).toBe('0/0/0');
    expect(verdict(ledger, seen({}))).toBe('0/0/0');
    expect(verdict(ledger, seen({ 1: 'b' }))).toBe('0/0/1');
  });

  test('an acknowledged overwrite must not be undone; one in flight may show or not', () => {
    const ledger = new Ledger();
    acknowledged(ledger, 1, 'a');
    acknowledged(ledger, 1, 'b');
    expect(verdict(ledger, seen({ 1: 'a' }))).toBe('1/0/0');
    expect(verdict(ledger, seen({ 1: 'b' }))).toBe('0/0/0');
    write(ledger, 1, 'c');
    expect(verdict(ledger, seen({ 1: 'b' }))).toBe('0/0/0');
    expect(verdict(ledger, seen({ 1: 'c' }))).toBe('0/0/0');
    expect(verdict(ledger, seen({ 1: 'a' }))).toBe('1/0/0');
  });

  test('what was deleted must not come back; a delete in flight may show or not', () => {
    const ledger = new Ledger();
    acknowledged(ledger, 1, 'a');
    const deletion = write(ledger, 1, undefined);
    expect(verdict(ledger, seen({ 1: 'a' }))).toBe('0/0/0');
    expect(verdict(ledger, seen({}))).toBe('0/0/0');
    ledger.acknowledge(deletion);
    expect(verdict(ledger, seen({}))).toBe('0/0/0');
    expect(verdict(ledger, seen({ 1: 'a' }))).toBe('0/0/1');
  });

  test('rows nobody wrote and rows that come twice are found', () => {
    const ledger = new Ledger();
    acknowledged(ledger, 1, 'a');
    expect(verdict(ledger, seen({ 1: 'a', 2: 'a' }))).toBe('0/0/1');
    expect(verdict(ledger, seen({ 1: 'a' }, [`${SERIES} at 1`]))).toBe('0/1/0');
    expect(ledger.audit('other', seen({ 1: 'a' })).invented).toHaveLength(1);
  });

  test('what an audit saw of a write in flight is settled', () => {
    const ledger = new Ledger();
    write(ledger, 1, 'a');
    write(ledger, 2, 'b');
    ledger.settle(DB, seen({ 1: 'a' }));
    expect(verdict(ledger, seen({ 1: 'a' }))).toBe('0/0/0');
    expect(verdict(ledger, seen({}))).toBe('1/0/0');
    expect(verdict(ledger, seen({ 1: 'a', 2: 'b' }))).toBe('0/0/1');
  });

  test('expired rows may go, and hidden ones may show again', () => {
    const ledger = new Ledger();
    acknowledged(ledger, 1, 'a');
    acknowledged(ledger, 9, 'b');
    ledger.expire(5);
    expect(verdict(ledger, seen({ 9: 'b' }))).toBe('0/0/0');
    expect(verdict(ledger, seen({ 1: 'x', 9: 'b' }))).toBe('0/0/1');
    expect(verdict(ledger, seen({ 1: 'a' }))).toBe('1/0/0');
    ledger.settle(DB, seen({ 9: 'b' }), 5);
    expect(verdict(ledger, seen({ 1: 'a', 9: 'b' }))).toBe('0/0/0');
    ledger.settle(DB, seen({ 9: 'b' }));
    expect(verdict(ledger, seen({ 1: 'a', 9: 'b' }))).toBe('0/0/1');
  });

  test('a snapshot may hold what was written while it was made, and nothing later', () => {
    const ledger = new Ledger();
    acknowledged(ledger, 1, 'before');
    const from = ledger.now();
    acknowledged(ledger, 2, 'during');
    const window = { from, to: ledger.now() };
    acknowledged(ledger, 3, 'after');
    expect(verdict(ledger, seen({ 1: 'before' }), { window })).toBe('0/0/0');
    expect(verdict(ledger, seen({ 1: 'before', 2: 'during' }), { window })).toBe('0/0/0');
    expect(verdict(ledger, seen({ 2: 'during' }), { window })).toBe('1/0/0');
    expect(verdict(ledger, seen({ 1: 'before', 3: 'after' }), { window })).toBe('0/0/1');
  });
});
