// Credentials → who it is. A password that was right, or wrong, a moment ago is known to be so without hashing
// it again: a push costs microseconds. What has to be hashed is, one at a time, and only so often for each client.

import { hash, randomBytes } from 'node:crypto';
import type { Clock } from '../runtime/clock.ts';
import type { Credentials } from './credentials.ts';
import { throttled, unauthenticated } from './errors.ts';
import type { ApiKey, User } from './model.ts';
import { MAX_PASSWORD_LENGTH, MAX_USER_NAME_LENGTH } from './names.ts';
import { hashPassword, verifyPassword } from './password.ts';
import { keyPrincipal, type Principal, userPrincipal } from './principal.ts';
import { RecentMap } from './recent-map.ts';
import { isKeyId, matchesAny } from './secrets.ts';
import type { AccessStore } from './store.ts';
import { FailureThrottle } from './throttle.ts';

/** InfluxDB's text; says neither whether the user exists nor that a key has expired. */
const FAILED = 'authorization failed';

/** Credentials whose verdict is remembered at least, about 200 bytes each. */
const REMEMBERED = 5000;

/** Whether credentials were right when the user's hash was this one. */
interface Verdict {
  readonly passwordHash: string;
  readonly isRight: boolean;
}

export interface AuthenticatorOptions {
  readonly store: AccessStore;
  readonly clock: Clock;
  /** Called for each refusal. */
  readonly onFailure?: (reason: FailureReason, name: string, client: string) => void;
}

export type FailureReason = 'missing' | 'wrong' | 'expired' | 'throttled';

export class Authenticator {
  readonly #store: AccessStore;
  readonly #clock: Clock;
  readonly #onFailure: NonNullable<AuthenticatorOptions['onFailure']>;
  readonly #throttle: FailureThrottle;
  /** Of this process alone: what it makes of passwords is of no use elsewhere. */
  readonly #salt = randomBytes(32).toString('hex');
  readonly #verdicts = new RecentMap<Verdict>(REMEMBERED);
  /** Many connections bring the same password at once after a start: it is hashed for all of them. */
  readonly #running = new Map<string, Promise<Principal>>();
  readonly #principals = new WeakMap<User | ApiKey, Principal>();
  /** What passwords of unknown users are compared with, so that they take as long as those of known ones. */
  #decoy: Promise<string> | undefined;

  constructor(options: AuthenticatorOptions) {
    const { store, clock, onFailure = () => {} } = options;
    this.#store = store;
    this.#clock = clock;
    this.#onFailure = onFailure;
    this.#throttle = new FailureThrottle(() => clock.monotonic());
  }

  /**
   * Who it is, at once where nothing has to be hashed. Throws, or rejects with, ACCESS_UNAUTHENTICATED or
   * ACCESS_THROTTLED. `client` is the address it came from.
   */
  authenticate(credentials: Credentials, client: string): Principal | Promise<Principal> {
    const { name, password } = credentials;
    if (isKeyId(name)) return this.#authenticateKey(name, password, client);
    // Nobody's. What is longer would take memory of the throttle, which remembers names.
    if (name.length > MAX_USER_NAME_LENGTH || password.length > MAX_PASSWORD_LENGTH) {
      throw this.#refuse('wrong', name, client);
    }
    const user = this.#store.user(name);
    const digest = this.#digest(credentials);
    const known = this.#verdicts.get(digest);
    if (known !== undefined && known.passwordHash === (user?.passwordHash ?? '')) {
      if (!known.isRight) throw this.#refuse('wrong', name, client);
      return this.#principalOf(user!, userPrincipal);
    }
    return this.#running.get(digest) ?? this.#start(digest, credentials, client);
  }

  /** Whose key this is, if it is one: for where there is no authentication. */
  keyOf(credentials: Credentials): Principal | undefined {
    const key = this.#keyWith(credentials.name, credentials.password);
    return key === undefined || this.#isOver(key) ? undefined : this.#use(key);
  }

  #authenticateKey(id: string, secret: string, client: string): Principal {
    const key = this.#keyWith(id, secret);
    if (key === undefined) throw this.#refuse('wrong', id, client);
    if (this.#isOver(key)) throw this.#refuse('expired', id, client);
    return this.#use(key);
  }

  /** The key whose secret this is; it may have expired. */
  #keyWith(id: string, secret: string): ApiKey | undefined {
    const key = this.#store.key(id);
    const hashes = key?.secrets.map(({ sha256 }) => sha256) ?? [];
    return matchesAny(secret, hashes) ? key : undefined;
  }

  #isOver({ expiresAt }: ApiKey): boolean {
    return expiresAt !== undefined && expiresAt <= this.#clock.now();
  }

  #use(key: ApiKey): Principal {
    this.#store.noteUse(key.id);
    return this.#principalOf(key, keyPrincipal);
  }

  #start(digest: string, credentials: Credentials, client: string): Promise<Principal> {
    const { name } = credentials;
    const waitMs = this.#throttle.begin(client, name);
    if (waitMs > 0) {
      this.#onFailure('throttled', name, client);
      const seconds = Math.ceil(waitMs / 1000);
      throw throttled(`too many failed attempts, try again in ${seconds} s`);
    }
    const verified = this.#store.hashing.run(
      () => this.#verify(digest, credentials),
      (user) => user === undefined,
    );
    if (verified === undefined) {
      this.#onFailure('throttled', name, client);
      throw throttled('too many passwords are being checked');
    }
    const outcome = verified
      .then((user) => {
        if (user === undefined) throw this.#refuse('wrong', name, client);
        this.#throttle.succeeded(client, name);
        return this.#principalOf(user, userPrincipal);
      })
      .finally(() => this.#running.delete(digest));
    this.#running.set(digest, outcome);
    return outcome;
  }

  /** The user, as known when the password has been hashed, or undefined. */
  async #verify(digest: string, { name, password }: Credentials): Promise<User | undefined> {
    const asked = this.#store.user(name)?.passwordHash;
    const isRight = await verifyPassword(password, asked ?? (await this.#decoyHash()));
    const user = this.#store.user(name);
    // If the password was changed meanwhile, the verdict is about one that no longer counts.
    if (user?.passwordHash !== asked) return undefined;
    this.#verdicts.set(digest, {
      passwordHash: asked ?? '',
      isRight: isRight && user !== undefined,
    });
    return isRight ? user : undefined;
  }

  #decoyHash(): Promise<string> {
    this.#decoy ??= hashPassword(randomBytes(16).toString('hex'), this.#store.passwordCost);
    return this.#decoy;
  }

  #digest({ name, password }: Credentials): string {
    // The length keeps ('a', 'bc') and ('ab', 'c') apart. Nobody sees the result, so that an HMAC, which takes
    // many times as long, would protect nothing.
    return hash('sha256', `${this.#salt}${name.length}:${name}${password}`, 'base64');
  }

  #principalOf<T extends User | ApiKey>(of: T, make: (of: T) => Principal): Principal {
    const known = this.#principals.get(of);
    if (known !== undefined) return known;
    const made = make(of);
    this.#principals.set(of, made);
    return made;
  }

  #refuse(reason: FailureReason, name: string, client: string): Error {
    this.#onFailure(reason, name, client);
    return unauthenticated(FAILED);
  }
}
