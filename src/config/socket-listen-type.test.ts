import { expect, test } from 'vitest';
import { socketListenType } from './socket-listen-type.ts';

const both = socketListenType(['tcp', 'udp']);
const tcp = socketListenType(['tcp']);

test.each([
  [':2003', [{ host: '', port: 2003, transports: ['tcp', 'udp'] }]],
  ['[::1]:2003,db=a.b', [{ host: '::1', port: 2003, database: 'a.b', transports: ['tcp', 'udp'] }]],
  ['127.0.0.1:1,transport=udp', [{ host: '127.0.0.1', port: 1, transports: ['udp'] }]],
  [
    ':1,db=x,transport=tcp,:2',
    [
      { host: '', port: 1, database: 'x', transports: ['tcp'] },
      { host: '', port: 2, transports: ['tcp', 'udp'] },
    ],
  ],
])('%s', (text, entries) => {
  expect(both.parse([text])).toEqual(entries);
  expect(both.parse(text.split(','))).toEqual(entries);
  expect(both.print(both.parse([text])!)).toBe(text);
});

test('nobody listens by default', () => {
  expect(both.print([])).toBe('');
});

test.each(['', '2003', ':99999', ':1,db=', ':1,transport=sctp', ':1,role=read', 'db=x'])(
  '%j is refused',
  (text) => {
    expect(both.parse([text])).toBeUndefined();
  },
);

test('a protocol may have one transport alone', () => {
  expect(tcp.parse([':1,transport=udp'])).toBeUndefined();
  expect(tcp.print(tcp.parse([':1'])!)).toBe(':1');
});
