// --listen: an address, and how it is served:
// `HOST:PORT[,tls-cert=FILE,tls-key=FILE[,client-ca=FILE[,client-name=NAME…]]][,role=ROLE]`.

import type { ValueType } from './value-types.ts';

/** Where to listen. An empty host means every interface. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** PEM files. */
export interface TlsFiles {
  /** The certificate, followed by those that lead to its root. */
  readonly cert: string;
  readonly key: string;
  /** Who signs the certificates that clients must have; without it they need none. */
  readonly clientCa?: string;
  /** Names of which a client's certificate must have one; without them any name will do. */
  readonly clientNames?: readonly string[];
}

/** What may be done through a listener, where it is not everything. */
const ROLES = ['read', 'write'] as const;
export type ListenerRole = (typeof ROLES)[number];

export interface ListenEntry extends ListenAddress {
  /** Everything, if left out. */
  readonly role?: ListenerRole;
  /** Plain HTTP, if left out. */
  readonly tls?: TlsFiles;
}

export const listenType: ValueType<readonly ListenEntry[]> = {
  placeholder: 'HOST:PORT[,OPTION=VALUE…]',
  expects:
    'an address such as 127.0.0.1:8086, [::1]:8086 or :8086, with tls-cert=FILE and tls-key=FILE, client-ca=FILE and client-name=NAME, role=all|read|write after it or not',
  isList: true,
  parse: (texts) => {
    const groups = groupOptions(texts.flatMap((text) => text.split(',')));
    const entries = groups.map(([address = '', ...options]) => parseEntry(address, options));
    const isGood = entries.length > 0 && entries.every((entry) => entry !== undefined);
    return isGood ? entries : undefined;
  },
  print: (entries) => entries.map(printEntry).join(','),
};

/** The same where there need be none. */
export const optionalListenType: ValueType<readonly ListenEntry[]> = {
  ...listenType,
  parse: (texts) => (texts.length === 0 ? [] : listenType.parse(texts)),
};

/** Commas also separate entries where a variable holds several: what has a `=` belongs to the address before it. */
export function groupOptions(parts: readonly string[]): string[][] {
  const groups: string[][] = [];
  for (const part of parts) {
    if (part.includes('=') && groups.length > 0) groups.at(-1)!.push(part.trim());
    else groups.push([part.trim()]);
  }
  return groups;
}

function parseEntry(addressText: string, optionTexts: readonly string[]): ListenEntry | undefined {
  const address = parseAddress(addressText);
  const pairs = optionTexts.map((text) => splitOption(text));
  const clientNames = pairs.filter(([name]) => name === 'client-name').map(([, value]) => value);
  const options = new Map(pairs.filter(([name]) => name !== 'client-name'));
  const take = (name: string): string | undefined => {
    const value = options.get(name);
    options.delete(name);
    return value;
  };
  const roleText = take('role') ?? 'all';
  const role = ROLES.find((one) => one === roleText);
  const [cert, key, clientCa] = [take('tls-cert'), take('tls-key'), take('client-ca')];
  const isRole = role !== undefined || roleText === 'all';
  if (address === undefined || !isRole || options.size > 0) return undefined;
  const plain = role === undefined ? address : { ...address, role };
  // A name is worth something only if somebody vouches for it.
  if (clientNames.includes('') || (clientNames.length > 0 && !clientCa)) return undefined;
  if (cert === undefined && key === undefined && clientCa === undefined) return plain;
  if (!cert || !key || clientCa === '') return undefined;
  const clients = {
    ...(clientCa === undefined ? {} : { clientCa }),
    ...(clientNames.length === 0 ? {} : { clientNames }),
  };
  return { ...plain, tls: { cert, key, ...clients } };
}

/** `name=value` in two. */
export function splitOption(option: string): [string, string] {
  const equals = option.indexOf('=');
  return [option.slice(0, equals), option.slice(equals + 1)];
}

/** `host:port`, `[host]:port` or `:port`; undefined for anything else. */
export function parseAddress(text: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^[\]:/\s]*)):(\d{1,5})$/.exec(text);
  if (match === null || Number(match[3]) > 65_535) return undefined;
  return { host: match[1] ?? match[2]!, port: Number(match[3]) };
}

function printEntry(entry: ListenEntry): string {
  const { tls, role } = entry;
  const options = [
    ...(tls === undefined ? [] : [`tls-cert=${tls.cert}`, `tls-key=${tls.key}`]),
    ...(tls?.clientCa === undefined ? [] : [`client-ca=${tls.clientCa}`]),
    ...(tls?.clientNames ?? []).map((name) => `client-name=${name}`),
    ...(role === undefined ? [] : [`role=${role}`]),
  ];
  return [printAddress(entry), ...options].join(',');
}

/** `host:port`, with brackets around IPv6. */
export function printAddress({ host, port }: ListenAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** True if only programs on this machine can reach the address. */
export function isLoopback({ host }: ListenAddress): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
