import { expect, test } from 'vitest';
import { clientNames, hasName } from './client-names.ts';

test('names are those of the subject and all alternative ones', () => {
  const names = clientNames({
    subject: 'C=SE\nO=Example\nCN=sender',
    subjectAltName: 'DNS:a.example.org, IP Address:10.0.0.1, URI:spiffe://x/a, email:a@example.org',
  });
  expect(names).toEqual(['sender', 'a.example.org', '10.0.0.1', 'spiffe://x/a', 'a@example.org']);
  expect(clientNames({ subject: 'O=Example', subjectAltName: undefined })).toEqual([]);
});

test('one name is not taken for two', () => {
  const subjectAltName = 'DNS:"evil, DNS:admin", URI:"a\\"b, DNS:root", DNS:c';
  const names = clientNames({ subject: 'CN=evil\\, CN=admin', subjectAltName });
  expect(names).toEqual(['evil\\, CN=admin', 'evil, DNS:admin', 'a"b, DNS:root', 'c']);
  expect(hasName(names, ['admin', 'root', 'CN=admin'])).toBe(false);
});

test('case does not matter', () => {
  expect(hasName(['Store.example.org'], ['store.Example.org'])).toBe(true);
});
