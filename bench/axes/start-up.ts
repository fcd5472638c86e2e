// How soon a server is ready again.

import type { Axis } from '../suite/axis.ts';
import type { LoadPlan } from '../suite/loads.ts';
import { TARGETS } from '../suite/targets.ts';

export const START_UP: Axis = {
  name: 'start-up',
  measures:
    'From the start of the process until it takes writes, with all data in the page cache: after `kill -9` right ' +
    'behind the last answer, as much in the log as Tidemark lets it grow to; and after SIGTERM. *Lost* is how many ' +
    'seconds of the sending before the kill, all acknowledged, are not there after.',
  cells: (scale) => {
    const plan: LoadPlan = {
      name: 'start-up',
      kind: 'replay',
      series: 100_000,
      // Keeps Tidemark's log just below the size at which it is flushed, 1 GiB.
      ticks: scale === 'quick' ? 8 : 320,
      maxRounds: 2,
    };
    return [
      {
        name: '100k',
        loads: [plan],
        // Reading the logs, twice stopping and starting.
        seconds: (kinds, rounds) => (scale === 'quick' ? 2 : 15) * kinds.length * rounds,
        maxRounds: 2,
        run: async ({ load }) => {
          const { values } = await load(plan);
          const caveats = ['unsynced'] as const;
          const targets = TARGETS.startUp;
          return [
            { what: 'after kill -9', unit: 's', values: values('startSeconds'), targets, caveats },
            { what: 'after kill -9, CPU', unit: 's', values: values('startCpuSeconds'), caveats },
            { what: 'lost by kill -9', unit: 's', values: values('lostSeconds'), caveats },
            { what: 'after a clean stop', unit: 's', values: values('cleanStartSeconds'), targets },
            { what: 'after a clean stop, CPU', unit: 's', values: values('cleanStartCpuSeconds') },
          ];
        },
      },
    ];
  },
};
