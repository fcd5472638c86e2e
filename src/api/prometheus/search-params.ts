// Parameters of /api/v1/search/…, and the filter that they make.

import { quote } from '../../model/go-text.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { TimeRange } from '../../model/time-range.ts';
import { jaroWinklerScore, subsequenceScore, substringScore } from '../../runtime/fuzzy.ts';
import { badRequest } from '../errors.ts';
import { parseInteger } from '../param-values.ts';
import type { RequestParams } from '../params.ts';
import { selectorsOf } from '../selectors.ts';

const HOUR_MS = 3_600_000;
const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 10_000;
const DEFAULT_BATCH_SIZE = 100;
/** Every term costs time for every candidate. */
const MAX_TERMS = 32;

const ALGORITHMS = ['subsequence', 'jarowinkler'] as const;
type Algorithm = (typeof ALGORITHMS)[number];

export interface SearchParams {
  readonly range: TimeRange;
  readonly selectors: readonly (readonly Matcher[])[];
  /** Any of them must fit. */
  readonly terms: readonly string[];
  /** 0 to 1 */
  readonly threshold: number;
  readonly algorithm: Algorithm;
  readonly isCaseSensitive: boolean;
  readonly includesScore: boolean;
  readonly order: 'value' | 'valueDescending' | 'score';
  readonly limit: number;
  readonly batchSize: number;
}

/** `endpoint` is the last part of the path. Throws `bad_data` with Prometheus' texts. */
export function searchParams(params: RequestParams, endpoint: string, now: number): SearchParams {
  const range = {
    minT: params.time('start', now - HOUR_MS, plainly),
    maxT: params.time('end', now, plainly),
  };
  if (range.maxT < range.minT) {
    throw badRequest('end timestamp must not be before start timestamp');
  }
  const selectors = selectorsOf(params);
  const terms = params.values('search[]');
  if (terms.length > MAX_TERMS) {
    throw badRequest(`too many search[] terms: got ${terms.length}, maximum is ${MAX_TERMS}`);
  }
  return {
    range,
    selectors,
    terms: terms.filter((term) => term !== ''),
    threshold: thresholdOf(params),
    algorithm: algorithmOf(params),
    isCaseSensitive: params.boolean('case_sensitive', true),
    includesScore: params.boolean('include_score', false),
    order: orderOf(params, endpoint, terms.length > 0),
    limit: limitOf(params),
    batchSize: positiveOf(params, 'batch_size', DEFAULT_BATCH_SIZE),
  };
}

function plainly(_name: string, why: string): Error {
  return badRequest(why);
}

function thresholdOf(params: RequestParams): number {
  const text = params.value('fuzz_threshold') ?? '';
  if (text === '') return 0;
  const percent = parseInteger(text);
  if (typeof percent === 'number' && percent >= 0 && percent <= 100) return percent / 100;
  throw badRequest(`invalid fuzz_threshold ${quote(text)}: must be 0-100`);
}

function algorithmOf(params: RequestParams): Algorithm {
  const text = params.value('fuzz_alg') || 'subsequence';
  const algorithm = ALGORITHMS.find((known) => known === text);
  if (algorithm !== undefined) return algorithm;
  const known = ALGORITHMS.join(' ');
  throw badRequest(`unsupported fuzz_alg ${quote(text)}: must be one of [${known}]`);
}

function orderOf(
  params: RequestParams,
  endpoint: string,
  hasTerms: boolean,
): SearchParams['order'] {
  const by = params.value('sort_by') ?? '';
  const direction = params.value('sort_dir') ?? '';
  if (direction !== '') {
    if (by === '') throw badRequest('sort_dir is only valid when sort_by is set');
    if (by === 'score') throw badRequest('sort_dir is not supported for sort_by=score');
    if (direction !== 'asc' && direction !== 'dsc') {
      throw badRequest(`invalid sort_dir ${quote(direction)}: must be "asc" or "dsc"`);
    }
  }
  if (by === 'score' && !hasTerms) throw badRequest('sort_by=score requires search[] to be set');
  if (!['', 'alpha', 'score'].includes(by)) {
    const quoted = quote(by);
    throw badRequest(`invalid sort_by ${quoted} for ${endpoint}: must be "alpha" or "score"`);
  }
  if (by === 'score') return 'score';
  return direction === 'dsc' ? 'valueDescending' : 'value';
}

function limitOf(params: RequestParams): number {
  const limit = positiveOf(params, 'limit', DEFAULT_LIMIT);
  if (limit <= MAX_LIMIT) return limit;
  throw badRequest(`limit ${limit} exceeds the configured maximum (${MAX_LIMIT})`);
}

function positiveOf(params: RequestParams, name: string, fallback: number): number {
  const text = params.value(name) ?? '';
  if (text === '') return fallback;
  const value = parseInteger(text);
  if (typeof value === 'number' && value > 0) return value;
  throw badRequest(`invalid ${name} ${quote(text)}: must be a positive integer`);
}

/** The score of what fits, undefined for what does not. No filter at all if nothing was typed. */
export function searchFilter({
  terms,
  threshold,
  algorithm,
  isCaseSensitive,
}: SearchParams): ((text: string) => number | undefined) | undefined {
  if (terms.length === 0) return undefined;
  const fold = (text: string): string => (isCaseSensitive ? text : text.toLowerCase());
  const filters = terms.map((term) => termFilter(fold(term), algorithm, threshold));
  return (text) => {
    const folded = fold(text);
    let best: number | undefined;
    for (const filter of filters) {
      const score = filter(folded);
      if (score !== undefined && (best === undefined || score > best)) best = score;
    }
    return best;
  };
}

function termFilter(
  term: string,
  algorithm: Algorithm,
  threshold: number,
): (text: string) => number | undefined {
  if (algorithm === 'subsequence') {
    const scoreOf = subsequenceScore(term);
    return (text) => {
      if (text.startsWith(term)) return 1;
      const score = scoreOf(text);
      return score > 0 && score >= threshold ? score : undefined;
    };
  }
  const partScore = substringScore(term);
  const likeness = jaroWinklerScore(term);
  return (text) => {
    const score = partScore(text);
    if (score > 0) return score;
    // Without a threshold everything would be alike enough.
    if (threshold === 0) return undefined;
    const like = likeness(text);
    return like >= threshold ? like : undefined;
  };
}
