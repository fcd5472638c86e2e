// What a backend brings to the conformance suite, and how the suite declares its checks.

import { describe, test } from 'vitest';
import type { Database, Storage } from '../interface.ts';
import { DEFAULT_DATABASE } from '../interface.ts';

/** One freshly opened, empty store with the default limits. */
export interface Subject {
  readonly storage: Storage;
  /** Closes the store and opens it again on the same data; undefined if nothing is kept. */
  readonly reopen?: () => Promise<Storage>;
  /** Closes what is open and removes all traces. */
  cleanup(): Promise<void>;
}

export type OpenSubject = () => Promise<Subject>;

export interface ConformanceOptions {
  /** False for a store that keeps nothing, or where it is of no interest: checks across a restart are not declared. */
  readonly restarts?: boolean;
}

/** What a check works with. */
export interface Fixture {
  readonly db: Database;
  readonly storage: Storage;
  /** True where the suite runs its checks across a restart. */
  readonly restarts: boolean;
  /**
   * To be called between writing and reading. Gives the database to read from: the same one or, with
   * {@link restarts}, the reopened one.
   */
  settle(): Promise<Database>;
  /** The same for checks that need the whole store. */
  settleStorage(): Promise<Storage>;
}

export type Check = (title: string, run: (fixture: Fixture) => Promise<void>) => void;

/** Declares every check of a suite twice: on a running store, and with a restart before reading. */
export function describeChecks(
  open: OpenSubject,
  options: ConformanceOptions,
  suite: (check: Check) => void,
): void {
  describe('running', () => suite(declare(open, false)));
  if (options.restarts !== false) {
    describe('restarted', () => suite(declare(open, true)));
  }
}

function declare(open: OpenSubject, restarts: boolean): Check {
  return (title, run) => {
    test(title, async () => {
      const subject = await open();
      try {
        await run(fixture(subject, restarts));
      } finally {
        await subject.cleanup();
      }
    });
  };
}

function fixture(subject: Subject, restarts: boolean): Fixture {
  const settleStorage = async (): Promise<Storage> =>
    restarts ? subject.reopen!() : subject.storage;
  return {
    db: defaultDatabase(subject.storage),
    storage: subject.storage,
    restarts,
    settleStorage,
    settle: async () => defaultDatabase(await settleStorage()),
  };
}

export function defaultDatabase(storage: Storage): Database {
  const database = storage.database(DEFAULT_DATABASE);
  if (database === undefined) throw new Error(`database ${DEFAULT_DATABASE} is missing`);
  return database;
}
