// How answers of Prometheus 3.5 may differ from ours: because today's Prometheus, which we speak, has moved
// on, or because we do better. A difference that none of these explains is a defect of ours.

import type { ApiRequest } from './api-requests.ts';

/** What was said, with JSON parsed. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: unknown;
}

interface Difference {
  /** Why Prometheus 3.5 answers otherwise than we do. */
  readonly reason: string;
  /** Changes both answers so that what is left must be equal; undefined where the reason does not apply. */
  readonly without: (one: ApiRequest, answer: Answer) => Answer | undefined;
}

const DIFFERENCES: readonly Difference[] = [
  {
    reason: 'newer: trees show more of selectors and matching',
    without: (one, answer) =>
      one.path.endsWith('/parse_query')
        ? withoutKeys(answer, [
            ...['anchored', 'smoothed', 'offsetExpr', 'rangeExpr', 'stepExpr', 'fillValues'],
          ])
        : undefined,
  },
  {
    reason: 'newer: statistics count samples read',
    without: (one, answer) =>
      paramOf(one, 'stats') === undefined ? undefined : withoutKeys(answer, ['samplesRead']),
  },
  {
    reason: 'newer: durations can be expressions, and messages say so',
    without: (_one, answer) =>
      withText(answer, 'number, duration, step(), or range()', 'number or duration'),
  },
  {
    reason: 'newer: series that match twice are named in a fixed order',
    without: (_one, answer) =>
      errorOf(answer).startsWith('found duplicate series')
        ? withError(answer, [...errorOf(answer)].sort().join(''))
        : undefined,
  },
  {
    reason: 'it lists series in the order of their creation; ours are sorted',
    without: (one, answer) =>
      one.path.endsWith('/series') && paramOf(one, 'limit') === undefined && isExact(one)
        ? withItems(answer, (items) => items.map((item) => JSON.stringify(item)).sort())
        : undefined,
  },
  {
    reason: 'it cuts before it sorts, and does not say that it cut series',
    without: (one, answer) =>
      paramOf(one, 'limit') === undefined
        ? undefined
        : withoutKeys(
            withItems(answer, (items) => [items.length]),
            ['warnings'],
          ),
  },
  {
    reason: 'it lists what is in blocks that overlap the range; ours has samples in it',
    without: (one, answer) => (isExact(one) ? undefined : withItems(answer, () => [])),
  },
  {
    reason: 'times beyond what can be stored overflow there',
    without: (one, answer) =>
      Number(paramOf(one, 'time')) > 1e15 ? withItems(answer, () => []) : undefined,
  },
  {
    reason: 'newer: the text format 1.0.0, and custom buckets in /federate',
    without: (one, answer) =>
      one.path === '/federate'
        ? withoutCustomBuckets({
            ...answer,
            contentType: answer.contentType.replace('1.0.0', '0.0.4'),
          })
        : undefined,
  },
  {
    reason: 'newer: sorting a range is warned of',
    without: (one, answer) =>
      paramOf(one, 'query')?.startsWith('sort') === true
        ? withoutKeys(answer, ['warnings'])
        : undefined,
  },
  {
    reason: 'we tell more about ourselves',
    without: (one, answer) =>
      one.path.endsWith('/buildinfo')
        ? withoutKeys(answer, ['application', 'applicationVersion', 'nodeVersion'])
        : undefined,
  },
  {
    reason: 'newer: the limit of statistics has a maximum',
    without: (one, answer) =>
      one.path.endsWith('/tsdb') && paramOf(one, 'limit') === '10001'
        ? { ...answer, status: 0, body: '' }
        : undefined,
  },
];

function paramOf({ params }: ApiRequest, name: string): string | undefined {
  return params.find(([key]) => key === name)?.[1];
}

/** In seconds: a time after this is one of the data. */
const LATELY = 1_500_000_000;

/** False where a range of time narrows down what is listed. */
function isExact(one: ApiRequest): boolean {
  const isList = /\/(series|labels|values)$/.test(one.path);
  return !isList || !(Number(paramOf(one, 'start')) > LATELY);
}

function errorOf({ body }: Answer): string {
  return (body as { error?: string } | null)?.error ?? '';
}

function withError(answer: Answer, error: string): Answer {
  return { ...answer, body: { ...(answer.body as object), error } };
}

function withText(answer: Answer, from: string, to: string): Answer | undefined {
  const text = JSON.stringify(answer.body);
  return text.includes(from) || text.includes(to)
    ? { ...answer, body: JSON.parse(text.replaceAll(from, to)) }
    : undefined;
}

function withItems(answer: Answer, change: (items: unknown[]) => unknown[]): Answer {
  const { data } = (answer.body ?? {}) as { data?: unknown };
  if (Array.isArray(data))
    return { ...answer, body: { ...(answer.body as object), data: change(data) } };
  const { result } = (data ?? {}) as { result?: unknown };
  if (!Array.isArray(result)) return answer;
  const changed = { ...(data as object), result: change(result) };
  return { ...answer, body: { ...(answer.body as object), data: changed } };
}

function withoutCustomBuckets(answer: Answer): Answer {
  const lines = String(answer.body).split('\n');
  const others = lines.filter((line) => !/^(# TYPE )?custom(_| )/.test(line));
  return { ...answer, body: others.join('\n') };
}

function withoutKeys(answer: Answer, keys: readonly string[]): Answer {
  const text = JSON.stringify(answer.body, (key, value: unknown) =>
    keys.includes(key) ? undefined : value,
  );
  return { ...answer, body: text === undefined ? undefined : JSON.parse(text) };
}

export function isSame(own: Answer, theirs: Answer): boolean {
  return JSON.stringify(own) === JSON.stringify(theirs);
}

/** The reason for which two answers differ; undefined if none is known. */
export function explainedBy(one: ApiRequest, own: Answer, theirs: Answer): string | undefined {
  return DIFFERENCES.find(({ without }) => {
    const [ownRest, theirRest] = [without(one, own), without(one, theirs)];
    return ownRest !== undefined && theirRest !== undefined && isSame(ownRest, theirRest);
  })?.reason;
}
