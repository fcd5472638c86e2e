// Against DNS rebinding: a page of evil.example, whose name has come to mean 127.0.0.1, is of the same origin as a
// server there, and may read all its answers. Its requests name evil.example as their host.

import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { AccessStore } from '../access/index.ts';
import { isLoopback } from '../config/listen-type.ts';
import type { Settings } from '../config/settings.ts';
import { arrivalOf } from './arrival.ts';
import { hostRefused } from './errors.ts';

const REGISTRATION = /^ts-[a-z0-9]{12}\./;

/** In the place of names: all of them. */
const ANY = '*';

/**
 * Refuses requests whose host is not one of the server's: where everybody may do everything because nobody else can
 * reach the address; and everywhere, if names are configured.
 */
export class HostCheck {
  readonly #access: AccessStore;
  /** In lower case, without ports. */
  readonly #allowed: ReadonlySet<string>;
  readonly #isEverywhere: boolean;

  constructor(settings: Settings, access: AccessStore) {
    this.#access = access;
    const external = settings['web.external-url'];
    const configured = settings['web.allowed-hosts'].map((name) => name.toLowerCase());
    this.#isEverywhere = configured.length > 0;
    this.#allowed = new Set([
      ...configured,
      ...(external === '' ? [] : [nameOf(new URL(external).host)]),
    ]);
  }

  /** Throws HTTP_HOST. */
  check(raw: IncomingMessage): void {
    const { host } = raw.headers;
    if (host === undefined || !this.#isNeeded(raw)) return;
    const name = nameOf(host);
    // A registration's own name is below the server's.
    if (!this.#allows(name.replace(REGISTRATION, ''))) throw hostRefused(name);
  }

  #isNeeded(raw: IncomingMessage): boolean {
    if (this.#isEverywhere) return true;
    const arrival = arrivalOf(raw);
    if (arrival === undefined || !isLoopback(arrival)) return false;
    return !this.#access.isRequired || this.#access.needsFirstAdmin();
  }

  /**
   * Besides those configured: addresses, which mean what they say; and names without a dot, which nobody can have
   * in public DNS.
   */
  #allows(name: string): boolean {
    return (
      isIP(name) !== 0 ||
      !name.includes('.') ||
      name.endsWith('.localhost') ||
      this.#allowed.has(name) ||
      this.#allowed.has(ANY)
    );
  }
}

/** In lower case, without port, brackets and the dot that ends a full name. */
function nameOf(host: string): string {
  const match = /^\[(.*)\](?::\d*)?$/.exec(host);
  return (match?.[1] ?? host.replace(/:\d*$/, '').replace(/\.$/, '')).toLowerCase();
}
