// The thread that scans ahead; ended from outside, also while it waits.

import { parentPort, workerData } from 'node:worker_threads';
import type { ScanLimits } from '../ingest/scanner.ts';
import { BodyScanner } from './body-scanner.ts';
import { ControlWord, type ScanJob, type ScanSlots } from './scan-job.ts';

export interface ScanWorkerData {
  readonly limits: ScanLimits;
  readonly slots: ScanSlots;
}

function run(): void {
  const { limits, slots } = workerData as ScanWorkerData;
  const scanner = new BodyScanner(limits, slots);
  const { control } = slots;
  let seen = 0;
  const waitForSlot = (): boolean => {
    Atomics.wait(control, ControlWord.freed, seen);
    seen = Atomics.load(control, ControlWord.freed);
    return true;
  };
  parentPort!.on('message', (job: ScanJob) => scanner.run(job, waitForSlot));
}

if (parentPort !== null) run();
