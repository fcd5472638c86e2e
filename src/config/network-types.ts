// Kinds of settings that name other machines.

import { type Network, parseNetwork, printNetwork } from '../runtime/networks.ts';
import type { ValueType } from './value-types.ts';

export const networksType: ValueType<readonly Network[]> = {
  placeholder: 'ADDRESS|NETWORK',
  expects: 'an address such as 127.0.0.1 or ::1, or a network such as 10.0.0.0/8',
  isList: true,
  parse: (texts) => {
    const networks = parts(texts).map((text) => parseNetwork(text));
    return networks.every((network) => network !== undefined) ? networks : undefined;
  },
  print: (networks) => networks.map(printNetwork).join(','),
};

/** Names of hosts, without ports; `*` for all. */
export const hostNamesType: ValueType<readonly string[]> = {
  placeholder: 'NAME',
  expects: "'*' or the name of a host such as metrics.example.org, without a port",
  isList: true,
  parse: (texts) => {
    const names = parts(texts);
    return names.every(isHostName) ? names : undefined;
  },
  print: (names) => names.join(','),
};

/** Several may be in one flag: neither addresses nor names have commas. */
function parts(texts: readonly string[]): string[] {
  return texts.flatMap((text) => text.split(',')).map((text) => text.trim());
}

function isHostName(text: string): boolean {
  return text === '*' || /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/.test(text);
}
