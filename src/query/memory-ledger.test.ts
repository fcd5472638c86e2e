import { expect, test } from 'vitest';
import { MemoryAccount, MemoryLedger } from './memory-ledger.ts';

const MiB = 2 ** 20;
const LIMITS = { maxBytes: 10 * MiB, maxTotalBytes: 15 * MiB };

test('a query may hold so much', () => {
  const account = new MemoryAccount(new MemoryLedger(1), 0, LIMITS);
  account.hold(10 * MiB);
  expect(() => account.hold(1)).toThrowError(
    expect.objectContaining({ code: 'QUERY_MEMORY', kind: 'limit' }),
  );
  expect(account.peakBytes).toBe(10 * MiB + 1);
});

test('all queries of all threads together may hold so much', () => {
  const ledger = new MemoryLedger(2);
  const first = new MemoryAccount(ledger, 0, LIMITS);
  // As the second thread sees it.
  const second = new MemoryAccount(new MemoryLedger(ledger.buffer), 1, LIMITS);
  first.hold(8 * MiB);
  second.hold(7 * MiB);
  expect(ledger.heldBytes).toBe(15 * MiB);
  expect(() => second.hold(MiB)).toThrowError(
    expect.objectContaining({ code: 'QUERY_TOTAL_MEMORY', kind: 'unavailable' }),
  );
  second.close();
  second.close();
  expect(ledger.heldBytes).toBe(8 * MiB);
  first.hold(-7 * MiB);
  expect(ledger.heldBytes).toBe(MiB);
  ledger.clear(0);
  expect(ledger.heldBytes).toBe(0);
});

test('small changes are gathered', () => {
  const ledger = new MemoryLedger(1);
  const account = new MemoryAccount(ledger, 0, LIMITS);
  for (let i = 0; i < 64; i++) account.hold(1024);
  expect(ledger.heldBytes).toBe(64 * 1024);
  account.hold(1024);
  expect(ledger.heldBytes).toBe(64 * 1024);
  account.close();
  expect(ledger.heldBytes).toBe(0);
});
