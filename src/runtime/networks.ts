// Addresses of the internet, alone and as networks: `10.0.0.0/8`, `::1`.

import { BlockList, isIP } from 'node:net';

/** All addresses that begin with the same `prefixLength` bits. */
export interface Network {
  readonly address: string;
  readonly prefixLength: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** An address or a network; undefined for anything else. */
export function parseNetwork(text: string): Network | undefined {
  const match = /^([0-9A-Fa-f:.]+)(?:\/(\d{1,3}))?$/.exec(text);
  const version = match === null ? 0 : isIP(match[1]!);
  if (match === null || version === 0) return undefined;
  const bits = version === 4 ? 32 : 128;
  const prefixLength = match[2] === undefined ? bits : Number(match[2]);
  if (prefixLength > bits) return undefined;
  return { address: match[1]!, prefixLength, family: version === 4 ? 'ipv4' : 'ipv6' };
}

/** The text that {@link parseNetwork} reads back. */
export function printNetwork({ address, prefixLength, family }: Network): string {
  const isWhole = prefixLength === (family === 'ipv4' ? 32 : 128);
  return isWhole ? address : `${address}/${prefixLength}`;
}

export class NetworkSet {
  readonly #list = new BlockList();

  constructor(networks: readonly Network[]) {
    for (const { address, prefixLength, family } of networks) {
      this.#list.addSubnet(address, prefixLength, family);
    }
  }

  /** IPv4 counts as itself inside IPv6 (`::ffff:10.0.0.1`), too. False for what is no address. */
  contains(address: string): boolean {
    const version = isIP(address);
    return version !== 0 && this.#list.check(address, version === 4 ? 'ipv4' : 'ipv6');
  }
}
