// All that the OpenAPI document describes. To add a route, add a row to one of the tables; a test finds what is
// missing.

import { ADMINISTRATION } from './administration.ts';
import { INFLUX } from './influx.ts';
import type { Operation } from './operation.ts';
import { READING } from './reading.ts';
import { COLLECTD, DATADOG, OPENTSDB } from './senders.ts';
import { WRITING } from './writing.ts';

export const OPERATIONS: readonly Operation[] = [
  ...READING,
  ...WRITING,
  ...ADMINISTRATION,
  ...INFLUX,
  ...OPENTSDB,
  ...DATADOG,
  ...COLLECTD,
];
