// A server under test as a process: started on a free loopback port with a folder of its own, ended by
// its process id, and never left behind.

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What one kind of server is, and how to ask it for what the bench measures. */
export interface ServerKind {
  /** As `--servers` and the results name it. */
  readonly name: string;
  /** Headline in the tables. */
  readonly title: string;
  readonly version: string;
  readonly program: string;
  /** Flags besides the address and the folder, as the tables state them. */
  readonly flags: readonly string[];
  /** Arguments that name the folder and the port; may put files into the folder. */
  readonly placeArgs: (folder: string, port: number) => readonly string[];
  readonly writePath: string;
  /** Answers 200 once the server takes writes. */
  readonly readyPath: string;
  /** Samples it has accepted since its start, by its own count. */
  readonly acceptedSamples: (server: RunningServer) => Promise<number>;
  /** Samples of all series of a metric that it has stored between two times in ms, inclusive. */
  readonly storedSamples: (
    server: RunningServer,
    metric: string,
    minT: number,
    maxT: number,
  ) => Promise<number>;
  /** Brings all background work forward and waits for its end; answers what is on disk then. */
  readonly settle: (server: RunningServer) => Promise<DiskUse>;
  /** Bytes of the log that a start has to replay. */
  readonly logBytes: (folder: string) => number;
}

/** Everything but the log. */
export interface DiskUse {
  readonly totalBytes: number;
  /** Undefined where index and data share files. */
  readonly indexBytes: number | undefined;
}

const READY_TIMEOUT_MS = 300_000;
const POLL_MS = 5;
const STOP_TIMEOUT_MS = 60_000;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class RunningServer {
  readonly kind: ServerKind;
  readonly folder: string;
  readonly url: string;
  readonly pid: number;
  /** From the start of the process until it was ready. */
  readonly startupSeconds: number;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  private constructor(
    kind: ServerKind,
    folder: string,
    url: string,
    child: ChildProcess,
    ended: Promise<void>,
    startupSeconds: number,
  ) {
    this.kind = kind;
    this.folder = folder;
    this.url = url;
    this.pid = child.pid!;
    this.startupSeconds = startupSeconds;
    this.#child = child;
    this.#ended = ended;
  }

  /** Starts a server on a folder, which may hold what an earlier one left, and waits until it is ready. */
  static async start(kind: ServerKind, folder: string): Promise<RunningServer> {
    mkdirSync(folder, { recursive: true });
    const port = await freePort();
    const log = openSync(join(folder, 'server.log'), 'a');
    const started = performance.now();
    const child = spawn(kind.program, [...kind.placeArgs(folder, port), ...kind.flags], {
      cwd: folder,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    running.add(child);
    const ended = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
    void ended.then(() => running.delete(child));
    const url = `http://127.0.0.1:${port}`;
    try {
      await waitUntilReady(`${url}${kind.readyPath}`, ended);
    } catch (error) {
      child.kill('SIGKILL');
      throw new Error(`${kind.name} did not start: ${logTail(folder)}`, { cause: error });
    }
    const seconds = (performance.now() - started) / 1000;
    return new RunningServer(kind, folder, url, child, ended, seconds);
  }

  /** Sends a request; throws unless the answer is a success. */
  async ask(path: string, method: 'GET' | 'POST' = 'GET'): Promise<string> {
    const { status, text } = await exchange(`${this.url}${path}`, method);
    if (status >= 200 && status < 300) return text;
    throw new Error(`${method} ${path}: ${status} ${text.slice(0, 300)}`);
  }

  /** Sum of one of the server's own metrics; see {@link sumMetric}. */
  async metric(name: string, labels?: RegExp): Promise<number> {
    return sumMetric(await this.ask('/metrics'), name, labels);
  }

  /** SIGKILL, as a crash. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** SIGTERM, and SIGKILL where that is not enough. */
  async stop(): Promise<void> {
    const deadline = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    this.#child.kill('SIGTERM');
    await this.#ended;
    clearTimeout(deadline);
  }
}

interface Exchange {
  readonly status: number;
  readonly text: string;
}

/** One request, however long the answer takes. */
function exchange(url: string, method: string): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

async function waitUntilReady(url: string, ended: Promise<void>): Promise<void> {
  let hasEnded = false;
  const endedEarly = ended.then(() => {
    hasEnded = true;
  });
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const { status } = await exchange(url, 'GET').catch(() => ({ status: 0 }));
    if (status === 200) return;
    await Promise.race([sleep(POLL_MS), endedEarly]);
    if (hasEnded) throw new Error('it ended');
  }
  throw new Error(`not ready after ${READY_TIMEOUT_MS / 1000} s`);
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new Error('no port'));
      });
    });
  });
}

/** The series of one metric in the Prometheus text format whose printed labels match, added up. */
export function sumMetric(text: string, name: string, labels: RegExp = /^/): number {
  let sum = 0;
  for (const line of text.split('\n')) {
    if (!line.startsWith(name)) continue;
    const [, own, value] = /^(\{.*\})? (\S+)/.exec(line.slice(name.length)) ?? [];
    if (value !== undefined && labels.test(own ?? '')) sum += Number(value);
  }
  return sum;
}

/** {@link ServerKind.storedSamples} of servers that export VictoriaMetrics' JSON lines. */
export async function countExportedSamples(
  server: RunningServer,
  metric: string,
  minT: number,
  maxT: number,
): Promise<number> {
  const query = new URLSearchParams({
    'match[]': metric,
    start: String(minT / 1000),
    end: String(maxT / 1000),
  });
  const lines = (await server.ask(`/api/v1/export?${query}`)).split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { timestamps: readonly number[] })
    .reduce((sum, { timestamps }) => sum + timestamps.length, 0);
}

/** The last lines that a server wrote. */
function logTail(folder: string): string {
  return readFileSync(join(folder, 'server.log'), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(-5)
    .join('\n');
}
