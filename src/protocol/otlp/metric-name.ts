// Metric names: units and types as suffixes, characters as Prometheus had them before version 3, or neither.

import type { MetricKind } from './model.ts';
import { addsSuffixes, escapesNames, type TranslationStrategy } from './options.ts';
import { plainUnitParts, unitParts } from './unit-name.ts';

export interface NamedMetric {
  readonly name: string;
  readonly unit: string;
  readonly kind: MetricKind;
  readonly isMonotonic: boolean;
}

/** The metric's name in the store; undefined if nothing is left of it. */
export function metricName(metric: NamedMetric, strategy: TranslationStrategy): string | undefined {
  if (metric.name === '') return undefined;
  const suffixes = addsSuffixes(strategy);
  if (!escapesNames(strategy)) return suffixes ? suffixed(metric) : metric.name;
  const name = suffixes ? escapedWithSuffixes(metric) : escaped(metric.name);
  const isLost = name === '' || (name !== metric.name && /^_+$/.test(name));
  return isLost ? undefined : name;
}

function isTotal({ kind, isMonotonic }: NamedMetric): boolean {
  return kind === 'sum' && isMonotonic;
}

/** Only gauges: many senders give the unit 1 to counts of things. */
function isRatio({ kind, unit }: NamedMetric): boolean {
  return kind === 'gauge' && unit === '1';
}

function escaped(name: string): string {
  return startedByLetter(tokens(name, /[^A-Za-z0-9:_]+/u).join('_'));
}

function escapedWithSuffixes(metric: NamedMetric): string {
  const words = tokens(metric.name, /[^A-Za-z0-9:]+/u);
  addUnit(words, metric.unit);
  if (isTotal(metric)) moveToEnd(words, 'total');
  if (isRatio(metric)) moveToEnd(words, 'ratio');
  return startedByLetter(words.join('_'));
}

function tokens(name: string, separator: RegExp): string[] {
  return name.split(separator).filter((token) => token !== '');
}

function addUnit(words: string[], unit: string): void {
  const parts = plainUnitParts(unit);
  const per = parts.per === 'per_' ? '' : withoutEndUnderscore(parts.per);
  const addsPer = per !== '' && !words.includes(per);
  const main = addsPer ? withoutEndUnderscore(parts.main) : parts.main;
  if (main !== '' && !words.includes(parts.main)) words.push(main);
  if (addsPer) words.push(per);
}

function withoutEndUnderscore(part: string): string {
  return part.endsWith('_') ? part.slice(0, -1) : part;
}

function moveToEnd(words: string[], word: string): void {
  const others = words.filter((one) => one !== word);
  words.splice(0, words.length, ...others, word);
}

function startedByLetter(name: string): string {
  return /^[0-9]/.test(name) ? `_${name}` : name;
}

/** The name as it is, with suffixes that are not there yet. */
function suffixed(metric: NamedMetric): string {
  const { main, per } = unitParts(metric.unit);
  let name = metric.name;
  const ends: string[] = [];
  const take = (end: string): void => {
    name = withoutSuffix(name, end);
    ends.unshift(end);
  };
  if (isRatio(metric)) take('ratio');
  if (isTotal(metric)) take('total');
  if (per !== '') take(per);
  if (main !== '' && !name.endsWith(main)) name += `_${main}`;
  return [name, ...ends].join('_');
}

/** Without the suffix and the character before it, which is taken for a separator. */
function withoutSuffix(name: string, suffix: string): string {
  const rest = name.length - suffix.length - 1;
  return name.endsWith(suffix) && rest > 0 ? name.slice(0, rest) : name;
}
