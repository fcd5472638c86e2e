// What OpenTSDB's clients read by.

import type { ApiContext } from '../context.ts';
import type { Endpoint } from '../routes.ts';
import { aboutEndpoints } from './about.ts';
import { lookupEndpoint } from './lookup.ts';
import { tsdbQueryEndpoint } from './query.ts';
import { suggestEndpoint } from './suggest.ts';

export function opentsdbEndpoints(context: ApiContext): Endpoint[] {
  return [
    tsdbQueryEndpoint(context),
    suggestEndpoint(context),
    lookupEndpoint(context),
    ...aboutEndpoints(context),
  ];
}
