// All axes of the whole bench, in the order in which they run.

import type { Axis } from '../suite/axis.ts';
import { CHURN } from './churn.ts';
import { DISK } from './disk.ts';
import { GROWTH } from './growth.ts';
import { INGEST } from './ingest.ts';
import { MEMORY } from './memory.ts';
import { MIXED } from './mixed.ts';
import { QUERIES } from './queries.ts';
import { START_UP } from './start-up.ts';

export const AXES: readonly Axis[] = [
  INGEST,
  CHURN,
  DISK,
  MEMORY,
  QUERIES,
  MIXED,
  START_UP,
  GROWTH,
];
