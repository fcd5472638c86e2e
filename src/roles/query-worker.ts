// A query thread: the evaluation of queries joined with the engine's views.

import { parentPort, workerData } from 'node:worker_threads';
import { runQueryThread } from '../query/thread-body.ts';
import type { ThreadSetup } from '../query/thread-messages.ts';
import { openSharedView, type SharedViewDescriptor } from '../tsdb/query/shared-view.ts';

runQueryThread(
  parentPort!,
  workerData as ThreadSetup,
  (descriptor) => openSharedView(descriptor as SharedViewDescriptor),
  {},
);
