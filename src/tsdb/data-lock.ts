// One process per data folder. Node has no file locks, and files with a pid in them fail in
// containers, so the lock is a Unix socket: it answers exactly as long as its holder lives, also
// across pid and network namespaces, and goes silent with a SIGKILL.
//
// Sockets are numbered, lock.1.sock, lock.2.sock, …: the holder is whoever listens on the highest.
// A silent one is never removed and taken again (two processes could do so at once, the second
// removing what the first has just made) but outbid with the next number, which `link` gives to one
// process only. The highest number stays when its holder leaves, so numbers never go back.

import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { AppError, errorMessage, systemErrorCode } from '../runtime/error.ts';
import { isPendingLockName, lockName, parseLockName, pendingLockName } from './filenames.ts';

export interface DataLock {
  /** Lets the next process in. Idempotent. */
  release(): Promise<void>;
}

/** How long a living holder may take to say who it is; it may be busy replaying its log. */
const ANSWER_TIMEOUT_MS = 1000;

/** Paths of sockets have room for 107 bytes on Linux, 103 elsewhere. */
const MAX_SOCKET_PATH_BYTES = 103;

/**
 * Takes the lock of an existing data folder. Throws `conflict` TSDB_DATA_LOCKED if another process
 * (or this one) holds it, `unavailable` TSDB_DATA_LOCK_FAILED if the folder cannot hold sockets.
 */
export async function acquireDataLock(dir: string): Promise<DataLock> {
  const folder = new SocketFolder(dir);
  try {
    return await acquire(folder);
  } catch (error) {
    folder.close();
    if (error instanceof AppError) throw error;
    throw new AppError(
      'unavailable',
      'TSDB_DATA_LOCK_FAILED',
      `cannot lock the data folder ${dir}: ${errorMessage(error)}; it must be on a file system with Unix sockets and hard links`,
      error,
    );
  }
}

async function acquire(folder: SocketFolder): Promise<DataLock> {
  for (;;) {
    const highest = highestLock(folder.dir);
    if (highest > 0) await refuseIfHeld(folder, highest);

    const pending = pendingLockName(randomBytes(8).toString('hex'));
    const server = await listen(folder.address(pending));
    if (!linkIfFree(folder.dir, pending, lockName(highest + 1))) {
      await closeServer(server);
      continue;
    }
    // Somebody may have gone further and cleared away this number while we looked elsewhere.
    if (highestLock(folder.dir) !== highest + 1) {
      fs.rmSync(join(folder.dir, lockName(highest + 1)), { force: true });
      await closeServer(server);
      continue;
    }
    await clearAway(folder, highest + 1);
    return held(folder, server);
  }
}

function held(folder: SocketFolder, server: Server): DataLock {
  let released: Promise<void> | undefined;
  return {
    release: () => {
      released ??= closeServer(server).then(() => folder.close());
      return released;
    },
  };
}

function highestLock(dir: string): number {
  let highest = 0;
  for (const name of fs.readdirSync(dir)) highest = Math.max(highest, parseLockName(name) ?? 0);
  return highest;
}

async function refuseIfHeld(folder: SocketFolder, n: number): Promise<void> {
  const answer = await ask(folder.address(lockName(n)));
  if (answer === undefined) return;
  throw new AppError(
    'conflict',
    'TSDB_DATA_LOCKED',
    `the data folder ${folder.dir} is in use by ${answer}: stop it first, or use another folder`,
  );
}

// Gives the socket its number; false if somebody else has it, or has taken our socket for a
// left-over. Then all begins again.
function linkIfFree(dir: string, pending: string, name: string): boolean {
  const path = join(dir, pending);
  try {
    fs.linkSync(path, join(dir, name));
    return true;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'EEXIST' || code === 'ENOENT') return false;
    throw error;
  } finally {
    fs.rmSync(path, { force: true });
  }
}

// The holder removes what earlier ones and interrupted attempts have left.
async function clearAway(folder: SocketFolder, ours: number): Promise<void> {
  for (const name of fs.readdirSync(folder.dir)) {
    const isOlder = (parseLockName(name) ?? ours) < ours;
    const isLeftOver = isPendingLockName(name) && (await ask(folder.address(name))) === undefined;
    if (isOlder || isLeftOver) fs.rmSync(join(folder.dir, name), { force: true });
  }
}

function listen(address: string): Promise<Server> {
  const answer = `process ${process.pid} on ${hostname()}`;
  const server = createServer((socket) => {
    socket.on('error', () => {}); // a caller that has gone needs no answer
    socket.end(answer);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => {
      server.off('error', reject);
      server.unref();
      resolve(server);
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

/** Who listens at `address`; undefined if nobody does. */
function ask(address: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let answer = '';
    let isConnected = false;
    const socket = connect(address);
    const finish = (): void => {
      socket.destroy();
      resolve(answer === '' ? 'another process, which does not answer at the moment' : answer);
    };
    socket.setEncoding('utf8');
    socket.setTimeout(ANSWER_TIMEOUT_MS, finish);
    socket.on('connect', () => {
      isConnected = true;
    });
    socket.on('data', (text: string) => {
      answer += text;
    });
    socket.on('end', finish);
    socket.on('error', (error) => {
      const code = systemErrorCode(error);
      if (isConnected || code === 'EAGAIN')
        finish(); // alive, but with too many callers
      else if (code === 'ECONNREFUSED' || code === 'ENOENT') resolve(undefined);
      else reject(error);
    });
  });
}

/** The data folder, by a name short enough for sockets in it. */
class SocketFolder {
  readonly dir: string;
  readonly #short: string;
  readonly #fd: number | undefined;

  constructor(dir: string) {
    this.dir = dir;
    const longest = join(dir, pendingLockName('0123456789abcdef'));
    if (Buffer.byteLength(longest) <= MAX_SOCKET_PATH_BYTES) {
      this.#short = dir;
      return;
    }
    if (process.platform !== 'linux') {
      const message = `the path of the data folder is too long for a socket in it: ${dir}`;
      throw new AppError('unavailable', 'TSDB_DATA_LOCK_FAILED', message);
    }
    this.#fd = fs.openSync(dir, 'r');
    this.#short = `/proc/self/fd/${this.#fd}`;
  }

  /** Where to listen or connect for a socket of this name. */
  address(name: string): string {
    return join(this.#short, name);
  }

  close(): void {
    if (this.#fd !== undefined) fs.closeSync(this.#fd);
  }
}
