// Memory while samples come in and afterwards.

import type { Axis, AxisCell, Row, Scale } from '../suite/axis.ts';
import type { LoadPlan } from '../suite/loads.ts';
import { withoutUnsynced } from '../suite/ratios.ts';
import { type LoadSize, sizedLoad } from '../suite/sized-loads.ts';
import { TARGETS } from '../suite/targets.ts';

const SIZES: Readonly<Record<Scale, readonly LoadSize[]>> = {
  whole: ['10k', '100k', '1m'],
  quick: ['10k', '1m'],
};

export const MEMORY: Axis = {
  name: 'memory',
  measures:
    'Resident memory of the server’s process during the loads of the ingest axis: the largest, flushes and merges ' +
    'included, and what it is two seconds after everything is settled and one metric has been read back. *Without file pages*: pages of mapped files, ' +
    'which the system can take back at any time, are left out; the largest of that is sampled ten times a second.',
  cells: (scale) => SIZES[scale].map((size) => cell(sizedLoad(size, scale), size === '1m')),
};

function cell(plan: LoadPlan, isJudged: boolean): AxisCell {
  return {
    name: plan.name,
    loads: [plan],
    run: async ({ load }) => {
      const runs = await load(plan);
      const row = (what: string, measure: Parameters<typeof runs.values>[0]): Row => ({
        what,
        unit: 'MiB',
        values: withoutUnsynced(runs.values(measure, 2 ** -20)),
      });
      const peak = row('peak', 'settledPeakBytes');
      return [
        isJudged ? { ...peak, targets: TARGETS.peakMemory } : peak,
        row('peak without file pages', 'ownPeakBytes'),
        row('at rest', 'restBytes'),
        row('at rest without file pages', 'ownRestBytes'),
      ];
    },
  };
}
