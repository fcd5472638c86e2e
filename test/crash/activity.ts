// What goes on in the server when it is struck, besides ingestion.

import { setTimeout as sleep } from 'node:timers/promises';
import { DAY_MS } from '../../src/model/time-range.ts';
import type { App } from '../support/app.ts';
import type { Random } from '../support/random.ts';
import type { Ledger, Window } from './ledger.ts';

export type Activity = 'ingest' | 'flush' | 'merge' | 'retention' | 'snapshot' | 'start' | 'stop';

/** In the order of the table. */
export const ACTIVITIES: readonly Activity[] = [
  'ingest',
  'flush',
  'merge',
  'retention',
  'snapshot',
  'start',
  'stop',
];

/** Retention of most cycles, and of those in which it has something to do. */
export const LONG_RETENTION_DAYS = 30;
export const SHORT_RETENTION_DAYS = 4;

/** The server looks for expired parts so often. */
const RETENTION_TICK_MS = 1000;

export interface MadeSnapshot {
  readonly name: string;
  readonly window: Window;
}

/** Shows that there was something to strike. */
export interface BackgroundWork {
  flushes: number;
  merges: number;
  replayedRecords: number;
}

export interface Outcome {
  /** One that was answered for before the strike. */
  snapshot?: MadeSnapshot;
  /** What the server had done by then, at least. */
  readonly work: BackgroundWork;
  /** Answers that should not be; what a server says once it is struck does not count. */
  readonly unexpected: string[];
  isStruck: boolean;
}

/** Starts the activity at a random moment; resolves when the strike is to come. */
export async function act(
  activity: Activity,
  app: App,
  ledger: Ledger,
  random: Random,
  outcome: Outcome,
): Promise<void> {
  await sleep(random.between(30, 600));
  await lookAtWork(app, outcome.work);
  switch (activity) {
    case 'flush':
      inBackground(app, '/internal/force_flush', outcome);
      return sleep(random.between(0, 40));
    case 'merge':
      await request(app, '/internal/force_flush', outcome);
      await request(app, '/internal/force_flush', outcome);
      inBackground(app, '/internal/force_merge', outcome);
      return sleep(random.between(0, 60));
    case 'snapshot':
      void takeSnapshot(app, ledger, outcome);
      return sleep(random.between(0, 120));
    case 'retention':
      return sleep(random.between(RETENTION_TICK_MS - 600, RETENTION_TICK_MS + 100));
    case 'stop':
      app.terminate();
      return sleep(random.between(0, 200));
    default:
      return sleep(random.between(0, 400));
  }
}

/** The time before which rows may go in a cycle with this activity. */
export function visibleFrom(activity: Activity): number {
  const days = activity === 'retention' ? SHORT_RETENTION_DAYS : LONG_RETENTION_DAYS;
  return Date.now() - days * DAY_MS;
}

async function lookAtWork(app: App, work: BackgroundWork): Promise<void> {
  const { text } = await app.client.send('GET', '/metrics').catch(() => ({ text: '' }));
  const value = (name: string): number =>
    Number(new RegExp(`^tidemark_${name}_total (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  work.flushes = value('flushes');
  work.merges = value('merges');
  work.replayedRecords = value('log_records_replayed');
}

async function takeSnapshot(app: App, ledger: Ledger, outcome: Outcome): Promise<void> {
  const from = ledger.now();
  const text = await request(app, '/api/v1/admin/tsdb/snapshot', outcome);
  if (text === undefined || outcome.isStruck) return;
  const { data } = JSON.parse(text) as { data: { name: string } };
  outcome.snapshot = { name: data.name, window: { from, to: ledger.now() } };
}

function inBackground(app: App, path: string, outcome: Outcome): void {
  void request(app, path, outcome);
}

/** The answer's text; undefined if there was none because the server is gone. */
async function request(app: App, path: string, outcome: Outcome): Promise<string | undefined> {
  try {
    const { status, text } = await app.client.send('POST', path);
    if (status < 300) return text;
    if (!outcome.isStruck) outcome.unexpected.push(`POST ${path}: ${status} ${text.slice(0, 300)}`);
  } catch {
    // Struck.
  }
  return undefined;
}
