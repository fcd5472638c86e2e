// What new series cost: all at once, and a tenth of those that are active every ten minutes.

import type { Axis, Scale } from '../suite/axis.ts';
import type { LoadPlan } from '../suite/loads.ts';

export const CHURN: Axis = {
  name: 'churn',
  measures:
    'Series that were not there before: one sample of each of many new ones; and 10k active ones of which a tenth is ' +
    'replaced by new ones every ten minutes, for 24 h of data (153k series in all), with a sample a minute.',
  cells: (scale) => {
    const [fresh, churning] = [newSeries(scale), replaced(scale)];
    return [
      {
        name: fresh.name,
        loads: [fresh],
        run: async ({ load }) => {
          const { values } = await load(fresh);
          const caveats = ['unsynced'] as const;
          return [
            { what: 'CPU', unit: 'µs a new series', values: values('loadCpu'), caveats },
            { what: 'wall', unit: 'µs a new series', values: values('wallSeconds'), caveats },
          ];
        },
      },
      {
        name: churning.name,
        loads: [churning],
        run: async ({ load }) => {
          const { values } = await load(churning);
          const caveats = ['unsynced'] as const;
          return [
            {
              what: 'CPU, settled',
              unit: 's a million samples',
              values: values('settledCpu'),
              caveats,
            },
            { what: 'wall', unit: 's a million samples', values: values('wallSeconds'), caveats },
            {
              what: 'peak memory',
              unit: 'MiB',
              values: values('settledPeakBytes', 2 ** -20),
            },
            {
              what: 'disk',
              unit: 'bytes a sample',
              values: values('bytesPerSample'),
              caveats: ['lossy'],
            },
          ];
        },
      },
    ];
  },
};

function newSeries(scale: Scale): LoadPlan {
  return { name: 'new-series', series: scale === 'quick' ? 50_000 : 400_000, ticks: 1 };
}

function replaced(scale: Scale): LoadPlan {
  const minutes = scale === 'quick' ? 30 : 24 * 60;
  return {
    name: 'replaced',
    series: 10_000,
    tickMs: 60_000,
    ticks: minutes,
    // 2 of 20 targets.
    churn: { everyTicks: 10, targets: 2 },
    maxRounds: 1,
    servers: ['tidemark', 'victoria-metrics', 'prometheus'],
  };
}
