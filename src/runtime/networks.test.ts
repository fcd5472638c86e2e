import { expect, test } from 'vitest';
import { NetworkSet, parseNetwork, printNetwork } from './networks.ts';

test.each(['10.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8', '0.0.0.0/0', '::ffff:10.0.0.1'])(
  '%s reads back as it prints',
  (text) => {
    expect(printNetwork(parseNetwork(text)!)).toBe(text);
  },
);

test('a network of a single address is that address', () => {
  expect(printNetwork(parseNetwork('10.0.0.1/32')!)).toBe('10.0.0.1');
});

test.each(['', 'localhost', '10.0.0', '10.0.0.0/33', '::/129', '10.0.0.0/', '10.0.0.1:80', '/8'])(
  '%j is none',
  (text) => {
    expect(parseNetwork(text)).toBeUndefined();
  },
);

test('a set contains what its networks do', () => {
  const set = new NetworkSet(
    ['10.0.0.0/8', '192.168.1.7', 'fd00::/8'].map((t) => parseNetwork(t)!),
  );
  const inside = ['10.255.0.1', '192.168.1.7', 'fd12::1', '::ffff:10.0.0.1'];
  const outside = ['11.0.0.1', '192.168.1.8', 'fe80::1', '::1', 'unknown', '', '10.0.0.1:80'];
  expect(inside.filter((address) => !set.contains(address))).toEqual([]);
  expect(outside.filter((address) => set.contains(address))).toEqual([]);
});
