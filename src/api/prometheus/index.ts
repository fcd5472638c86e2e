// The Prometheus HTTP API.

import type { ApiContext } from '../context.ts';
import { exportEndpoints } from '../export/index.ts';
import type { Endpoint } from '../routes.ts';
import { exemplarEndpoint } from './exemplars.ts';
import { featuresEndpoint } from './features.ts';
import { federateEndpoint } from './federate.ts';
import { labelEndpoints } from './labels.ts';
import { languageEndpoints } from './language.ts';
import { metadataEndpoint } from './metadata.ts';
import { notificationEndpoints } from './notifications.ts';
import { openApiEndpoint } from './openapi/index.ts';
import { queryEndpoints } from './query.ts';
import { remoteReadEndpoints } from './remote-read.ts';
import { ruleEndpoints } from './rules.ts';
import { runningQueryEndpoints } from './running-queries.ts';
import { scrapingEndpoints } from './scraping.ts';
import { searchEndpoints } from './search.ts';
import { selfMetricsEndpoint } from './self-metrics.ts';
import { seriesEndpoint } from './series.ts';
import { statusEndpoints } from './status.ts';

export function prometheusEndpoints(context: ApiContext): Endpoint[] {
  return [
    ...queryEndpoints(context),
    exemplarEndpoint(context),
    ...languageEndpoints(context),
    ...runningQueryEndpoints(context),
    ...remoteReadEndpoints(context),
    ...labelEndpoints(context),
    seriesEndpoint(context),
    metadataEndpoint(context),
    ...searchEndpoints(context),
    ...exportEndpoints(context),
    federateEndpoint(context),
    ...statusEndpoints(context),
    selfMetricsEndpoint(context),
    featuresEndpoint(context),
    openApiEndpoint(context),
    ...notificationEndpoints(context),
    ...scrapingEndpoints(),
    ...ruleEndpoints(),
  ];
}
