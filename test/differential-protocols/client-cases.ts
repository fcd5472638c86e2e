// What clients of Graphite, OpenTSDB and DataDog send to both, and where the two differ on purpose. Each case has metrics
// of its own.

import { type Case, type Difference, MS, one, T } from './case.ts';

const FINER = 'Fractions of a second are kept to the millisecond.';
const NOW_MS = 'A point without a time has that of its arrival, to the millisecond.';
const ZERO = 'A timestamp of 0 is 1970, and not now.';
const NO_INFINITY = 'Infinities and NaN are refused, as OpenTSDB refuses them.';
const PLUS = 'A plus sign before a number is taken.';
const PRECISION = 'Doubles are kept bit for bit.';

const graphite = (line: (name: string) => string, difference?: Difference): Case => ({
  protocol: 'graphite',
  input: line,
  ...(difference && { difference }),
});
const telnet = (line: (name: string) => string, difference?: Difference): Case => ({
  protocol: 'opentsdb',
  input: line,
  ...(difference && { difference }),
});
const http = (point: object, difference?: Difference): Case => ({
  protocol: 'opentsdb_http',
  input: (metric) => ({ metric, timestamp: T, value: 1, tags: { a: 'b' }, ...point }),
  ...(difference && { difference }),
});
const v1 = (series: object | ((name: string) => object), difference?: Difference): Case => ({
  protocol: 'datadog_v1',
  input: (metric) => ({
    metric,
    points: [[T, 1]],
    ...(typeof series === 'function' ? series(metric) : series),
  }),
  ...(difference && { difference }),
});
const v2 = (series: object, difference?: Difference): Case => ({
  protocol: 'datadog_v2',
  input: (metric) => ({ metric, points: [{ timestamp: T, value: 1 }], ...series }),
  ...(difference && { difference }),
});

export const CLIENT_CASES: readonly Case[] = [
  graphite((name) => `${name} 1 ${T}`),
  graphite((name) => `${name} -1.25e3 ${T}\r`),
  graphite((name) => `\t${name} \t 1.5\t${T}  `),
  graphite((name) => `${name} .5 ${T}`),
  graphite((name) => `${name} 5. ${T}`),
  graphite((name) => `${name} inf ${T}`),
  graphite((name) => `${name} nan ${T}`),
  graphite((name) => `${name} x ${T}`),
  graphite((name) => `${name} 0x10 ${T}`),
  graphite((name) => `${name} 1_0 ${T}`),
  graphite((name) => `${name} 1 x`),
  graphite((name) => name),
  graphite((name) => `${name};b=2;a=1;é=ü 1 ${T}`),
  graphite((name) => `${name};a=1;a=2 1 ${T}`),
  graphite((name) => `${name};a=;b;=c 1 ${T}`),
  graphite((name) => `${name};a=b=c 1 ${T}`),
  graphite((name) => `${name} four words 1 ${T}`),
  graphite((name) => `${name} 9007199254740993 ${T}`),
  graphite((name) => `${name} 1 ${T}.5`, {
    told: FINER,
    ours: one(1, MS + 500),
    theirs: one(),
  }),
  graphite((name) => `${name} 1 ${T}123`, {
    told: 'Graphite timestamps from 100000000000 on are milliseconds.',
    ours: one(1, MS + 123),
    theirs: [],
  }),
  graphite((name) => `${name} 1 0`, { told: ZERO, ours: [], theirs: one(1, 'now') }),
  graphite((name) => `${name} 1 N`, {
    told: 'N is now, as -1 is.',
    ours: one(1, 'now'),
    theirs: [],
  }),
  graphite((name) => `${name} +1 ${T}`, { told: PLUS, ours: one(), theirs: [] }),
  graphite((name) => `${name} 0.1234567890123456789 ${T}`, {
    told: PRECISION,
    ours: one(0.12345678901234568),
    theirs: one(0.12345678901234),
  }),
  graphite((name) => `${name};__name__=${name}other 1 ${T}`, {
    told: 'A tag cannot take the place of the name.',
    ours: [],
    theirs: [`other{} 1 ${MS}`],
  }),

  telnet((name) => `put ${name} ${T} 1 a=b`),
  telnet((name) => `put ${name} ${T}123 1.5 a=b c=d\r`),
  telnet((name) => `  put   ${name}   ${T}   1   a=b `),
  telnet((name) => `put ${name} ${T} 1`),
  telnet((name) => `put ${name} ${T} 1 a=`),
  telnet((name) => `put ${name} ${T} 1 a=b=c`),
  telnet((name) => `put ${name} ${T} 1 a`),
  telnet((name) => `put ${name} ${T} x a=b`),
  telnet((name) => `put ${name} x 1 a=b`),
  telnet((name) => `put ${name}`),
  telnet((name) => `${name}`),
  telnet((name) => `put ${name} ${T} nan a=b`),
  telnet((name) => `put ${name} -5 1 a=b`),
  telnet((name) => `put ${name} ${T}.5 1 a=b`, {
    told: FINER,
    ours: [`{a="b"} 1 ${MS + 500}`],
    theirs: [`{a="b"} 1 ${MS}`],
  }),
  telnet((name) => `put ${name} 0 1 a=b`, {
    told: 'A timestamp that is not above 0 is refused, as OpenTSDB refuses it.',
    ours: [],
    theirs: ['{a="b"} 1 now'],
  }),
  telnet((name) => `put ${name} ${T} inf a=b`, {
    told: NO_INFINITY,
    ours: [],
    theirs: [`{a="b"} Infinity ${MS}`],
  }),
  telnet((name) => `put ${name} ${T} 1 a=b a=c`, {
    told: 'Two values for one tag are refused, as OpenTSDB refuses them.',
    ours: [],
    theirs: [`{a="c"} 1 ${MS}`],
  }),
  telnet((name) => `put ${name} ${T} +1 a=b`, {
    told: PLUS,
    ours: [`{a="b"} 1 ${MS}`],
    theirs: [],
  }),

  http({}),
  http({ timestamp: String(T), value: '1.5' }),
  http({ timestamp: MS + 123 }),
  http({ tags: {} }),
  http({ tags: undefined }),
  http({ tags: { a: '', '': 'b', c: 'd' } }),
  http({ tags: { ä: 'ö "quoted" \\' } }),
  http({ value: 'x' }),
  http({ value: undefined }),
  http({ value: [1] }),
  http({ timestamp: 'x' }),
  http({ tags: 'a=b' }),
  http({ tags: { a: ['b'] } }),
  http({ timestamp: -1 }),
  http(
    { timestamp: T + 0.5 },
    {
      told: FINER,
      ours: [`{a="b"} 1 ${MS + 500}`],
      theirs: [`{a="b"} 1 ${MS}`],
    },
  ),
  http(
    { timestamp: undefined },
    {
      told: 'A point of OpenTSDB needs a timestamp.',
      ours: [],
      theirs: ['{a="b"} 1 now'],
    },
  ),
  http(
    { value: 'inf' },
    {
      told: NO_INFINITY,
      ours: [],
      theirs: [`{a="b"} Infinity ${MS}`],
    },
  ),
  http(
    { tags: { a: 1, b: true } },
    {
      told: 'Tags that are numbers or truth values count as their texts.',
      ours: [`{a="1", b="true"} 1 ${MS}`],
      theirs: [],
    },
  ),

  v1({}),
  v1({
    points: [
      [T, 1],
      [T + 10, 2.5],
      [T + 0.5, 3],
    ],
  }),
  v1({ host: 'h', device: 'd', tags: ['a:b', 'word', 'url:http://x:1', 'e:'] }),
  v1({ host: 'h', tags: ['host:other'] }),
  v1({ tags: ['a:1', 'a:2'] }),
  v1({ host: '', tags: null }),
  v1({ points: [] }),
  v1({ points: null }),
  v1({ type: 'gauge', interval: 10, source_type_name: 'x', unknown: { deep: [1] } }),
  v1({ points: [[0, 1]] }),
  v1(
    { points: [[T, null]] },
    {
      told: 'A value of null is left out, and not 0.',
      ours: [],
      theirs: one(0),
    },
  ),
  v1(
    { points: [[T]] },
    {
      told: 'A point that is no pair is refused.',
      ours: [],
      theirs: one(0),
    },
  ),
  v1(
    { points: [[T, 1, 2]] },
    {
      told: 'A point that is no pair is refused.',
      ours: [],
      theirs: one(),
    },
  ),
  v1((name) => ({ tags: [`:${name}other`] }), {
    told: 'A tag without a name is left out.',
    ours: one(),
    theirs: [`other{} 1 ${MS}`],
  }),

  v2({}),
  v2({
    points: [
      { timestamp: T, value: 1 },
      { timestamp: T + 1, value: -2.5 },
    ],
  }),
  v2({
    resources: [
      { type: 'host', name: 'h' },
      { type: 'device', name: 'd' },
    ],
  }),
  v2({
    resources: [
      { type: 'host', name: 'h' },
      { type: 'host', name: 'i' },
    ],
  }),
  v2({ tags: ['a:b', 'word', 'host:x'], source_type_name: 's' }),
  v2({ tags: ['source_type_name:tag'], source_type_name: 's' }),
  v2({ type: 3, unit: 'byte', metadata: { origin: {} } }),
  v2({ points: [{ timestamp: 0, value: 1 }] }),
  v2(
    { points: [{ timestamp: T }] },
    {
      told: 'A point without a value is refused, and not 0.',
      ours: [],
      theirs: one(0),
    },
  ),
];

/** Sentences of the documentation about what a single case cannot show. */
export const TOLD_ELSEWHERE: readonly string[] = [
  NOW_MS,
  'A series of DataDog that is wrong is refused alone, and not the whole body.',
];
