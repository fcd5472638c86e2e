// What users, passwords, keys and registrations may look like.

import { type Label, METRIC_NAME } from '../model/labels.ts';
import { admitLabels, DEFAULT_LIMITS } from '../storage/admission.ts';
import { isDatabaseName } from '../storage/interface.ts';
import { invalidKey, invalidPassword, invalidRemoteWrite, invalidUserName } from './errors.ts';
import { EVERY_DATABASE, type KeyRequest, SCOPES, type Scope } from './model.ts';
import { isKeyId } from './secrets.ts';

export const MAX_USER_NAME_LENGTH = 255;
/** Longer ones cost time to hash and add nothing. */
export const MAX_PASSWORD_LENGTH = 1024;
const MAX_KEY_NAME_LENGTH = 255;

/** Enough to say where a sender is; each takes the place of one that a series may have. */
const MAX_EXTRA_LABELS = 16;

const REMOTE_WRITE_NAME = /^[A-Za-z0-9._-]{1,63}$/;

export function checkUserName(name: string): void {
  if (name === '') throw invalidUserName('username required');
  if (name.length > MAX_USER_NAME_LENGTH) {
    throw invalidUserName(`it has ${name.length} characters, at most ${MAX_USER_NAME_LENGTH}`);
  }
  if (/\p{Cc}/u.test(name)) throw invalidUserName('it has control characters');
  if (isKeyId(name)) throw invalidUserName('it has the form of a key id');
}

export function checkPassword(password: string): void {
  if (password === '') throw invalidPassword('it is empty');
  if (password.length > MAX_PASSWORD_LENGTH) {
    throw invalidPassword(`it has more than ${MAX_PASSWORD_LENGTH} characters`);
  }
}

export function checkKeyRequest(
  request: KeyRequest,
  now: number,
): KeyRequest & { readonly scopes: readonly Scope[] } {
  const { name, scopes, databases, expiresAt } = request;
  if (name.length > MAX_KEY_NAME_LENGTH || /\p{Cc}/u.test(name)) {
    throw invalidKey(`its name is longer than ${MAX_KEY_NAME_LENGTH} or has control characters`);
  }
  if (scopes.length === 0) throw invalidKey(`it needs a scope: ${SCOPES.join(', ')}`);
  const known = scopes.map((scope) => SCOPES.find((one) => one === scope));
  if (!known.every((scope) => scope !== undefined)) {
    throw invalidKey(`scopes are ${SCOPES.join(', ')}, not ${scopes.join(', ').slice(0, 80)}`);
  }
  if (databases.length === 0) throw invalidKey(`it needs a database, or ${EVERY_DATABASE} for all`);
  const areNames = databases.every(isDatabaseName);
  if (!areNames && !(databases.length === 1 && databases[0] === EVERY_DATABASE)) {
    throw invalidKey(`databases are names, or ${EVERY_DATABASE} alone for all`);
  }
  if (expiresAt !== undefined && !(expiresAt > now)) throw invalidKey('it has expired already');
  return {
    name,
    scopes: [...new Set(known)],
    databases: [...new Set(databases)],
    expiresAt,
  };
}

export function checkRemoteWriteName(name: string): void {
  if (REMOTE_WRITE_NAME.test(name)) return;
  throw invalidRemoteWrite("its name has 1 to 63 letters, digits, '.', '_' or '-'");
}

/** The same labels; stores would refuse every series with others. */
export function checkExtraLabels(labels: readonly Label[]): readonly Label[] {
  if (labels.length > MAX_EXTRA_LABELS) {
    throw invalidRemoteWrite(`it has ${labels.length} extra labels, at most ${MAX_EXTRA_LABELS}`);
  }
  for (const { name, value } of labels) {
    // One name for all would make one metric of everything that a sender has.
    if (name === METRIC_NAME) throw invalidRemoteWrite(`${METRIC_NAME} cannot be an extra label`);
    if (value === '') {
      throw invalidRemoteWrite(`the extra label ${JSON.stringify(name.slice(0, 80))} has no value`);
    }
  }
  const admitted = admitLabels([{ name: METRIC_NAME, value: 'any' }, ...labels], DEFAULT_LIMITS);
  if ('reason' in admitted) throw invalidRemoteWrite(`an extra label: ${admitted.message}`);
  return admitted.filter(({ name }) => name !== METRIC_NAME);
}
