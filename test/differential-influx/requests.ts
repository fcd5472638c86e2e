// All requests that InfluxDB and we are sent, one after another, on the same data.

import type { InfluxRequest } from './request.ts';
import { CHANGES } from './requests-of-changes.ts';
import { FORMS } from './requests-of-forms.ts';
import { GRAFANA } from './requests-of-grafana.ts';
import { INDEX } from './requests-of-index.ts';
import { MSGPACK } from './requests-of-msgpack.ts';
import { QUERIES } from './requests-of-query.ts';
import { SELECTS } from './requests-of-select.ts';

export const REQUESTS: readonly InfluxRequest[] = [
  ...SELECTS,
  ...INDEX,
  ...GRAFANA,
  ...QUERIES,
  ...FORMS,
  ...MSGPACK,
  // Last, because they leave other data behind.
  ...CHANGES,
];
