// The sending side: replays the files of some lanes to one URL, each lane in order over a keep-alive connection of
// its own. A URL tcp://host:port is a port that takes lines.

import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { lanePath, type Protocol, readBodyLengths } from './corpus.ts';
import { quantile } from './statistics.ts';

export interface LoadOrder {
  readonly url: string;
  readonly folder: string;
  readonly lanes: number;
  /** Bodies that a lane may be ahead of the slowest: Prometheus refuses what is an hour behind. */
  readonly maxLead: number;
  /** Of every request. Default: those of remote write 1.0. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the loader saw. */
export interface LoadReport {
  readonly bodies: number;
  /** From the first request to the last answer. */
  readonly seconds: number;
  /** CPU time of the loader itself. */
  readonly cpuSeconds: number;
  /** 99th percentile from a body's first byte to its last answer; 0 where there are no answers. */
  readonly answerP99Ms: number;
  /** Answers that said "later"; the body was sent again. */
  readonly retries: number;
  /** Bodies answered by anything else than success. */
  readonly errors: number;
  readonly firstError: string | undefined;
}

/** A server that says "later" for longer than this has stopped. */
const MAX_RETRY_MS = 120_000;
const USER_AGENT = { 'User-Agent': 'tidemark-bench' };
export const REMOTE_WRITE_HEADERS: Readonly<Record<Protocol, Readonly<Record<string, string>>>> = {
  'remote-write-1': {
    'Content-Type': 'application/x-protobuf',
    'Content-Encoding': 'snappy',
    'X-Prometheus-Remote-Write-Version': '0.1.0',
  },
  'remote-write-2': {
    'Content-Type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
    'Content-Encoding': 'snappy',
    'X-Prometheus-Remote-Write-Version': '2.0.0',
  },
};

/** Holds lanes back that run ahead of the slowest one. */
class Convoy {
  readonly #maxLead: number;
  readonly #done: number[];
  #waiting: (() => void)[] = [];

  constructor(lanes: number, maxLead: number) {
    this.#done = new Array<number>(lanes).fill(0);
    this.#maxLead = maxLead;
  }

  advance(lane: number): void {
    this.#done[lane]! += 1;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  leave(lane: number): void {
    this.#done[lane] = Number.POSITIVE_INFINITY;
    this.advance(lane);
  }

  async mayAdvance(lane: number): Promise<void> {
    while (this.#done[lane]! - Math.min(...this.#done) > this.#maxLead) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

/** Tells when half of everything has been sent. */
class Halfway {
  #left: number;
  readonly #onHalf: () => void;

  constructor(bytes: number, onHalf: () => void) {
    this.#left = bytes / 2;
    this.#onHalf = onHalf;
  }

  add(bytes: number): void {
    if (this.#left <= 0) return;
    this.#left -= bytes;
    if (this.#left <= 0) this.#onHalf();
  }
}

interface Tally {
  retries: number;
  errors: number;
  firstError: string | undefined;
}

interface Answer {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  readonly text: string;
}

/**
 * Resolves when every body has had its answer; rejects if the server cannot be reached. `onHalf` is called when half
 * of the bytes have been answered for, or sent where there are no answers.
 */
export async function load(order: LoadOrder, onHalf: () => void): Promise<LoadReport> {
  const { url, folder, maxLead, headers = REMOTE_WRITE_HEADERS['remote-write-1'] } = order;
  const isSocket = url.startsWith('tcp:');
  const tally: Tally = { retries: 0, errors: 0, firstError: undefined };
  const answerMs: number[] = [];
  const convoy = new Convoy(order.lanes, maxLead);
  const lanes = Array.from({ length: order.lanes }, (_, lane) => lane);
  const lengths = lanes.map((lane) => readBodyLengths(folder, lane));
  const bytes = lengths.reduce((sum, ofLane) => sum + ofLane.reduce((a, b) => a + b, 0), 0);
  const halfway = new Halfway(bytes, onHalf);
  const cpuBefore = cpuSeconds();
  const started = performance.now();
  await Promise.all(
    lanes.map(async (lane) => {
      if (isSocket) return streamLane(url, lanePath(folder, lane), halfway);
      const target = { url, headers: { ...USER_AGENT, ...headers } };
      return runLane(lane, lengths[lane]!, target, folder, convoy, halfway, tally, answerMs);
    }),
  );
  return {
    bodies: lengths.reduce((sum, { length }) => sum + length, 0),
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: cpuSeconds() - cpuBefore,
    answerP99Ms: quantile(answerMs, 0.99),
    ...tally,
  };
}

/** Sends a lane's bodies over one connection of lines, which has no answers. */
async function streamLane(url: string, path: string, halfway: Halfway): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const counted = async function* (pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of pieces) {
      yield piece;
      halfway.add(piece.length);
    }
  };
  await pipeline(createReadStream(path), counted, socket);
}

interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

async function runLane(
  lane: number,
  lengths: Uint32Array,
  target: Target,
  folder: string,
  convoy: Convoy,
  halfway: Halfway,
  tally: Tally,
  answerMs: number[],
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const file = await open(lanePath(folder, lane));
  try {
    for (const length of lengths) {
      await convoy.mayAdvance(lane);
      const body = await readBody(file, length);
      const sent = performance.now();
      await deliver(target, agent, body, tally);
      answerMs.push(performance.now() - sent);
      halfway.add(length);
      convoy.advance(lane);
    }
  } finally {
    convoy.leave(lane);
    await file.close();
    agent.destroy();
  }
}

async function readBody(file: FileHandle, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, null);
  if (bytesRead !== length) throw new Error(`${bytesRead} bytes of a body of ${length}`);
  return buffer;
}

/** Sends a body until it is accepted or refused for good. */
async function deliver(target: Target, agent: Agent, body: Buffer, tally: Tally): Promise<void> {
  for (let waitedMs = 0; ; ) {
    const answer = await post(target, agent, body);
    if (answer.status >= 200 && answer.status < 300) return;
    if (answer.retryAfterMs === undefined || waitedMs > MAX_RETRY_MS) {
      tally.errors++;
      tally.firstError ??= `${answer.status}: ${answer.text.slice(0, 500)}`;
      return;
    }
    tally.retries++;
    waitedMs += answer.retryAfterMs;
    await sleep(answer.retryAfterMs);
  }
}

function post({ url, headers: given }: Target, agent: Agent, body: Buffer): Promise<Answer> {
  const headers = { ...given, 'Content-Length': body.length };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      readAnswer(response).then(resolve, reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  let text = '';
  for await (const chunk of response) text += String(chunk);
  const status = response.statusCode ?? 0;
  const retryAfter = Number(response.headers['retry-after']);
  const isLater = status === 503 || status === 429;
  const retryAfterMs = isLater && retryAfter >= 0 ? Math.max(10, retryAfter * 1000) : undefined;
  return { status, retryAfterMs, text };
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
