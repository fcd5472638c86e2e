// Passwords as they are kept: scrypt, with its parameters in the text, so that they can be raised later.

import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** Logarithm of scrypt's N; a step up doubles time and memory. 15 takes about 90 ms and 32 MiB. */
export const DEFAULT_COST = 15;
/** Above this a stored text would be an attack on our memory: 512 MiB. */
const MAX_COST = 19;
const BLOCK_SIZE = 8;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

const STORED = /^\$scrypt\$ln=(\d{1,2}),r=8,p=1\$([A-Za-z0-9+/]+=*)\$([A-Za-z0-9+/]+=*)$/;

const derive = promisify<string, Uint8Array, number, ScryptOptions, Buffer>(scrypt);

/** `$scrypt$ln=15,r=8,p=1$<salt>$<hash>`. Runs in libuv's pool. */
export async function hashPassword(password: string, cost: number): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password.normalize('NFC'), salt, HASH_BYTES, optionsOf(cost));
  return `$scrypt$ln=${cost},r=8,p=1$${salt.toString('base64')}$${hash.toString('base64')}`;
}

/** True if `stored` was made of this password. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const parts = parse(stored);
  if (parts === undefined) return false;
  const { cost, salt, hash } = parts;
  const derived = await derive(password.normalize('NFC'), salt, hash.length, optionsOf(cost));
  return timingSafeEqual(derived, hash);
}

export function isPasswordHash(text: string): boolean {
  return parse(text) !== undefined;
}

function parse(
  stored: string,
): { readonly cost: number; readonly salt: Uint8Array; readonly hash: Buffer } | undefined {
  const match = STORED.exec(stored);
  if (match === null) return undefined;
  const cost = Number(match[1]);
  const salt = Buffer.from(match[2]!, 'base64');
  const hash = Buffer.from(match[3]!, 'base64');
  if (cost < 1 || cost > MAX_COST || hash.length < HASH_BYTES) return undefined;
  return { cost, salt, hash };
}

function optionsOf(cost: number): ScryptOptions {
  const N = 2 ** cost;
  // scrypt needs 128 * N * r bytes and a little.
  return { N, r: BLOCK_SIZE, p: 1, maxmem: 256 * N * BLOCK_SIZE };
}
