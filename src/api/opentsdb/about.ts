// What OpenTSDB's clients ask about the server: version, aggregators, filters.

import { AGGREGATORS, FILTER_TYPES, type FilterType } from '../../protocol/opentsdb/query/query.ts';
import type { ApiContext } from '../context.ts';
import type { Endpoint } from '../routes.ts';
import { sendTsdbJson, tsdbPaths } from './request.ts';

/** The version of OpenTSDB whose API this is. Clients choose features by it. */
export const OPENTSDB_VERSION = '2.4.1';

const FILTER_TEXTS: Readonly<Record<FilterType, { description: string; examples: string }>> = {
  literal_or: {
    description: 'One of the values, separated by pipes.',
    examples: 'host=literal_or(web01|web02)',
  },
  iliteral_or: {
    description: 'One of the values, separated by pipes, in upper or lower case.',
    examples: 'host=iliteral_or(web01|web02)',
  },
  not_literal_or: {
    description: 'None of the values, separated by pipes.',
    examples: 'host=not_literal_or(web01|web02)',
  },
  not_iliteral_or: {
    description: 'None of the values, separated by pipes, in upper or lower case.',
    examples: 'host=not_iliteral_or(web01|web02)',
  },
  wildcard: {
    description: 'A pattern in which an asterisk stands for any text.',
    examples: 'host=wildcard(web*)',
  },
  iwildcard: {
    description: 'A pattern in which an asterisk stands for any text, in upper or lower case.',
    examples: 'host=iwildcard(web*)',
  },
  regexp: {
    description: 'An RE2 expression that is found anywhere in the value.',
    examples: 'host=regexp(^web[0-9]+$)',
  },
};

export function aboutEndpoints(context: ApiContext): Endpoint[] {
  const endpoint = (path: string, answer: () => unknown): Endpoint => ({
    methods: ['GET', 'POST'],
    paths: tsdbPaths(path),
    access: 'known',
    errorShape: 'opentsdb',
    handle: async (request, reply) => {
      request.raw.resume();
      return sendTsdbJson(reply, answer());
    },
  });
  return [
    endpoint('/api/version', () => versionOf(context)),
    endpoint('/api/aggregators', () => AGGREGATORS),
    endpoint('/api/config/filters', () => {
      return Object.fromEntries(FILTER_TYPES.map((type) => [type, FILTER_TEXTS[type]]));
    }),
  ];
}

function versionOf({ version, startTime }: ApiContext): Readonly<Record<string, string>> {
  return {
    version: OPENTSDB_VERSION,
    short_revision: version,
    full_revision: version,
    repo: 'Tidemark',
    repo_status: 'MINT',
    host: '',
    user: '',
    branch: '',
    timestamp: String(Math.floor(startTime / 1000)),
  };
}
