// Writes at a steady pace from a thread of its own, so that reading large answers does not count as waiting.

import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { labelsFromObject } from '../../src/model/labels.ts';
import { floatColumns } from '../../src/model/sample.ts';
import { Client, writeBody } from '../support/client.ts';
import type { PacedWrite, WriterSetup } from './pace.ts';

const SERIES = 500;
const LABELS = Array.from({ length: SERIES }, (_, i) =>
  labelsFromObject({ __name__: 'written', instance: String(i) }),
);

/** ms that the main thread of a process has worked, and has waited for a processor; NaN where that is not told. */
function mainThreadTimes(pid: number): { readonly cpuMs: number; readonly waitMs: number } {
  try {
    const [worked, waited] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'latin1').split(
      ' ',
    );
    return { cpuMs: Number(worked) / 1e6, waitMs: Number(waited) / 1e6 };
  } catch {
    return { cpuMs: Number.NaN, waitMs: Number.NaN };
  }
}

async function writeOnce(client: Client, pid: number): Promise<PacedWrite> {
  const startedAt = Date.now();
  const samples = floatColumns(Float64Array.of(startedAt), Float64Array.of(1));
  const body = writeBody(
    LABELS.map((labels) => ({ labels, samples, exemplars: [] })),
    1,
  );
  const before = mainThreadTimes(pid);
  const started = performance.now();
  let problem: string | undefined;
  try {
    const { status, text } = await client.writeBody(body);
    if (status >= 300) problem = `a write was refused: ${status} ${text}`;
  } catch (error) {
    problem = `a write got no answer: ${String(error)}`;
  }
  const ms = performance.now() - started;
  const after = mainThreadTimes(pid);
  return {
    startedAt,
    ms,
    cpuMs: after.cpuMs - before.cpuMs,
    waitMs: after.waitMs - before.waitMs,
    problem,
  };
}

const { url, pid, everyMs } = workerData as WriterSetup;
const client = new Client(url);
let isOver = false;
parentPort!.once('message', () => {
  isOver = true;
});
while (!isOver) {
  const write = await writeOnce(client, pid);
  parentPort!.postMessage(write);
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, everyMs - write.ms)));
}
parentPort!.close();
