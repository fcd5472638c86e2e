// How many failed attempts there may be: for each address, and for each user at each address. Nobody who has
// the right password is kept out by somebody elsewhere who has not.

import { RecentMap } from './recent-map.ts';

/** Attempts at once, and then one in so many ms. */
interface Allowance {
  readonly burst: number;
  readonly intervalMs: number;
}

const PER_USER: Allowance = { burst: 5, intervalMs: 5000 };
const PER_ADDRESS: Allowance = { burst: 20, intervalMs: 1000 };

/** Addresses and users remembered at least; who was quiet for longest is forgotten first. */
const REMEMBERED = 10_000;

/** What is left of an allowance: it was `tokens` at the time `at`. */
interface Bucket {
  tokens: number;
  at: number;
}

export class FailureThrottle {
  readonly #now: () => number;
  readonly #buckets = new RecentMap<Bucket>(REMEMBERED);

  /** `now` in ms, never going back. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes an attempt from the allowances, or answers how many ms to wait until there is one. */
  begin(address: string, user: string): number {
    const network = networkOf(address);
    const perUser = this.#bucket(`${network} ${user}`, PER_USER);
    const perAddress = this.#bucket(network, PER_ADDRESS);
    const wait = Math.max(waitOf(perUser, PER_USER), waitOf(perAddress, PER_ADDRESS));
    if (wait > 0) return wait;
    perUser.tokens--;
    perAddress.tokens--;
    return 0;
  }

  /** The attempt was no failure: gives it back. */
  succeeded(address: string, user: string): void {
    const network = networkOf(address);
    for (const [key, { burst }] of [
      [`${network} ${user}`, PER_USER],
      [network, PER_ADDRESS],
    ] as const) {
      const bucket = this.#buckets.get(key);
      if (bucket !== undefined) bucket.tokens = Math.min(burst, bucket.tokens + 1);
    }
  }

  #bucket(key: string, { burst, intervalMs }: Allowance): Bucket {
    const now = this.#now();
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at: now };
    bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.at) / intervalMs);
    bucket.at = now;
    this.#buckets.set(key, bucket);
    return bucket;
  }
}

function waitOf({ tokens }: Bucket, { intervalMs }: Allowance): number {
  return tokens >= 1 ? 0 : Math.ceil((1 - tokens) * intervalMs);
}

/** Who has one IPv6 address usually has its whole /64. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const rest = tail === undefined || tail === '' ? [] : tail.split(':');
  while (tail !== undefined && groups.length + rest.length < 8) groups.push('0');
  return [...groups, ...rest].slice(0, 4).join(':');
}
