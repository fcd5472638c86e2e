// Answers with something about them changed, so that nothing else is compared.

import { type ApiAnswer, type HistogramJson, keyOf } from './compare.ts';

/** All metric names gone. */
export function withoutNames(answer: ApiAnswer): ApiAnswer {
  const { data } = answer;
  if (data?.resultType !== 'vector' && data?.resultType !== 'matrix') return answer;
  const result = data.result.map((element) => {
    const { __name__: _, ...metric } = element.metric;
    return { ...element, metric };
  });
  return { ...answer, data: { ...data, result } };
}

const OF_DURATIONS =
  / number(?: or duration|, duration, or step\(\)|, duration, step\(\), or range\(\))$/;

/** Whatever an error expects of a duration. */
export function withoutDurationFunctions(answer: ApiAnswer): ApiAnswer {
  const error = answer.error?.replace(OF_DURATIONS, ' a duration');
  return error === undefined ? answer : { ...answer, error };
}

/** Results alone. */
export function withoutRemarks(answer: ApiAnswer): ApiAnswer {
  return { ...answer, warnings: [], infos: [] };
}

/** Warnings like this gone. */
export function withoutWarnings(answer: ApiAnswer, remark: RegExp): ApiAnswer {
  return { ...answer, warnings: (answer.warnings ?? []).filter((text) => !remark.test(text)) };
}

/** Warnings like this gone that `other` does not have. */
export function withoutOwnWarnings(
  answer: ApiAnswer,
  remark: RegExp,
  { warnings: others = [] }: ApiAnswer,
): ApiAnswer {
  const isKept = (text: string): boolean => others.includes(text) || !remark.test(text);
  return { ...answer, warnings: (answer.warnings ?? []).filter(isKept) };
}

/** Every remark changed; those that have become equal are one. */
export function withRemarks(answer: ApiAnswer, change: (remark: string) => string): ApiAnswer {
  const changed = (remarks: readonly string[] = []): string[] => [...new Set(remarks.map(change))];
  return { ...answer, warnings: changed(answer.warnings), infos: changed(answer.infos) };
}

const ON_BUCKETS =
  /^PromQL (warning: (bucket label|vector contains a mix of classic)|info: input to histogram_quantile)/;

/** A remark on buckets without the metric that it names. */
export function unnamed(remark: string): string {
  return ON_BUCKETS.test(remark) ? remark.replace(/ for metric name ".*?"/, '') : remark;
}

/** A remark on monotonicity without its figures. */
export function undetailed(remark: string): string {
  return remark.replace(/, from buckets \S+ to \S+, with a max diff of .* (?=\(\d+:\d+\)$)/, ' ');
}

/** A remark on monotonicity without the number of samples. */
export function uncounted(remark: string): string {
  return remark.startsWith('PromQL info: input to histogram_quantile needed to be fixed')
    ? remark.replace(/over -?\d+ samples/, 'over some samples')
    : remark;
}

/** A vector in the order of its labels. */
export function inOrderOfLabels(answer: ApiAnswer): ApiAnswer {
  const { data } = answer;
  if (data?.resultType !== 'vector') return answer;
  const byLabels = [...data.result].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return { ...answer, data: { ...data, result: byLabels } };
}

/** An error about matching with the two series it names in order. */
export function inOrder(error: string | undefined): { readonly error?: string } {
  const parts = /^(found duplicate series .*?: \[)(\{.*\}), (\{.*\})(\];.*)$/.exec(error ?? '');
  if (parts === null) return {};
  const [, before, a, b, after] = parts as unknown as [string, string, string, string, string];
  return { error: before + [a, b].sort().join(', ') + after };
}

/** Every histogram changed. */
export function withHistograms(
  answer: ApiAnswer,
  change: (histogram: HistogramJson) => HistogramJson,
): ApiAnswer {
  const { data } = answer;
  if (data?.resultType !== 'vector' && data?.resultType !== 'matrix') return answer;
  const result = data.result.map(({ metric, value, values, histogram, histograms }) => ({
    metric,
    ...(value && { value }),
    ...(values && { values }),
    ...(histogram && { histogram: [histogram[0], change(histogram[1])] as const }),
    ...(histograms && { histograms: histograms.map(([t, h]) => [t, change(h)] as const) }),
  }));
  return { ...answer, data: { ...data, result } };
}

/** Everything divided by the count of observations. */
export function asShares({ count, sum, buckets = [] }: HistogramJson): HistogramJson {
  const total = Number(count);
  if (total === 0) return { count, sum, buckets };
  const share = (text: string): string => String(Number(text) / total);
  return {
    count: '1',
    sum: share(sum),
    buckets: buckets.map(([bounds, lower, upper, n]) => [bounds, lower, upper, share(n)]),
  };
}

/** `answer` with NaN wherever `other` has it. */
export function withNaNsOf(answer: ApiAnswer, other: ApiAnswer): ApiAnswer {
  const nans = new Set<string>();
  eachValue(other, (key, value) => {
    if (value === 'NaN') nans.add(key);
    return value;
  });
  return eachValue(answer, (key, value) => (nans.has(key) ? 'NaN' : value));
}

/** Changes every float of series; the key says of which series and when. */
function eachValue(answer: ApiAnswer, change: (key: string, value: string) => string): ApiAnswer {
  const { data } = answer;
  if (data?.resultType !== 'vector' && data?.resultType !== 'matrix') return answer;
  const result = data.result.map((element) => {
    const { value, values } = element;
    const changed = ([t, v]: readonly [number, string]): readonly [number, string] => {
      return [t, change(`${t} ${keyOf(element)}`, v)];
    };
    return {
      ...element,
      ...(value && { value: changed(value) }),
      ...(values && { values: values.map(changed) }),
    };
  });
  return { ...answer, data: { ...data, result } };
}

/** An error about matching without the group and the two series that it came upon first. */
export function unpaired(answer: ApiAnswer): ApiAnswer {
  const error = answer.error?.replace(
    /^(found duplicate series for the match group ).*( on the \w+ hand-side of the operation: )\[.*\];/,
    '$1…$2…;',
  );
  return error === undefined ? answer : { ...answer, error };
}

/** `theirs` with our place of a divisor of 0, if both name one: we when it is computed, they when it is parsed. */
export function withLateDivisor(own: ApiAnswer, theirs: ApiAnswer): ApiAnswer {
  const late = /^invalid parameter "query": \d+:\d+: (division|modulo) by zero$/.exec(
    own.error ?? '',
  );
  const isSame = late !== null && theirs.error?.endsWith(`: parse error: ${late[1]} by zero`);
  return isSame ? { ...theirs, error: own.error! } : theirs;
}
