// What Prometheus tells of scraping and of its Alertmanagers. We do neither, so the answers are those
// of a Prometheus that has no targets: valid and empty.

import { quote } from '../../model/go-text.ts';
import { parseMetricSelector } from '../../promql/language/parser.ts';
import type { AppError } from '../../runtime/error.ts';
import { aboutParameter, badRequest } from '../errors.ts';
import { parseInteger } from '../param-values.ts';
import type { RequestParams } from '../params.ts';
import { urlParams } from '../requests.ts';
import { sendData } from '../respond.ts';
import { type Endpoint, readPaths } from '../routes.ts';

export function scrapingEndpoints(): Endpoint[] {
  const get = (path: string, data: (params: RequestParams) => unknown): Endpoint => ({
    methods: ['GET'],
    paths: readPaths(`/api/v1/${path}`),
    access: 'known',
    errorShape: 'prometheus',
    handle: async (request, reply) => sendData(request, reply, data(urlParams(request))),
  });
  return [
    get('targets', targets),
    get('targets/metadata', targetMetadata),
    get('targets/relabel_steps', relabelSteps),
    get('scrape_pools', () => ({ scrapePools: [] })),
    get('scrape_pools/config', scrapePoolConfig),
    get('alertmanagers', () => ({ activeAlertmanagers: [], droppedAlertmanagers: [] })),
  ];
}

function targets(params: RequestParams): unknown {
  const state = (params.urlValue('state') ?? '').toLowerCase();
  const showsDropped = state === '' || state === 'any' || state === 'dropped';
  return {
    activeTargets: [],
    droppedTargets: [],
    droppedTargetCounts: showsDropped ? {} : null,
  };
}

function targetMetadata(params: RequestParams): unknown {
  const limit = params.value('limit') ?? '';
  if (limit !== '' && typeof parseInteger(limit) !== 'number') {
    throw badRequest('limit must be a number');
  }
  const selector = params.value('match_target') ?? '';
  if (selector !== '') checkSelector('match_target', selector);
  return [];
}

function checkSelector(name: string, text: string): void {
  try {
    parseMetricSelector(text);
  } catch (error) {
    throw aboutParameter(name, error);
  }
}

function relabelSteps(params: RequestParams): never {
  const pool = scrapePoolOf(params);
  const labels = params.value('labels') ?? '';
  if (labels === '') throw badRequest('no labels parameter provided');
  try {
    JSON.parse(labels);
  } catch (error) {
    throw badRequest(`error parsing labels: ${(error as Error).message}`);
  }
  throw poolNotFound(pool);
}

function scrapePoolConfig(params: RequestParams): never {
  throw poolNotFound(scrapePoolOf(params));
}

function scrapePoolOf(params: RequestParams): string {
  const pool = params.value('scrapePool') ?? '';
  if (pool === '') throw badRequest('no scrapePool parameter provided');
  return pool;
}

function poolNotFound(pool: string): AppError {
  return badRequest(`error retrieving scrape config: scrape pool ${quote(pool)} not found`);
}
