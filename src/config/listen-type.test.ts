import { expect, test } from 'vitest';
import { listenType } from './listen-type.ts';

const TLS = { cert: '/a/c.pem', key: '/a/k.pem' };

test.each<[text: string, entries: unknown]>([
  ['127.0.0.1:8086', [{ host: '127.0.0.1', port: 8086 }]],
  ['[::1]:1', [{ host: '::1', port: 1 }]],
  [':8086,role=write', [{ host: '', port: 8086, role: 'write' }]],
  [':1,tls-cert=/a/c.pem,tls-key=/a/k.pem', [{ host: '', port: 1, tls: TLS }]],
  [
    ':1,tls-cert=/a/c.pem,tls-key=/a/k.pem,client-ca=/a/ca.pem,role=read,:2',
    [
      { host: '', port: 1, role: 'read', tls: { ...TLS, clientCa: '/a/ca.pem' } },
      { host: '', port: 2 },
    ],
  ],
  [
    ':1,tls-cert=/a/c.pem,tls-key=/a/k.pem,client-ca=/a/ca.pem,client-name=a,client-name=spiffe://b/c',
    [
      {
        host: '',
        port: 1,
        tls: { ...TLS, clientCa: '/a/ca.pem', clientNames: ['a', 'spiffe://b/c'] },
      },
    ],
  ],
])('%s', (text, entries) => {
  expect(listenType.parse([text])).toEqual(entries);
  // As a variable hands it over.
  expect(listenType.parse(text.split(','))).toEqual(entries);
  expect(listenType.print(listenType.parse([text])!)).toBe(text);
});

test('role=all is what there is without it', () => {
  expect(listenType.parse([':1,role=all'])).toEqual([{ host: '', port: 1 }]);
});

test.each([
  '',
  'role=read',
  ':1,role=everything',
  ':1,tls-cert=/c',
  ':1,tls-key=/k',
  ':1,client-ca=/c',
  ':1,tls-cert=,tls-key=/k',
  ':1,tls-cert=/c,tls-key=/k,client-ca=',
  ':1,tls-cert=/c,tls-key=/k,client-name=a',
  ':1,tls-cert=/c,tls-key=/k,client-ca=/a,client-name=',
  ':1,client-name=a',
  ':1,tls_cert=/c,tls-key=/k',
  ':70000',
  'host',
])('%j is refused', (text) => {
  expect(listenType.parse([text])).toBeUndefined();
});
