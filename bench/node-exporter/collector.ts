// A node exporter that is scraped at a steady pace by a process of its own, whatever the bench is busy with. Takes
// the program, the file, the interval in ms and the number of scrapes, and writes every scrape as a JSON string and a
// line feed.

import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../server.ts';

const START_TIMEOUT_MS = 30_000;
const POLL_MS = 50;

const [program, file, intervalMs, scrapes] = process.argv.slice(2);
const port = await freePort();
const exporter = spawn(program!, [`--web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' });
process.on('exit', () => exporter.kill());
// The bench has gone.
process.on('disconnect', () => process.exit(1));

const url = `http://127.0.0.1:${port}/metrics`;
await waitUntilUp();
let due = performance.now();
for (let i = 0; i < Number(scrapes); i++) {
  appendFileSync(file!, `${JSON.stringify(await scrape())}\n`);
  process.send?.(i + 1);
  due += Number(intervalMs);
  await sleep(Math.max(0, due - performance.now()));
}
process.exit(0);

async function scrape(): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.text();
}

async function waitUntilUp(): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline) {
    try {
      await scrape();
      return;
    } catch {
      await sleep(POLL_MS);
    }
  }
  throw new Error(`${program} does not answer on ${url}`);
}
