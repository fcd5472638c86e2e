// The bodies of one protocol, made once and sent to every server: files as `corpus.ts` lays them out.

import { closeSync, fsyncSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { LANES, lanePath, lengthsPath } from '../corpus.ts';
import type { Format, HostTick } from './formats.ts';
import { FIELDS, Host } from './hosts.ts';

/** 2,000 samples. */
export const HOSTS_PER_BODY = 200;
/** Between two values of a series. */
export const TICK_MS = 10_000;

export interface BodiesSpec {
  /** A multiple of 800. */
  readonly hosts: number;
  readonly ticks: number;
  /** ms, a whole second: after the last tick. */
  readonly endT: number;
}

export interface Bodies extends BodiesSpec {
  readonly folder: string;
  readonly samples: number;
  readonly bodies: number;
  readonly bytes: number;
}

/** Writes the bodies into an existing empty folder. */
export function writeBodies(format: Format, spec: BodiesSpec, folder: string): Bodies {
  const perLane = spec.hosts / LANES;
  let bodies = 0;
  let bytes = 0;
  for (let lane = 0; lane < LANES; lane++) {
    const hosts = Array.from({ length: perLane }, (_, i) => new Host(lane * perLane + i));
    const lengths: number[] = [];
    const fd = openSync(lanePath(folder, lane), 'w');
    for (let tick = 0; tick < spec.ticks; tick++) {
      const t = spec.endT - (spec.ticks - tick) * TICK_MS;
      for (let first = 0; first < perLane; first += HOSTS_PER_BODY) {
        const ticks = hosts
          .slice(first, first + HOSTS_PER_BODY)
          .map((host): HostTick => ({ tags: host.tags, t, values: host.next(t) }));
        const body = format.encode(ticks);
        writeSync(fd, body);
        lengths.push(body.length);
        bytes += body.length;
      }
    }
    // Or the first servers would have our dirty pages written out during their syncs.
    fsyncSync(fd);
    closeSync(fd);
    writeFileSync(lengthsPath(folder, lane), Uint32Array.from(lengths));
    bodies += lengths.length;
  }
  return { ...spec, folder, bodies, bytes, samples: spec.hosts * spec.ticks * FIELDS.length };
}

/** Times of all samples, inclusive. */
export function timesOf({ ticks, endT }: BodiesSpec): { minT: number; maxT: number } {
  return { minT: endT - ticks * TICK_MS, maxT: endT };
}
