// The guessing side as a process of its own: wrong passwords at a steady rate from many addresses. Takes a
// FloodOrder as its one argument, begins and ends with messages, and answers each end with how the guesses ended.

import { Agent, request } from 'node:http';
import { setInterval } from 'node:timers';

export interface FloodOrder {
  readonly port: number;
  readonly path: string;
  readonly perSecond: number;
  /** Of 127.0.1.x, so many: each has an allowance of its own. */
  readonly addresses: number;
}

/** How many guesses were answered with what; `error` for those that were not. */
export type FloodReport = Readonly<Record<string, number>>;

const PULSE_MS = 10;

const { port, path, perSecond, addresses } = JSON.parse(process.argv[2]!) as FloodOrder;
const agent = new Agent({ keepAlive: true, maxSockets: 20 });
let guesses = 0;
let isOn = false;
let owed = 0;
let lastPulse = 0;
let statuses: Record<string, number> = {};

function guess(): void {
  const n = guesses++;
  const password = Buffer.from(`root:guess ${n}`).toString('base64');
  const sent = request(
    {
      agent,
      host: '127.0.0.1',
      port,
      path,
      method: 'POST',
      localAddress: `127.0.1.${1 + (n % addresses)}`,
      headers: { authorization: `Basic ${password}` },
    },
    (response) => {
      response.resume();
      response.once('end', () => count(String(response.statusCode)));
    },
  );
  sent.once('error', () => count('error'));
  sent.end();
}

function count(outcome: string): void {
  statuses[outcome] = (statuses[outcome] ?? 0) + 1;
}

setInterval(() => {
  const now = performance.now();
  if (isOn) owed += ((now - lastPulse) * perSecond) / 1000;
  lastPulse = now;
  for (; owed >= 1; owed--) guess();
}, PULSE_MS);

process.on('message', (message) => {
  isOn = message === 'begin';
  if (isOn) return;
  owed = 0;
  process.send?.(statuses);
  statuses = {};
});
process.on('disconnect', () => process.exit());
