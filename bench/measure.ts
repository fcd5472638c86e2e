// One server once through one cell: the two procedures that the tables are made of.

import { type ChildProcess, execFile, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Corpus } from './corpus.ts';
import { type LoadOrder, type LoadReport, REMOTE_WRITE_HEADERS } from './load.ts';
import { cpuSecondsOf, peakMemoryOf, withOwnPeak } from './process-stats.ts';
import type { Figures } from './results.ts';
import { RunningServer, type ServerKind } from './server.ts';

/** Prometheus refuses what is an hour behind; lanes stay within a quarter of that. */
const MAX_LEAD_MS = 900_000;
/** A server that takes longer has stopped. */
const LOAD_TIMEOUT_MS = 1_800_000;

/** Figures that are taken of a server that has been loaded and is settled. */
export type Aftermath = (server: RunningServer, corpus: Corpus) => Promise<Figures>;

/** Loads a cell, then lets the server finish all background work. */
export async function measureLoad(
  kind: ServerKind,
  corpus: Corpus,
  folder: string,
  aftermath?: Aftermath,
): Promise<Figures> {
  return withFolder(folder, async () => {
    const server = await RunningServer.start(kind, folder);
    try {
      const { result, ownPeakBytes } = await withOwnPeak(server.pid, () =>
        loadAndSettle(server, corpus),
      );
      return { ...result, ownPeakBytes, ...(await aftermath?.(server, corpus)) };
    } finally {
      await server.stop();
    }
  });
}

async function loadAndSettle(server: RunningServer, corpus: Corpus): Promise<Figures> {
  const cpuBefore = cpuSecondsOf(server.pid);
  let cpuAtHalf = cpuBefore;
  const report = await load(server, corpus, () => {
    cpuAtHalf = cpuSecondsOf(server.pid);
  });
  const cpuAfter = cpuSecondsOf(server.pid);
  const loadPeakBytes = peakMemoryOf(server.pid);
  await checkAccepted(server, corpus.samples);
  const { totalBytes, indexBytes } = await server.kind.settle(server);
  const settledCpu = cpuSecondsOf(server.pid) - cpuBefore;
  const settledPeakBytes = peakMemoryOf(server.pid);
  if (totalBytes === 0) throw new Error('there is nothing on disk');
  await checkStored(server, corpus);
  const millions = corpus.samples / 1e6;
  return {
    samplesPerSecond: corpus.samples / report.seconds,
    loadCpu: (cpuAfter - cpuBefore) / millions,
    steadyCpu: (cpuAfter - cpuAtHalf) / (millions / 2),
    settledCpu: settledCpu / millions,
    loadPeakBytes,
    settledPeakBytes,
    bytesPerSample: totalBytes / corpus.samples,
    ...(indexBytes === undefined ? {} : { indexBytes }),
    loaderCpuSeconds: report.cpuSeconds,
    answerP99Ms: report.answerP99Ms,
    retries: report.retries,
  };
}

/** Loads a cell, kills the server, and times the start after that; then stops it as is proper and starts it again. */
export async function measureReplay(
  kind: ServerKind,
  corpus: Corpus,
  folder: string,
): Promise<Figures> {
  return withFolder(folder, async () => {
    const killed = await RunningServer.start(kind, folder);
    let loadSeconds: number;
    try {
      loadSeconds = (await load(killed, corpus)).seconds;
      await checkAccepted(killed, corpus.samples);
    } finally {
      await killed.kill();
    }
    const logBytes = kind.logBytes(folder);
    const server = await RunningServer.start(kind, folder);
    try {
      const startCpuSeconds = cpuSecondsOf(server.pid);
      const startPeakBytes = peakMemoryOf(server.pid);
      const { stored, sent } = await countScrapes(server, corpus);
      await server.stop();
      return {
        startSeconds: server.startupSeconds,
        startCpuSeconds,
        startPeakBytes,
        logBytes,
        lostSeconds: (1 - stored / sent) * loadSeconds,
        ...(await measureCleanStart(kind, folder)),
      };
    } finally {
      await server.stop();
    }
  });
}

/** Times the start on what a server left that was told to stop. */
async function measureCleanStart(kind: ServerKind, folder: string): Promise<Figures> {
  const server = await RunningServer.start(kind, folder);
  try {
    return {
      cleanStartSeconds: server.startupSeconds,
      cleanStartCpuSeconds: cpuSecondsOf(server.pid),
    };
  } finally {
    await server.stop();
  }
}

/** Starts from a quiet disk: nobody pays for what the one before left unwritten. */
export async function withFolder<T>(folder: string, measure: () => Promise<T>): Promise<T> {
  spawnSync('sync');
  try {
    return await measure();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Replays the corpus from another process. Throws if any body was refused. `onHalf`: see {@link runLoader}. */
export async function load(
  server: RunningServer,
  corpus: Corpus,
  onHalf?: () => void,
): Promise<LoadReport> {
  const order: LoadOrder = {
    url: `${server.url}${server.kind.writePath}`,
    folder: corpus.folder,
    lanes: corpus.lanes,
    maxLead: maxLeadOf(corpus),
    headers: REMOTE_WRITE_HEADERS[corpus.protocol],
  };
  const report = await runLoader(order, onHalf);
  if (report.errors === 0) return report;
  throw new Error(`${report.errors} of ${report.bodies} bodies refused: ${report.firstError}`);
}

/** In bodies. */
function maxLeadOf({ bodies, ticks, lanes, tickMs }: Corpus): number {
  const bodiesPerTick = bodies / ticks / lanes;
  return Math.ceil((MAX_LEAD_MS / tickMs) * bodiesPerTick);
}

const loaders = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of loaders) child.kill('SIGKILL');
});

/** `onHalf` is called when half of the bytes have been sent. */
export async function runLoader(order: LoadOrder, onHalf?: () => void): Promise<LoadReport> {
  const here = import.meta.url;
  const program = new URL(here.endsWith('.ts') ? './loader.ts' : './loader.js', here);
  const args = [fileURLToPath(program), JSON.stringify(order)];
  const finished = promisify(execFile)(process.execPath, args, { timeout: LOAD_TIMEOUT_MS });
  loaders.add(finished.child);
  if (onHalf !== undefined) finished.child.stdout?.once('data', onHalf);
  try {
    return JSON.parse((await finished).stdout) as LoadReport;
  } finally {
    loaders.delete(finished.child);
  }
}

/** A server that drops samples would be fast for no good reason. */
export async function checkAccepted(server: RunningServer, samples: number): Promise<void> {
  const accepted = await server.kind.acceptedSamples(server);
  if (accepted !== samples) throw new Error(`it accepted ${accepted} samples of ${samples}`);
}

async function checkStored(server: RunningServer, corpus: Corpus): Promise<void> {
  const { stored, sent } = await countScrapes(server, corpus);
  if (stored !== sent)
    throw new Error(`it has ${stored} samples of ${corpus.checked.metric} of ${sent}`);
}

/** How many samples of the checked metric were sent and can be read. */
async function countScrapes(
  server: RunningServer,
  { ticks, tickMs, endT, checked }: Corpus,
): Promise<{ stored: number; sent: number }> {
  const minT = endT - ticks * tickMs;
  const stored = await server.kind.storedSamples(server, checked.metric, minT, endT);
  return { stored, sent: checked.samples };
}
