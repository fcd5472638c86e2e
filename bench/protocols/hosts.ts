// The data of the protocols' bench: hosts as Telegraf sees them, a measurement of ten fields with ten tags. Line
// protocol says a host's tags once for ten samples; all others say them ten times.

import { Movement as Move, type Movement, TargetValues } from '../values.ts';
import { Xorshift } from '../xorshift.ts';

export const MEASUREMENT = 'cpu';
export const FIELDS: readonly string[] = [
  'usage_user',
  'usage_system',
  'usage_idle',
  'usage_nice',
  'usage_iowait',
  'usage_irq',
  'usage_softirq',
  'usage_steal',
  'usage_guest',
  'usage_guest_nice',
];

/** Name and value; sorted by name. */
export type Tag = readonly [name: string, value: string];

const REGIONS = ['eu-central-1', 'us-west-2', 'ap-northeast-1'];
const TEAMS = ['SF', 'LON', 'NYC', 'CHI'];
const SYSTEMS = ['Ubuntu15.10', 'Ubuntu16.10', 'Ubuntu16.04LTS'];

/** Percentages: half of the fields are whole numbers, the others have two decimals. */
const SHAPES = FIELDS.map((_, i) => ({
  movement: Move.gauge satisfies Movement,
  scale: i % 2 === 0 ? 50 : 5000,
  multiplier: 1,
  divisor: i % 2 === 0 ? 1 : 100,
}));

export class Host {
  readonly tags: readonly Tag[];
  readonly #values: TargetValues;

  constructor(number: number) {
    const random = new Xorshift(number);
    const pick = (from: readonly string[]): string => from[random.below(from.length)]!;
    const region = pick(REGIONS);
    this.tags = [
      ['arch', random.below(2) === 0 ? 'x64' : 'x86'],
      ['datacenter', `${region}${'abc'[random.below(3)]}`],
      ['hostname', `host_${number}`],
      ['os', pick(SYSTEMS)],
      ['rack', String(random.below(100))],
      ['region', region],
      ['service', String(random.below(20))],
      ['service_environment', pick(['test', 'staging', 'production'])],
      ['service_version', String(random.below(2))],
      ['team', pick(TEAMS)],
    ];
    this.#values = new TargetValues(SHAPES, number);
  }

  /** Values of the fields one tick later; valid until the next call. */
  next(t: number): Float64Array {
    return this.#values.next(t);
  }
}
