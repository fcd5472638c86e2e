// What taking samples costs: from one base cell (10k series, bodies of 2,000, 4 connections, remote write 1.0), one
// factor changed at a time.

import type { Axis, AxisCell, Row, Scale } from '../suite/axis.ts';
import type { LoadPlan } from '../suite/loads.ts';
import { sizedLoad } from '../suite/sized-loads.ts';
import { TARGETS, type Targets } from '../suite/targets.ts';

export const INGEST: Axis = {
  name: 'ingest',
  measures:
    'Remote-write bodies over keep-alive connections, as fast as answers come. CPU is user and system time of the ' +
    'server’s process, all threads, up to the last answer; *steady*, of the second half of the bytes alone, when series ' +
    'are known and code is compiled; and *settled*, when everything has been flushed and merged. Wall is up to the last ' +
    'answer. p99 is of the answers to single bodies. The base cell has 10k series, bodies of 2,000 samples, 4 connections and remote write 1.0; the others change one of these (50 connections: ' +
    'beside the cell of 100k series, which has as many targets). VictoriaMetrics is left out of remote write 2.0.',
  cells: (scale) => [
    cell(sizedLoad('10k', scale), STEADY),
    ...(scale === 'quick' ? [] : [cell(sizedLoad('100k', scale), STEADY)]),
    cell(sizedLoad('1m', scale), { loadCpu: TARGETS.newSeriesCpu }),
    ...variations(scale).map((plan) => cell(plan, STEADY)),
  ],
};

/** Targets by what they are about. */
type CpuTargets = Readonly<Partial<Record<'loadCpu' | 'steadyCpu', Targets>>>;

const STEADY: CpuTargets = { steadyCpu: TARGETS.steadyCpu };

function variations(scale: Scale): LoadPlan[] {
  const base = { series: 10_000, ticks: scale === 'quick' ? 40 : 400 };
  const newVersion: LoadPlan = {
    name: 'remote-write-2',
    ...base,
    protocol: 'remote-write-2',
    servers: ['tidemark', 'tidemark-interval', 'prometheus'],
  };
  if (scale === 'quick') return [newVersion];
  return [
    { name: 'bodies-500', ...base, targetsPerBody: 1 },
    { name: 'bodies-10000', ...base, targetsPerBody: 20 },
    { name: 'connections-50', series: 100_000, ticks: base.ticks / 10, lanes: 50 },
    newVersion,
  ];
}

function cell(plan: LoadPlan, targets: CpuTargets): AxisCell {
  return {
    name: plan.name,
    loads: [plan],
    run: async ({ load }) => {
      const { values } = await load(plan);
      const caveats = ['unsynced'] as const;
      const cpuRow = (what: string, measure: 'loadCpu' | 'steadyCpu' | 'settledCpu'): Row => ({
        what,
        unit: 's a million samples',
        values: values(measure),
        caveats,
        ...(measure === 'settledCpu' ? {} : { targets: targets[measure] }),
      });
      const rows: Row[] = [
        cpuRow('CPU', 'loadCpu'),
        cpuRow('CPU, steady', 'steadyCpu'),
        cpuRow('CPU, settled', 'settledCpu'),
        { what: 'wall', unit: 's a million samples', values: values('wallSeconds'), caveats },
        { what: 'p99 of answers', unit: 'ms', values: values('answerP99Ms'), caveats },
      ];
      return rows;
    },
  };
}
