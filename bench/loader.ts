// The sending side as a process of its own, so that its CPU time is nobody else's. Takes a LoadOrder as
// its one argument and prints a LoadReport, both as JSON; before that, an empty line when half is done.

import { type LoadOrder, load } from './load.ts';

const report = await load(JSON.parse(process.argv[2]!) as LoadOrder, () =>
  process.stdout.write('\n'),
);
process.stdout.write(`${JSON.stringify(report)}\n`);
