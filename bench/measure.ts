// One server once through one cell: the two procedures that the tables are made of.

import { type ChildProcess, execFile, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Corpus, LANES, TICK_MS } from './corpus.ts';
import type { LoadOrder, LoadReport } from './load.ts';
import { cpuSecondsOf, peakMemoryOf } from './process-stats.ts';
import type { Figures } from './results.ts';
import { RunningServer, type ServerKind } from './server.ts';
import { CLOCK_METRIC, SERIES_PER_TARGET } from './shape.ts';

/** Prometheus refuses what is an hour behind; lanes stay within a quarter of that. */
const MAX_LEAD_TICKS = 60;
/** A server that takes longer has stopped. */
const LOAD_TIMEOUT_MS = 1_800_000;

/** Loads a cell, then lets the server finish all background work. */
export async function measureLoad(
  kind: ServerKind,
  corpus: Corpus,
  folder: string,
): Promise<Figures> {
  return withFolder(folder, async () => {
    const server = await RunningServer.start(kind, folder);
    try {
      const cpuBefore = cpuSecondsOf(server.pid);
      const report = await load(server, corpus);
      const loadCpu = cpuSecondsOf(server.pid) - cpuBefore;
      const loadPeakBytes = peakMemoryOf(server.pid);
      await checkAccepted(server, corpus.samples);
      const { totalBytes, indexBytes } = await kind.settle(server);
      const settledCpu = cpuSecondsOf(server.pid) - cpuBefore;
      const settledPeakBytes = peakMemoryOf(server.pid);
      if (totalBytes === 0) throw new Error('there is nothing on disk');
      await checkStored(server, corpus);
      const millions = corpus.samples / 1e6;
      return {
        samplesPerSecond: corpus.samples / report.seconds,
        loadCpu: loadCpu / millions,
        settledCpu: settledCpu / millions,
        loadPeakBytes,
        settledPeakBytes,
        bytesPerSample: totalBytes / corpus.samples,
        ...(indexBytes === undefined ? {} : { indexBytes }),
        loaderCpuSeconds: report.cpuSeconds,
        retries: report.retries,
      };
    } finally {
      await server.stop();
    }
  });
}

/** Loads a cell, kills the server, and times the start after that. */
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
      return {
        startSeconds: server.startupSeconds,
        startCpuSeconds,
        startPeakBytes,
        logBytes,
        lostSeconds: (1 - stored / sent) * loadSeconds,
      };
    } finally {
      await server.stop();
    }
  });
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

/** Replays the corpus from another process. Throws if any body was refused. */
export async function load(server: RunningServer, corpus: Corpus): Promise<LoadReport> {
  const order: LoadOrder = {
    url: `${server.url}${server.kind.writePath}`,
    folder: corpus.folder,
    maxLead: Math.ceil((MAX_LEAD_TICKS * corpus.bodies) / corpus.ticks / LANES),
  };
  const report = await runLoader(order);
  if (report.errors === 0) return report;
  throw new Error(`${report.errors} of ${report.bodies} bodies refused: ${report.firstError}`);
}

const loaders = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of loaders) child.kill('SIGKILL');
});

export async function runLoader(order: LoadOrder): Promise<LoadReport> {
  const here = import.meta.url;
  const program = new URL(here.endsWith('.ts') ? './loader.ts' : './loader.js', here);
  const args = [fileURLToPath(program), JSON.stringify(order)];
  const finished = promisify(execFile)(process.execPath, args, { timeout: LOAD_TIMEOUT_MS });
  loaders.add(finished.child);
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
  if (stored !== sent) throw new Error(`it has ${stored} scrapes of ${sent}`);
}

/** How many scrapes of targets were sent and can be read, by the one clock that every scrape has. */
async function countScrapes(
  server: RunningServer,
  { series, ticks, endT }: Corpus,
): Promise<{ stored: number; sent: number }> {
  const minT = endT - ticks * TICK_MS;
  const stored = await server.kind.storedSamples(server, CLOCK_METRIC, minT, endT);
  return { stored, sent: (series / SERIES_PER_TARGET) * ticks };
}
