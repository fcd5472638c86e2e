// Runs the built program (dist/) as users do, in a process of its own.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../bin/tidemark.js', import.meta.url));

export interface RunningProgram {
  readonly process: ChildProcess;
  /** What it has written so far. */
  readonly output: () => string;
  readonly errors: () => string;
  /** Exit code; negative signal numbers do not occur, a killed process gives null. */
  readonly exit: Promise<number | null>;
}

/** Starts `tidemark …`; environment variables of ours do not reach it. */
export function startProgram(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): RunningProgram {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('TIDEMARK_'));
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: options.cwd,
    env: { ...Object.fromEntries(inherited), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (data) => {
    output += String(data);
  });
  child.stderr.on('data', (data) => {
    errors += String(data);
  });
  const exit = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { process: child, output: () => output, errors: () => errors, exit };
}

/** Waits until a condition holds; throws with `describe()` after the deadline. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  describe: () => string,
  deadlineMs = 20_000,
): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`gave up waiting: ${describe()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The address in the start-up lines, once the server is ready. */
export async function serverUrl(program: RunningProgram): Promise<string> {
  let url: string | undefined;
  const text = (): string => program.output() + program.errors();
  await until(async () => {
    url = /Grafana data source[^\n]*: (\S+)\n/.exec(program.output())?.[1];
    if (url === undefined) return false;
    const ready = await fetch(`${url}/-/ready`).catch(() => undefined);
    return ready?.status === 200;
  }, text);
  return url!;
}

/** A folder that is removed by `remove`. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'tidemark-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
