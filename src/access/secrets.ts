// Random names and secrets, and how secrets are kept: full entropy, so that a fast hash does.

import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const LOWER_CASE_AND_DIGITS = 'abcdefghijklmnopqrstuvwxyz0123456789';

const KEY_ID_PREFIX = 'AK';
const KEY_ID_LENGTH = 24;
const KEY_ID = /^AK[A-Za-z0-9]{22}$/;

/** 40 of 62 characters: 238 bits. */
const SECRET_LENGTH = 40;

const REMOTE_WRITE_ID_PREFIX = 'ts-';
const REMOTE_WRITE_ID_LENGTH = 12;
const REMOTE_WRITE_ID = /^ts-[a-z0-9]{12}$/;

export function newKeyId(): string {
  const length = KEY_ID_LENGTH - KEY_ID_PREFIX.length;
  return KEY_ID_PREFIX + randomText(length, LETTERS_AND_DIGITS);
}

/** True for every key's id and for no user's name. */
export function isKeyId(text: string): boolean {
  return KEY_ID.test(text);
}

/** For a key, or a password that nobody chose. */
export function newSecret(): string {
  return randomText(SECRET_LENGTH, LETTERS_AND_DIGITS);
}

export function newRemoteWriteId(): string {
  return REMOTE_WRITE_ID_PREFIX + randomText(REMOTE_WRITE_ID_LENGTH, LOWER_CASE_AND_DIGITS);
}

export function isRemoteWriteId(text: string): boolean {
  return REMOTE_WRITE_ID.test(text);
}

export function hashSecret(secret: string): string {
  return hash('sha256', secret, 'hex');
}

/** True if one of the hashes is of the secret. Takes the same time whichever it is. */
export function matchesAny(secret: string, hashes: readonly string[]): boolean {
  const wanted = hash('sha256', secret, 'buffer');
  let matches = false;
  for (const known of hashes) {
    if (timingSafeEqual(wanted, Buffer.from(known, 'hex'))) matches = true;
  }
  return matches;
}

function randomText(length: number, alphabet: string): string {
  // Bytes past the last whole multiple of the alphabet would favour its first characters.
  const limit = 256 - (256 % alphabet.length);
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < limit && text.length < length) text += alphabet[byte % alphabet.length];
    }
  }
  return text;
}
