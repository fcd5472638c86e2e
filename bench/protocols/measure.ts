// One server once through one protocol.

import { setTimeout as sleep } from 'node:timers/promises';
import { LANES } from '../corpus.ts';
import type { LoadOrder, LoadReport } from '../load.ts';
import { runLoader, withFolder } from '../measure.ts';
import { cpuSecondsOf, peakMemoryOf } from '../process-stats.ts';
import type { Figures } from '../results.ts';
import { freePort, RunningServer, type ServerKind } from '../server.ts';
import { type Bodies, timesOf } from './bodies.ts';
import type { Format, Intake } from './formats.ts';

/** How often a server that takes lines is asked whether it has them all; asking costs it next to nothing. */
const POLL_MS = 100;
const ACCEPT_TIMEOUT_MS = 300_000;

/** Loads the bodies, then lets the server finish all background work. */
export async function measureProtocol(
  kind: ServerKind,
  format: Format,
  bodies: Bodies,
  folder: string,
): Promise<Figures> {
  const intake = format.intakes[kind.name]!;
  const port = await freePort();
  return withFolder(folder, async () => {
    const server = await RunningServer.start(withIntake(kind, intake, port), folder);
    try {
      const cpuBefore = cpuSecondsOf(server.pid);
      let cpuAtHalf = cpuBefore;
      const report = await send(server, format, intake, port, bodies, () => {
        cpuAtHalf = cpuSecondsOf(server.pid);
      });
      const cpuAfter = cpuSecondsOf(server.pid);
      const loadPeakBytes = peakMemoryOf(server.pid);
      await kind.settle(server);
      const settledCpu = cpuSecondsOf(server.pid) - cpuBefore;
      await checkStored(server, format, bodies);
      const millions = bodies.samples / 1e6;
      return {
        samplesPerSecond: bodies.samples / report.seconds,
        loadCpu: (cpuAfter - cpuBefore) / millions,
        steadyCpu: (cpuAfter - cpuAtHalf) / (millions / 2),
        settledCpu: settledCpu / millions,
        loadPeakBytes,
        loaderCpuSeconds: report.cpuSeconds,
        retries: report.retries,
      };
    } finally {
      await server.stop();
    }
  });
}

function withIntake(kind: ServerKind, intake: Intake, port: number): ServerKind {
  if ('tcpFlag' in intake) return { ...kind, flags: [...kind.flags, intake.tcpFlag(port)] };
  if ('httpFlag' in intake) return { ...kind, flags: [...kind.flags, intake.httpFlag(port)] };
  return kind;
}

async function send(
  server: RunningServer,
  { headers }: Format,
  intake: Intake,
  port: number,
  bodies: Bodies,
  onHalf: () => void,
): Promise<LoadReport> {
  const order: LoadOrder = {
    url: urlOf(server, intake, port),
    folder: bodies.folder,
    lanes: LANES,
    maxLead: Number.POSITIVE_INFINITY,
    headers,
  };
  const started = performance.now();
  const report = await runLoader(order, onHalf);
  if (report.errors > 0) {
    throw new Error(`${report.errors} of ${report.bodies} bodies refused: ${report.firstError}`);
  }
  await waitUntilAccepted(server, bodies.samples);
  // A port that takes lines gives no answer: the end is when the server says that it has them.
  const seconds = 'tcpFlag' in intake ? (performance.now() - started) / 1000 : report.seconds;
  return { ...report, seconds };
}

function urlOf(server: RunningServer, intake: Intake, port: number): string {
  if ('tcpFlag' in intake) return `tcp://127.0.0.1:${port}`;
  if ('httpFlag' in intake) return `http://127.0.0.1:${port}${intake.path}`;
  return `${server.url}${intake.path}`;
}

/** A server that drops samples would be fast for no good reason. */
async function waitUntilAccepted(server: RunningServer, samples: number): Promise<void> {
  const deadline = performance.now() + ACCEPT_TIMEOUT_MS;
  for (;;) {
    const accepted = await server.kind.acceptedSamples(server);
    if (accepted === samples) return;
    if (accepted > samples || performance.now() > deadline) {
      throw new Error(`it accepted ${accepted} samples of ${samples}`);
    }
    await sleep(POLL_MS);
  }
}

/** Looks at one field of all hosts. */
async function checkStored(server: RunningServer, format: Format, bodies: Bodies): Promise<void> {
  const { minT, maxT } = timesOf(bodies);
  const stored = await server.kind.storedSamples(server, format.checkedMetric, minT, maxT);
  const sent = bodies.hosts * bodies.ticks;
  if (stored !== sent) {
    throw new Error(`it has ${stored} samples of ${format.checkedMetric} of ${sent}`);
  }
}
