// The names in a client's certificate, and whether one of them is let in.

import type { X509Certificate } from 'node:crypto';

/** Each of subjectAltName: `DNS:a`, `URI:"spiffe://a,b"`, `IP Address:::1`. */
const ALTERNATIVE = /(?:^|, )(DNS|URI|IP Address|email):(?:"((?:[^"\\]|\\.)*)"|([^,]*))/g;
const COMMON_NAME = /^CN=(.*)$/m;

/** The common name, and the alternative names of kinds that name hosts, programs and people. */
export function clientNames({
  subject,
  subjectAltName,
}: Pick<X509Certificate, 'subject' | 'subjectAltName'>): string[] {
  const commonName = COMMON_NAME.exec(subject ?? '')?.[1];
  const names = commonName === undefined ? [] : [commonName];
  for (const [, , quoted, plain] of (subjectAltName ?? '').matchAll(ALTERNATIVE)) {
    // What could be taken for more than one name is quoted as JSON has it.
    names.push(quoted === undefined ? plain! : (JSON.parse(`"${quoted}"`) as string));
  }
  return names;
}

/** Names of hosts are the same in all cases of letters. */
export function hasName(names: readonly string[], allowed: readonly string[]): boolean {
  const known = new Set(allowed.map((name) => name.toLowerCase()));
  return names.some((name) => known.has(name.toLowerCase()));
}
