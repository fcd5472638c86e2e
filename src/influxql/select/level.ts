// One SELECT among those that are nested in each other, while it is evaluated.

import type { Expression } from '../../protocol/influxql/index.ts';
import type { Control } from './control.ts';
import type { LevelOptions, Ref } from './options.ts';
import type { GroupTags, Scalar } from './point.ts';
import type { PreparedSelect } from './prepare.ts';
import type { Time } from './time.ts';
import type { DataType } from './types.ts';

/** What evaluation of one level works with. */
export interface Level {
  readonly prepared: PreparedSelect;
  readonly options: LevelOptions;
  readonly control: Control;
  /** Lets other work of this thread go on. */
  readonly breathe: () => Promise<void>;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Evaluates another level, a subquery. */
  readonly evaluate: (level: Level) => Promise<RowStream>;
  /** Hears of everything that is going to be read, before it is. */
  readonly planned?: (read: PlannedRead) => void;
}

/** Series of one measurement that are going to be read. */
export interface PlannedRead {
  readonly measurement: string;
  /** The function that is computed while reading, or the field that is read; undefined: those in `aux` alone. */
  readonly expression: Expression | undefined;
  readonly aux: readonly Ref[];
  readonly condition: Expression | undefined;
  readonly series: number;
}

export interface Row {
  readonly time: Time;
  readonly name: string;
  readonly tags: GroupTags;
  /** One for each field, without the time. NaN is not shown. */
  readonly values: readonly (Scalar | undefined)[];
}

export type Rows = Generator<Row | undefined, void>;

export interface RowStream {
  readonly rows: Rows;
  /** Types that values of each field have. */
  readonly types: readonly DataType[];
}
