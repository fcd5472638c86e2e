// What nobody should ask: queries that are deep, long, wide, endless, regular expressions made to explode, lists by
// such expressions. Each is some idea of harm with random sizes.

import type { Random } from '../support/random.ts';

export interface Monster {
  /** Which idea it is, for reports. */
  readonly idea: string;
  /** Below /api/v1. */
  readonly path: string;
  readonly params: readonly (readonly [name: string, value: string])[];
}

type Idea = (random: Random) => string;
type Errand = (random: Random) => Pick<Monster, 'path' | 'params'>;

const DAY_S = 86_400;

const IDEAS: Readonly<Record<string, Idea>> = {
  'deep parentheses': (random) => nest('(', 'm', ')', random.between(50, 20_000)),
  'deep signs': (random) => `${'-'.repeat(random.between(50, 20_000))}m`,
  'deep calls': (random) => nest('abs(', 'm', ')', random.between(50, 5000)),
  'deep aggregations': (random) => nest('sum(', 'm', ')', random.between(50, 5000)),
  'deep subqueries': (random) => nest('max_over_time(', 'm', '[1h:1s])', random.between(3, 400)),
  'unclosed parentheses': (random) => '('.repeat(random.between(50, 50_000)),
  'chain of operators': (random) => chain(random, ['+', '*', '^', 'or', 'and', '==']),
  'chain of powers': (random) =>
    Array.from({ length: random.between(100, 3000) }, () => '2').join(' ^ '),
  'chain of ranges': (random) => `rate(m[5m])${'[1h:1m]'.repeat(random.between(2, 500))}`,
  'fine subquery': (random) => `avg_over_time(m[${random.between(1, 400)}d:1ms])`,
  'fine subquery in a fine subquery': (random) =>
    `max_over_time(avg_over_time(m[${random.between(1, 30)}d:1s])[${random.between(1, 30)}d:1s])`,
  'long range': (random) => `rate({__name__=~".+"}[${random.between(1, 100)}y])`,
  'huge duration': (random) => `m[${'9'.repeat(random.between(5, 400))}y]`,
  'huge number': (random) => `m * ${'9'.repeat(random.between(300, 30_000))}`,
  everything: () => '{__name__!=""}',
  'everything times everything': () => '{__name__!=""} * on () group_left () {__name__!=""}',
  'everything or everything': (random) =>
    Array.from({ length: random.between(2, 60) }, (_, i) => `{__name__!="${i}"}`).join(' or '),
  'every pair': () => 'm + on () group_left (instance) m',
  'labels that double': (random) =>
    nestCalls(
      random.between(5, 40),
      (inner) => `label_replace(${inner}, "x", "$1$1", "x", "(.*)")`,
      'label_replace(m, "x", "boom", "", "")',
    ),
  'labels that join': (random) =>
    nestCalls(
      random.between(5, 40),
      (inner) => `label_join(${inner}, "x", "x", "x", "x", "x")`,
      'm',
    ),
  'values as labels': () => 'count_values("v", m) by (instance)',
  'top of everything': () => 'topk(1e9, {__name__!=""})',
  'absurd k': (random) => `topk(${random.pick(['1e300', 'NaN', '-1e18', 'Inf'])}, m)`,
  'exploding expression': (random) => `{instance=~"${explode(random)}"}`,
  'counted expression': (random) => `{instance=~"${counted(random)}"}`,
  'nested counts': (random) =>
    `{instance=~"${'('.repeat(5)}x${'{1,200})'.repeat(random.between(3, 5))}"}`,
  'long expression': (random) => `{instance=~"${'(a|b)*'.repeat(random.between(100, 20_000))}"}`,
  'many alternatives': (random) =>
    `{instance=~"${Array.from({ length: random.between(100, 30_000) }, (_, i) => `v${i}`).join('|')}"}`,
  'evil replacement': (random) => `label_replace(m, "x", "$1", "instance", "${explode(random)}")`,
  'unicode classes': (random) => `{instance=~"${unicode(random)}"}`,
  'many matchers': (random) =>
    `m{${Array.from({ length: random.between(50, 3000) }, (_, i) => `l${i}!="x"`).join(',')}}`,
  'many labels to group by': (random) =>
    `sum by (${Array.from({ length: random.between(50, 5000) }, (_, i) => `l${i}`).join(',')}) (m)`,
  'long string': (random) => `"${'x'.repeat(random.between(1000, 1_000_000))}"`,
  'bad escapes': (random) => `m{a="${'\\x'.repeat(random.between(1, 1000))}"}`,
  'strange characters': (random) =>
    Array.from({ length: random.between(5, 3000) }, () =>
      String.fromCharCode(random.between(1, 0xd7ff)),
    ).join(''),
  'lone surrogates': () => 'm{a="\ud800"} \udfff',
  'far times': (random) => `m @ ${random.pick(['1e300', '-1e18', '9'.repeat(30)])}`,
  'far offsets': (random) => `m offset ${random.pick(['-290y', '290y', '99999999999y', '-1e300'])}`,
  'quantiles of everything': () => 'quantile by (instance) (0.5, {__name__!=""})',
  predictions: () => 'predict_linear(m[30d], 1e300)',
  'heavy windows': () => 'quantile_over_time(0.5, m[1d])',
};

/** The one path that takes no forms. */
export const LABEL_VALUES = 'label/instance/values';
/** Most characters for it: what a URL has room for. */
const MAX_URL_LENGTH = 8000;

/** Other things than queries to be evaluated. */
const ERRANDS: Readonly<Record<string, Errand>> = {
  'list by an evil expression': (random) =>
    list(random, [`{instance=~"${random.pick([explode, counted, unicode])(random)}"}`]),
  'list by many selectors': (random) =>
    list(
      random,
      Array.from({ length: random.between(10, 1000) }, (_, i) => `m{instance=~".*[${i % 10}]"}`),
    ),
  'list by a long selector': (random) =>
    list(random, [`m{instance=~"${'v|'.repeat(random.between(1000, 100_000))}"}`]),
  'exemplars of everything': () => ({
    path: 'query_exemplars',
    params: [['query', '{__name__!=""}']],
  }),
  'format what is deep and long': (random) => ({
    path: random.pick(['format_query', 'parse_query']),
    params: [['query', nest('(', `"${'x'.repeat(random.between(1, 200_000))}"`, ')', 400)]],
  }),
};

const NAMES = [...Object.keys(IDEAS), ...Object.keys(ERRANDS)];

/** Monsters in turn, so that every idea comes up; times around `nowSeconds`. */
export function* monsters(random: Random, nowSeconds: number): Generator<Monster> {
  for (let i = 0; ; i++) {
    const idea = NAMES[i % NAMES.length]!;
    const errand = ERRANDS[idea];
    const asked = errand?.(random) ?? evaluation(IDEAS[idea]!(random), random, nowSeconds);
    yield { idea, ...asked };
  }
}

/** A query at one time, or over a range. */
function evaluation(query: string, random: Random, now: number): Pick<Monster, 'path' | 'params'> {
  const over = (seconds: number, step: number): Pick<Monster, 'path' | 'params'> => ({
    path: 'query_range',
    params: [
      ['query', query],
      ['start', String(now - seconds)],
      ['end', String(now)],
      ['step', String(step)],
    ],
  });
  switch (random.below(4)) {
    case 0:
      return {
        path: 'query',
        params: [
          ['query', query],
          ['time', String(now)],
        ],
      };
    case 1:
      return over(DAY_S, 15);
    case 2:
      // Just within the limit of points a series.
      return over(10_999, 1);
    default:
      return over(400 * DAY_S, random.pick([1, 60, 3600]));
  }
}

function list(random: Random, selectors: readonly string[]): Pick<Monster, 'path' | 'params'> {
  const params = selectors.map((selector) => ['match[]', selector] as const);
  const isShort = encodeURIComponent(selectors.join('')).length < MAX_URL_LENGTH;
  return {
    path: random.pick(isShort ? [LABEL_VALUES, 'series', 'labels'] : ['series', 'labels']),
    params,
  };
}

function nest(open: string, inner: string, close: string, depth: number): string {
  return `${open.repeat(depth)}${inner}${close.repeat(depth)}`;
}

function nestCalls(depth: number, wrap: (inner: string) => string, inner: string): string {
  let query = inner;
  for (let i = 0; i < depth; i++) query = wrap(query);
  return query;
}

function chain(random: Random, operators: readonly string[]): string {
  const operator = ` ${random.pick(operators)} `;
  return Array.from({ length: random.between(50, 5000) }, () => 'm').join(operator);
}

function counted(random: Random): string {
  return `(${'a{0,1000}'.repeat(random.between(1, 8))})+`;
}

function unicode(random: Random): string {
  return '[\\\\p{L}\\\\p{N}]+'.repeat(random.between(2, 200));
}

/** What makes a backtracking engine run for ever. */
function explode(random: Random): string {
  return random.pick([
    `(a+)+${'b'.repeat(random.between(1, 20))}`,
    '(a|a)*b',
    '(.*)*x',
    '([a-z]+)*[0-9]',
    '(.*a){20}',
    `${'(x+x+)+'.repeat(random.between(1, 30))}y`,
    '((((a?){30}){30}){30}){30}',
    '(a|aa|aaa|aaaa)*c',
  ]);
}
