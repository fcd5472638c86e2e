// Kinds of values that a setting can have: how each is written, read and printed. Every source
// (flag, variable, YAML) hands values over as texts, so that all three accept the same.

import { parseDuration, printDuration } from '../model/duration.ts';
import { compareStrings, type Labels, normalizeLabels } from '../model/labels.ts';
import { parseSize, printSize } from '../model/size.ts';

export interface ValueType<T> {
  /** Stands for the value in help texts. */
  readonly placeholder: string;
  /** Completes "expected …, got …". */
  readonly expects: string;
  /** True for lists and maps: flags repeat, variables hold commas, YAML holds a sequence or map. */
  readonly isList: boolean;
  /** The value of the given texts (exactly one unless a list); undefined if they make none. */
  parse(texts: readonly string[]): T | undefined;
  /** As it could be written in a flag. */
  print(value: T): string;
}

function scalar<T>(
  placeholder: string,
  expects: string,
  parse: (text: string) => T | undefined,
  print: (value: T) => string,
): ValueType<T> {
  return { placeholder, expects, isList: false, parse: (texts) => parse(texts[0]!), print };
}

export const pathType: ValueType<string> = scalar(
  'DIR',
  'a path',
  (text) => (text === '' || text.includes('\0') ? undefined : text),
  (value) => value,
);

/** What stands between two parts of a name; may be empty. */
export const separatorType: ValueType<string> = scalar(
  'TEXT',
  'up to 16 characters',
  (text) => (text.length <= 16 ? text : undefined),
  (value) => value,
);

/** A version such as clients compare. */
export const versionType: ValueType<string> = scalar(
  'VERSION',
  'a version such as 1.8.10',
  (text) => (/^\d+\.\d+[\w.~+-]*$/.test(text) ? text : undefined),
  (value) => value,
);

export const durationType: ValueType<number> = scalar(
  'DURATION',
  'a duration such as 90s, 12h or 400d',
  parseDuration,
  printDuration,
);

export const sizeType: ValueType<number> = scalar(
  'SIZE',
  'a size such as 512KiB, 32MiB or 4096',
  parseSize,
  printSize,
);

export const countType: ValueType<number> = scalar(
  'NUMBER',
  'a whole number',
  (text) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined),
  String,
);

export const booleanType: ValueType<boolean> = scalar(
  'true|false',
  'true or false',
  (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
  String,
);

/** One of some fixed words. */
export function choiceType<const T extends string>(choices: readonly T[]): ValueType<T> {
  return scalar<T>(
    choices.join('|'),
    `one of ${choices.join(', ')}`,
    (text) => choices.find((choice) => choice === text),
    (value) => value,
  );
}

/** A path below which all routes live: '' or `/a/b`, without a slash at the end. */
export const routePrefixType: ValueType<string> = scalar(
  'PATH',
  "a path such as /tidemark, of letters, digits and any of '-._~/'",
  (text) => {
    const path = text.replace(/\/+$/, '');
    return path === '' || /^(\/[A-Za-z0-9._~-]+)+$/.test(path) ? path : undefined;
  },
  (value) => value,
);

/** Without a slash at the end; '' for none. */
export const urlType: ValueType<string> = scalar(
  'URL',
  'a URL such as https://metrics.example.org/tidemark',
  (text) => {
    if (text === '') return text;
    if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return undefined;
    const { origin, pathname, search, hash, username } = new URL(text);
    const isPlain = search === '' && hash === '' && username === '';
    return isPlain ? `${origin}${pathname}`.replace(/\/+$/, '') : undefined;
  },
  (value) => value,
);

export const originsType: ValueType<readonly string[]> = {
  placeholder: 'ORIGIN',
  expects: "'*' or an origin such as https://grafana.example.org",
  isList: true,
  parse: (texts) => all(texts.map((text) => (isOrigin(text) ? text : undefined))),
  print: (origins) => origins.join(','),
};

function isOrigin(text: string): boolean {
  return text === '*' || (URL.canParse(text) && new URL(text).origin === text);
}

/** What Prometheus calls its experimental features, as far as they concern a store. */
export const FEATURES = [
  'otlp-deltatocumulative',
  'otlp-native-delta-ingestion',
  'promql-binop-fill-modifiers',
  'promql-delayed-name-removal',
  'promql-duration-expr',
  'promql-experimental-functions',
  'promql-extended-range-selectors',
  'promql-per-step-stats',
  'search-api',
  'type-and-unit-labels',
  'use-start-timestamps',
] as const;
export type Feature = (typeof FEATURES)[number];

export const featuresType: ValueType<readonly Feature[]> = {
  placeholder: 'FEATURE',
  expects: `one of ${FEATURES.join(', ')}`,
  isList: true,
  // Prometheus takes several in one flag as well.
  parse: (texts) =>
    all(
      texts
        .flatMap((text) => text.split(','))
        .map((text) => FEATURES.find((feature) => feature === text.trim())),
    ),
  print: (features) => features.join(','),
};

/** Names of somebody else's making, such as of attributes; several may be in one flag. */
export const namesType: ValueType<readonly string[]> = {
  placeholder: 'NAME',
  expects: 'a name such as k8s.pod.name',
  isList: true,
  parse: (texts) => {
    const names = texts.flatMap((text) => text.split(',')).map((text) => text.trim());
    return names.every((name) => name !== '') ? names : undefined;
  },
  print: (names) => names.join(','),
};

export const labelMapType: ValueType<Labels> = {
  placeholder: 'NAME=VALUE',
  expects: 'label names and values such as region=eu',
  isList: true,
  parse: (texts) => {
    const labels = all(texts.map(parseLabel));
    if (labels === undefined) return undefined;
    const names = labels.map(({ name }) => name).sort(compareStrings);
    const repeated = names.some((name, i) => name === names[i + 1]);
    return repeated ? undefined : normalizeLabels(labels);
  },
  print: (labels) => labels.map(({ name, value }) => `${name}=${value}`).join(','),
};

function parseLabel(text: string): { name: string; value: string } | undefined {
  const equals = text.indexOf('=');
  if (equals < 1) return undefined;
  return { name: text.slice(0, equals), value: text.slice(equals + 1) };
}

function all<T>(values: readonly (T | undefined)[]): T[] | undefined {
  return values.every((value) => value !== undefined) ? (values as T[]) : undefined;
}
