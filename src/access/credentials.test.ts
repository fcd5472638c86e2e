import { expect, test } from 'vitest';
import { credentialsOf } from './credentials.ts';

const KEY = `AK${'x'.repeat(22)}`;
const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;

test.each<[what: string, query: string, header: string | undefined, name: string, secret: string]>([
  ['basic', '', basic('bob:secret'), 'bob', 'secret'],
  ['basic, whatever its case', '', basic('bob:secret').replace('Basic', 'bAsIc'), 'bob', 'secret'],
  ['a password with colons', '', basic('bob:a:b:c'), 'bob', 'a:b:c'],
  ['a password that is not ASCII', '', basic('bob:pässwörd'), 'bob', 'pässwörd'],
  ['an empty password', '', basic('bob:'), 'bob', ''],
  ['the URL', 'db=x&u=bob&p=s%26cret', undefined, 'bob', 's&cret'],
  ['the URL before the header', 'u=bob&p=secret', basic('eve:wrong'), 'bob', 'secret'],
  ['the header, where the URL has no p', 'u=bob', basic('eve:right'), 'eve', 'right'],
  ['the header, where u is empty', 'u=&p=secret', basic('eve:right'), 'eve', 'right'],
  ['a token', '', 'Token bob:secret', 'bob', 'secret'],
  ['a bearer token with a colon', '', `Bearer ${KEY}:secret`, KEY, 'secret'],
  ['a bearer token with a dot', '', `Bearer ${KEY}.secret`, KEY, 'secret'],
  ['a bearer token from a file', '', `Bearer ${KEY}.secret\r\n`, KEY, 'secret'],
  ['a token that is a key', '', `Token ${KEY}.secret`, KEY, 'secret'],
])('%s', (_, query, header, name, password) => {
  expect(credentialsOf(query, header)).toEqual({ name, password });
});

test.each<[what: string, query: string, header: string | undefined, message: string]>([
  ['nothing', '', undefined, 'unable to parse authentication credentials'],
  ['half of it in the URL', 'u=bob', undefined, 'unable to parse authentication credentials'],
  ['an unknown scheme', '', 'Digest x', 'unable to parse authentication credentials'],
  ['no colon', '', basic('bob'), 'unable to parse authentication credentials'],
  ['a scheme alone', '', 'Basic', 'unable to parse authentication credentials'],
  ['no user', '', basic(':secret'), 'username required'],
  ['somebody’s JWT', '', 'Bearer aaaa.bbbb.cccc', 'bearer auth disabld'],
])('%s: refused as InfluxDB refuses it', (_, query, header, message) => {
  expect(() => credentialsOf(query, header)).toThrow(
    expect.objectContaining({ code: 'ACCESS_UNAUTHENTICATED', message }),
  );
});
