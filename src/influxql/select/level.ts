// One SELECT among those that are nested in each other, while it is evaluated.

import type { Control } from './control.ts';
import type { LevelOptions } from './options.ts';
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
