// Programs that tests start: their output kept for messages, ended by process id, never left behind.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Of each program's output only the end is kept. */
const MAX_OUTPUT_CHARACTERS = 64 * 1024;

const running = new Set<Child>();
const folders = new Set<string>();
let isGuarding = false;

/** Whatever ends this process, what it started and made goes with it. */
function guardExit(): void {
  if (isGuarding) return;
  isGuarding = true;
  process.on('exit', () => {
    for (const child of running) child.signal('SIGKILL');
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => process.exit(1));
  }
}

export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One running program. */
export class Child {
  readonly pid: number;
  /** Resolves once the program has ended and its output is complete. */
  readonly exited: Promise<ExitStatus>;
  readonly #process: ChildProcess;
  #output = '';
  #status: ExitStatus | undefined;

  private constructor(child: ChildProcess) {
    this.#process = child;
    this.pid = child.pid!;
    const collect = (data: Buffer): void => {
      this.#output = (this.#output + data.toString()).slice(-MAX_OUTPUT_CHARACTERS);
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    this.exited = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#status = { code, signal };
        running.delete(this);
        resolve(this.#status);
      });
    });
  }

  /** Starts a program; rejects if there is no such file. */
  static async start(
    program: string,
    args: readonly string[],
    options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
  ): Promise<Child> {
    guardExit();
    const child = spawn(program, [...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', () => resolve());
      child.once('error', reject);
    });
    const started = new Child(child);
    running.add(started);
    return started;
  }

  /** The end of what it has written to standard output and standard error. */
  get output(): string {
    return this.#output;
  }

  /** How it ended; undefined while it runs. */
  get status(): ExitStatus | undefined {
    return this.#status;
  }

  /** Sends a signal; nothing happens if it has ended. */
  signal(signal: NodeJS.Signals): void {
    if (this.#status === undefined) this.#process.kill(signal);
  }

  /** SIGKILL, and waits for the end. */
  async kill(): Promise<ExitStatus> {
    this.signal('SIGKILL');
    return this.exited;
  }

  /** SIGTERM, and waits; past the deadline it is killed and the promise rejects. */
  async stop(deadlineMs = 10_000): Promise<ExitStatus> {
    this.signal('SIGTERM');
    const timer = new AbortController();
    const late = sleep(deadlineMs, 'late' as const, { signal: timer.signal }).catch(() => 'late');
    const first = await Promise.race([this.exited, late]);
    timer.abort();
    if (typeof first !== 'string') return first;
    await this.kill();
    throw new Error(`process ${this.pid} did not end within ${deadlineMs} ms:\n${this.#output}`);
  }
}

/** A new folder, removed at the latest when this process ends. */
export function temporaryFolder(purpose: string): string {
  guardExit();
  const folder = mkdtempSync(join(tmpdir(), `tidemark-${purpose}-`));
  folders.add(folder);
  return folder;
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
}

/**
 * A port of the loopback interface that nobody uses. It is none of those that the system gives to connections on
 * their way out, which would take it before the program that it is for does; nor one given out before.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    lastPort = (lastPort + 1) % LANE_PORTS;
    const port = lane + lastPort;
    if (await isFree(port)) return port;
  }
  throw new Error(`no port from ${lane} on is free`);
}

/** Below what Linux, macOS and Windows use for outgoing connections. */
const FIRST_PORT = 10_000;
const LANES = 8;
const LANE_PORTS = 2500;
const MAX_ATTEMPTS = 1000;
/** Test files that run beside each other must not even try the same port; each begins somewhere else. */
const lane = FIRST_PORT + (Number(process.env.VITEST_POOL_ID ?? 0) % LANES) * LANE_PORTS;
let lastPort = (process.pid * 31) % LANE_PORTS;

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** Asks again and again until the answer is not undefined; rejects past the deadline. */
export async function waitFor<T>(
  what: string,
  deadlineMs: number,
  ask: () => Promise<T | undefined>,
  pauseMs = 50,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  let lastError: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() > end) {
      throw new Error(`waited ${deadlineMs} ms for ${what}`, { cause: lastError });
    }
    await sleep(pauseMs);
  }
}
