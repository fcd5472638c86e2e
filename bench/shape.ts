// The synthetic data of the benchmarks: what a scrape target exposes. Every target has the same 500
// series, a node exporter and a web service side by side; only its seven labels and its noise differ.

import { type Label, type Labels, METRIC_NAME, normalizeLabels } from '../src/model/labels.ts';
import * as names from './shape-names.ts';
import { Movement, type ValueShape } from './values.ts';
import { Xorshift } from './xorshift.ts';

export const SERIES_PER_TARGET = 500;
/** Every target has exactly one series of it. */
export const CLOCK_METRIC = 'node_time_seconds';

/** One series of a target, without the labels that all series of the target have. */
export interface SeriesShape extends ValueShape {
  readonly metric: string;
  /** Zero to three labels. */
  readonly ownLabels: LabelSet;
}

type LabelSet = readonly Label[];

/**
 * What the values look like: as a target's do, or all floats whose every bit is in use, as physical measurements
 * and averages are.
 */
export type ShapeName = 'mixed' | 'full-precision';

/** All series of a target, in the order of its exposition. */
export function targetShape(values: ShapeName = 'mixed'): readonly SeriesShape[] {
  const builder = new ShapeBuilder();
  addConstants(builder);
  addCounters(builder);
  addHistograms(builder);
  addGauges(builder);
  addMantissas(builder);
  return values === 'mixed' ? builder.series : builder.series.map(fullPrecision);
}

/** Half of them grow, half are anything between 0 and 1; the clock stays. */
function fullPrecision(series: SeriesShape, i: number): SeriesShape {
  if (series.movement === Movement.clock) return series;
  const movement = i % 2 === 0 ? Movement.sum : Movement.ratio;
  return { ...series, movement, scale: Math.max(1, series.scale), multiplier: 1, divisor: 1 };
}

/** The labels of one series of target number `target`, sorted. */
export function seriesLabels(target: LabelSet, { metric, ownLabels }: SeriesShape): Labels {
  return normalizeLabels([{ name: METRIC_NAME, value: metric }, ...ownLabels, ...target]);
}

/** The seven labels that make target number `target`; `instance` and `pod` are its own. */
export function targetLabels(target: number): LabelSet {
  const random = new Xorshift(target);
  const service = pick(random, names.SERVICES);
  const pod = `${service}-${randomId(random, 9)}-${randomId(random, 5)}`;
  const instance = `10.${target >> 16}.${(target >> 8) & 255}.${target & 255}:9100`;
  return [
    { name: 'cluster', value: pick(random, names.CLUSTERS) },
    { name: 'container', value: service },
    { name: 'endpoint', value: 'http-metrics' },
    { name: 'instance', value: instance },
    { name: 'job', value: service },
    { name: 'namespace', value: pick(random, names.NAMESPACES) },
    { name: 'pod', value: pod },
  ];
}

const NO_LABELS: readonly LabelSet[] = [[]];
const INTERFACES = labelSets('device', names.INTERFACES);
const DISKS = labelSets('device', names.DISKS);
const CPUS = labelSets('cpu', names.CPUS);
const HANDLERS = cross(labelSets('handler', names.HANDLERS), labelSets('method', ['GET']));
const SENSORS = cross(
  labelSets('chip', ['platform_coretemp_0']),
  labelSets('sensor', names.SENSORS),
);
const UNITS = cross(
  cross(labelSets('name', names.UNITS), labelSets('state', names.UNIT_STATES)),
  labelSets('type', ['notify']),
);
const FILE_SYSTEMS = names.FILE_SYSTEMS.map(
  ([device, fstype, mountpoint]): LabelSet => [
    { name: 'device', value: device },
    { name: 'fstype', value: fstype },
    { name: 'mountpoint', value: mountpoint },
  ],
);

function addConstants(to: ShapeBuilder): void {
  to.add(Movement.constant, prefixed('node_filesystem_', names.FILE_SYSTEM_FACTS), FILE_SYSTEMS);
  to.add(Movement.constant, prefixed('node_network_', names.INTERFACE_FACTS), INTERFACES);
  to.add(Movement.constant, ['node_systemd_unit_state'], UNITS);
  const collectors = labelSets('collector', names.COLLECTORS);
  to.add(Movement.constant, ['node_scrape_collector_success'], collectors);
  to.add(Movement.constant, names.FACTS);
}

function addCounters(to: ShapeBuilder): void {
  const sectors = { multiplier: 512 };
  const codes = labelSets('code', ['200', '400', '503']);
  to.add(Movement.counter, prefixed('node_disk_', names.DISK_BYTES), DISKS, sectors);
  to.add(Movement.counter, prefixed('node_network_', names.INTERFACE_COUNTERS), INTERFACES);
  to.add(Movement.counter, ['http_requests_total'], cross(HANDLERS, codes));
  to.add(Movement.counter, names.COUNTERS);
  // A CPU cannot be busy for longer than the 15 s between two ticks, nor can a disk.
  const hundredths = { decimals: 2, maxScale: 1500 };
  const modes = labelSets('mode', names.CPU_MODES);
  to.add(Movement.counter, ['node_cpu_seconds_total'], cross(CPUS, modes), hundredths);
  to.add(Movement.counter, ['process_cpu_seconds_total'], NO_LABELS, hundredths);
  const milliseconds = { decimals: 3, maxScale: 15_000 };
  to.add(Movement.counter, prefixed('node_disk_', names.DISK_TIMES), DISKS, milliseconds);
  const nanoseconds = { decimals: 9, minScale: 1e7, maxScale: 4e9 };
  to.add(Movement.counter, ['node_schedstat_waiting_seconds_total'], CPUS, nanoseconds);
  to.add(Movement.counter, prefixed('node_pressure_', names.PRESSURES), NO_LABELS, nanoseconds);
}

function addHistograms(to: ShapeBuilder): void {
  const buckets = labelSets('le', names.BUCKETS);
  for (const name of names.HISTOGRAMS) {
    for (const handler of HANDLERS) {
      for (const [i, bucket] of buckets.entries()) {
        const scale = { minScale: i, maxScale: i };
        to.add(Movement.bucket, [`${name}_bucket`], cross([handler], [bucket]), scale);
      }
      to.add(Movement.sum, [`${name}_sum`], [handler], { minScale: 10, maxScale: 100 });
      to.add(Movement.observations, [`${name}_count`], [handler]);
    }
  }
}

function addGauges(to: ShapeBuilder): void {
  const pages = { multiplier: 4096 };
  to.add(Movement.gauge, prefixed('node_memory_', names.MEMORY_FIELDS, '_bytes'), NO_LABELS, pages);
  to.add(
    Movement.gauge,
    prefixed('node_filesystem_', names.FILE_SYSTEM_BYTES),
    FILE_SYSTEMS,
    pages,
  );
  to.add(Movement.gauge, ['node_filesystem_files_free'], FILE_SYSTEMS);
  to.add(Movement.gauge, ['http_requests_in_flight'], HANDLERS);
  to.add(Movement.gauge, names.INTEGER_GAUGES);
  to.add(Movement.gauge, names.LOADS, NO_LABELS, { decimals: 2 });
  to.add(Movement.gauge, ['node_hwmon_temp_celsius'], SENSORS, { decimals: 1 });
  for (const [i, name] of names.DECIMAL_GAUGES.entries()) {
    to.add(Movement.gauge, [name], NO_LABELS, { decimals: 3 + i, maxScale: 10 ** (3 + i) });
  }
}

/** Values that use all bits of a double, and the clock. */
function addMantissas(to: ShapeBuilder): void {
  to.add(Movement.sum, ['go_gc_duration_seconds_sum'], NO_LABELS);
  to.add(Movement.ratio, ['cache_hit_ratio'], labelSets('cache', names.CACHES));
  to.add(Movement.clock, [CLOCK_METRIC]);
}

interface ValueOptions {
  /** Integers are multiplied by it. */
  readonly multiplier?: number;
  readonly decimals?: number;
  /** Bounds of the scale that a series draws. */
  readonly minScale?: number;
  readonly maxScale?: number;
}

/** Lists series and gives every one a scale of its own, spread evenly over orders of magnitude. */
class ShapeBuilder {
  readonly series: SeriesShape[] = [];
  readonly #random = new Xorshift(1);

  /** Every metric with every label set. */
  add(
    movement: Movement,
    metrics: readonly string[],
    sets: readonly LabelSet[] = NO_LABELS,
    options: ValueOptions = {},
  ): void {
    const { multiplier = 1, decimals = 0, minScale = 4, maxScale = 20_000 } = options;
    const magnitude = Math.log(maxScale / minScale);
    for (const metric of metrics) {
      for (const ownLabels of sets) {
        const isFixed = minScale === maxScale;
        const scale = Math.round(minScale * Math.exp(this.#random.fraction() * magnitude));
        this.series.push({
          metric,
          ownLabels,
          movement,
          scale: isFixed ? minScale : scale,
          multiplier,
          divisor: 10 ** decimals,
        });
      }
    }
  }
}

function prefixed(prefix: string, list: readonly string[], suffix = ''): string[] {
  return list.map((name) => `${prefix}${name}${suffix}`);
}

function labelSets(name: string, values: readonly string[]): LabelSet[] {
  return values.map((value) => [{ name, value }]);
}

function cross(left: readonly LabelSet[], right: readonly LabelSet[]): LabelSet[] {
  return left.flatMap((a) => right.map((b) => [...a, ...b]));
}

function pick(random: Xorshift, from: readonly string[]): string {
  return from[random.below(from.length)]!;
}

/** As Kubernetes makes them: no vowels, no digits that look like letters. */
function randomId(random: Xorshift, length: number): string {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
  return Array.from({ length }, () => alphabet[random.below(alphabet.length)]!).join('');
}
