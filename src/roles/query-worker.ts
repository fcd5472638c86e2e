// A query thread: the evaluation of queries joined with the engine's views. What is written goes before what is
// asked, so the thread that takes in samples gets the processors first.

import { parentPort, workerData } from 'node:worker_threads';
import { runQueryThread } from '../query/thread-body.ts';
import type { ThreadSetup } from '../query/thread-messages.ts';
import { stepBack } from '../runtime/thread-priority.ts';
import { openSharedView, type SharedViewDescriptor } from '../tsdb/query/shared-view.ts';
import { EVALUATORS } from './languages.ts';

stepBack();
runQueryThread(
  parentPort!,
  workerData as ThreadSetup,
  (descriptor, checkpoint) => openSharedView(descriptor as SharedViewDescriptor, checkpoint),
  EVALUATORS,
);
