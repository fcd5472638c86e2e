// `npm run bench:auth-flood`: what a flood of wrong passwords costs a sender. Windows with and without the flood
// alternate in one run; the figure is the ratio of the 99th percentiles of acknowledgements.

import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { FloodOrder, FloodReport } from './auth/flooder.ts';
import { SteadySender } from './auth/sender.ts';
import { describeCommit, describeMachine, repositoryFolder } from './machine.ts';
import { RunningServer } from './server.ts';
import { markdownTable } from './table.ts';
import { tidemarkKinds } from './tidemark.ts';
import { exitOnSignals, makeCorpus, say, withWorkFolder } from './workspace.ts';

const USAGE = `npm run bench:auth-flood -- [options]
Ends with 1 if the flood makes the 99th percentile of acknowledgements twice as long, or more.

  --windows N     of each kind, in turns (8)
  --seconds N     that a window takes (5)
  --guesses N     wrong passwords a second (1000)
  --addresses N   that they come from (50)
  --dir FOLDER    for data, on the disk to be measured
`;

const MAX_RATIO = 2;
/** 2,000 samples each: 100,000 a second. */
const PUSHES_PER_SECOND = 50;
const SAMPLES_PER_PUSH = 2000;
const SERIES = 20_000;
/** Until the guesses that were waiting to be looked at are through. */
const SETTLE_MS = 5000;

const KINDS = ['calm', 'flooded'] as const;
type Kind = (typeof KINDS)[number];

interface Options {
  readonly windows: number;
  readonly seconds: number;
  readonly guesses: number;
  readonly addresses: number;
  readonly folder: string;
}

function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      windows: { type: 'string', default: '8' },
      seconds: { type: 'string', default: '5' },
      guesses: { type: 'string', default: '1000' },
      addresses: { type: 'string', default: '50' },
      dir: { type: 'string', default: '/tmp' },
    },
  });
  const count = (name: 'windows' | 'seconds' | 'guesses' | 'addresses'): number => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value > 0) return value;
    throw new Error(`--${name}: want a number from 1`);
  };
  return {
    windows: count('windows'),
    seconds: count('seconds'),
    guesses: count('guesses'),
    addresses: count('addresses'),
    folder: values.dir,
  };
}

/** A process that guesses while it is told to. */
class Flood {
  readonly #child: ChildProcess;

  constructor(order: FloodOrder) {
    const here = import.meta.url;
    const program = new URL(here.endsWith('.ts') ? './auth/flooder.ts' : './auth/flooder.js', here);
    this.#child = fork(fileURLToPath(program), [JSON.stringify(order)]);
  }

  begin(): void {
    this.#child.send('begin');
  }

  end(): Promise<FloodReport> {
    return new Promise((resolve, reject) => {
      this.#child.once('message', (report) => resolve(report as FloodReport));
      this.#child.once('exit', () => reject(new Error('the guessing process has ended')));
      this.#child.send('end');
    });
  }

  close(): void {
    this.#child.removeAllListeners('exit');
    this.#child.kill();
  }
}

interface Measured {
  readonly latencies: Readonly<Record<Kind, number[]>>;
  readonly guesses: Readonly<Record<string, number>>;
  /** That the flood took; longer than was asked for if pushes were late. */
  readonly floodedSeconds: number;
}

async function measure(options: Options, folder: string): Promise<Measured> {
  const { windows, seconds, guesses: perSecond, addresses } = options;
  const pushes = (2 * windows * seconds + 1) * PUSHES_PER_SECOND;
  const bodies = join(folder, 'bodies');
  mkdirSync(bodies);
  const ticks = Math.ceil((pushes * SAMPLES_PER_PUSH) / SERIES);
  const corpus = makeCorpus({ name: 'pushes', series: SERIES, ticks }, bodies);
  const [kind] = tidemarkKinds(repositoryFolder());
  const place = join(folder, 'server');
  const server = await RunningServer.start({ ...kind!, flags: ['--auth'] }, place);
  const { port } = new URL(server.url);
  const flood = new Flood({ port: Number(port), path: kind!.writePath, perSecond, addresses });
  const sender = new SteadySender(
    `${server.url}${kind!.writePath}`,
    await makeKey(server.url),
    corpus,
  );
  const latencies: Record<Kind, number[]> = { calm: [], flooded: [] };
  const guesses: Record<string, number> = {};
  let floodedMs = 0;
  try {
    await sender.run(PUSHES_PER_SECOND, 1);
    for (let window = 0; window < 2 * windows; window++) {
      const which = KINDS[window % 2]!;
      const begun = performance.now();
      if (which === 'flooded') flood.begin();
      latencies[which].push(...(await sender.run(PUSHES_PER_SECOND, seconds)));
      if (which === 'calm') continue;
      floodedMs += performance.now() - begun;
      for (const [status, count] of Object.entries(await flood.end())) {
        guesses[status] = (guesses[status] ?? 0) + count;
      }
      await sleep(SETTLE_MS);
      say(`${window + 1} of ${2 * windows} windows`);
    }
  } finally {
    sender.close();
    flood.close();
    await server.stop();
  }
  return { latencies, guesses, floodedSeconds: floodedMs / 1000 };
}

/** A key that may write, as a header. */
async function makeKey(url: string): Promise<string> {
  const post = async (path: string, body: object, authorization?: string): Promise<unknown> => {
    const answer = await fetch(`${url}/api/v1/admin/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: authorization === undefined ? {} : { authorization },
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return ((await answer.json()) as { data: unknown }).data;
  };
  const root = { name: 'root', password: 'right', admin: true };
  await post('users', root);
  const made = await post(
    'keys',
    { scopes: ['write'], databases: ['default'] },
    basic(root.name, root.password),
  );
  const { id, secret } = made as { id: string; secret: string };
  return basic(id, secret);
}

function basic(name: string, password: string): string {
  return `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
}

function quantile(of: readonly number[], share: number): number {
  const sorted = [...of].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

/** Prints what was measured; answers the ratio of the 99th percentiles. */
function report({ latencies, guesses, floodedSeconds }: Measured, { folder }: Options): number {
  const [calm, flooded] = KINDS.map((kind) => quantile(latencies[kind], 0.99));
  const ratio = flooded! / calm!;
  const rows = KINDS.map((kind) => [
    kind,
    String(latencies[kind].length),
    ...[0.5, 0.9, 0.99, 1].map((share) => quantile(latencies[kind], share).toFixed(1)),
  ]);
  const outcomes = Object.entries(guesses).map(([status, count]) => {
    return `${(count / floodedSeconds).toFixed(1)} × ${status}`;
  });
  const lines = [
    `commit ${describeCommit()}; ${describeMachine(folder).join('; ')}`,
    '',
    ...markdownTable(['acknowledgements, ms', 'pushes', 'p50', 'p90', 'p99', 'most'], rows),
    `guesses a second: ${outcomes.join(', ')}`,
    `p99 flooded ÷ calm: ${ratio.toFixed(2)} (less than ${MAX_RATIO} is wanted)`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return ratio;
}

async function main(args: readonly string[]): Promise<number> {
  let options: Options;
  try {
    options = parseOptions(args);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  return withWorkFolder(options.folder, async (folder) => {
    return report(await measure(options, folder), options) < MAX_RATIO ? 0 : 1;
  });
}

exitOnSignals();
process.exitCode = await main(process.argv.slice(2));
