// Frozen registries are read on another thread while series are registered: each shows exactly the series
// that were there.

import { expect, test } from 'vitest';
import { startWorker } from '../../runtime/workers.ts';
import { stressLabels } from './index-stress.ts';
import { SeriesRegistry } from './series-registry.ts';

const VIEWS = 60;
const MAX_SERIES = 400_000;

test('labels are read while series are registered (takes seconds)', {
  timeout: 60_000,
}, async () => {
  const registry = new SeriesRegistry();
  const worker = startWorker('./index-stress.ts', import.meta.url);
  const answers: string[] = [];
  worker.on('message', (answer: string) => answers.push(answer));
  let failure: unknown;
  worker.on('error', (error) => {
    failure = error;
  });
  let series = 0;
  for (let sent = 0; answers.length < VIEWS && failure === undefined; ) {
    for (let i = 0; i < 50 && series < MAX_SERIES; i++)
      registry.register(1, stressLabels(series++));
    if (sent === answers.length) {
      worker.postMessage(registry.freeze(1));
      sent++;
    }
    // Answers are taken in only now and then, so that the reader is at work most of the time.
    if (series % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await worker.terminate();
  expect(failure).toBeUndefined();
  expect(new Set(answers)).toEqual(new Set(['right']));
});
