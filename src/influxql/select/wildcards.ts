// `*`, `*::tag` and regular expressions among fields and in GROUP BY, spread out to the names they mean.

import { compareStrings } from '../../model/labels.ts';
import type { Call, Expression, Field } from '../../protocol/influxql/index.ts';
import { statementFailed } from '../errors.ts';
import { cachedSearch } from '../view/series-filter.ts';
import { nameOf } from './column-names.ts';
import type { AvailableNames } from './prepare.ts';
import type { DataType } from './types.ts';

interface Name {
  readonly name: string;
  readonly type: DataType;
}

const NUMBERS: readonly DataType[] = ['float', 'integer', 'unsigned'];
const OF_ANYTHING: ReadonlySet<string> = new Set([
  'count',
  'first',
  'last',
  'distinct',
  'elapsed',
  'mode',
  'sample',
]);

export function spreadFields(
  fields: readonly Field[],
  available: AvailableNames,
  dimensions: readonly Expression[],
): Field[] {
  if (!fields.some(({ expression }) => hasWildcard(expression))) return [...fields];
  const names = namesOf(available, dimensions);
  return fields.flatMap((field) => {
    const { expression } = field;
    switch (expression.kind) {
      case 'wildcard': {
        const { of } = expression;
        return names
          .filter(({ type }) => of === undefined || (of === 'tag') === (type === 'tag'))
          .map(plainField);
      }
      case 'regexp': {
        const finds = cachedSearch(expression.pattern);
        return names.filter(({ name }) => finds(name)).map(plainField);
      }
      case 'call':
        return spreadCall(field, expression, names);
      default:
        return [field];
    }
  });
}

function plainField({ name, type }: Name): Field {
  return { expression: reference({ name, type }), alias: '' };
}

function reference({ name, type }: Name): Expression {
  return { kind: 'reference', name, type: type === 'unknown' ? undefined : type };
}

/** Fields, and tags unless they are grouped by; none at all without a field. */
function namesOf({ fields, tags }: AvailableNames, dimensions: readonly Expression[]): Name[] {
  const hasWildcardDimension = dimensions.some(isWildcardDimension);
  const names: Name[] = [...fields].map(([name, type]) => ({ name, type }));
  if (names.length > 0 && !hasWildcardDimension) {
    const grouped = new Set(
      dimensions.flatMap((dimension) => (dimension.kind === 'reference' ? [dimension.name] : [])),
    );
    for (const name of tags) if (!grouped.has(name)) names.push({ name, type: 'tag' });
  }
  const rank = (type: DataType): number => (type === 'tag' ? 1 : 0);
  return names.sort((a, b) => compareStrings(a.name, b.name) || rank(a.type) - rank(b.type));
}

/** `mean(*)` becomes `mean_<field>` for each field that the function takes. */
function spreadCall(field: Field, call: Call, names: readonly Name[]): Field[] {
  const inner = innermostCall(call);
  const [arg] = inner.args;
  if (arg?.kind !== 'wildcard' && arg?.kind !== 'regexp') return [field];
  if (arg.kind === 'wildcard' && arg.of === 'tag') {
    throw statementFailed(`unable to use tag wildcard in ${inner.name}()`);
  }
  const finds = arg.kind === 'regexp' ? cachedSearch(arg.pattern) : () => true;
  const types = typesTakenBy(inner.name);
  return names
    .filter(({ name, type }) => types.includes(type) && finds(name))
    .map((name) => ({
      expression: withInnermostArgument(call, reference(name)),
      alias: `${nameOf(field)}_${name.name}`,
    }));
}

function typesTakenBy(name: string): readonly DataType[] {
  if (OF_ANYTHING.has(name)) return [...NUMBERS, 'string', 'boolean'];
  if (name === 'min' || name === 'max') return [...NUMBERS, 'boolean'];
  return NUMBERS;
}

function innermostCall(call: Call): Call {
  const [arg] = call.args;
  return arg?.kind === 'call' ? innermostCall(arg) : call;
}

function withInnermostArgument(call: Call, argument: Expression): Call {
  const [arg, ...rest] = call.args;
  const first = arg?.kind === 'call' ? withInnermostArgument(arg, argument) : argument;
  return { ...call, args: [first, ...rest] };
}

/** Tags of GROUP BY, in the order given, those of a wildcard sorted. */
export function spreadDimensions(
  dimensions: readonly Expression[],
  { tags }: AvailableNames,
): string[] {
  const all = [...tags].sort(compareStrings);
  return dimensions.flatMap((dimension) => {
    switch (dimension.kind) {
      case 'reference':
        return [dimension.name];
      case 'wildcard':
        return all;
      case 'regexp': {
        const finds = cachedSearch(dimension.pattern);
        return all.filter(finds);
      }
      default:
        return [];
    }
  });
}

function isWildcardDimension({ kind }: Expression): boolean {
  return kind === 'wildcard' || kind === 'regexp';
}

function hasWildcard(expression: Expression): boolean {
  switch (expression.kind) {
    case 'wildcard':
    case 'regexp':
      return true;
    case 'call':
      return hasWildcard(innermostCall(expression).args[0] ?? expression.args[0] ?? NOTHING);
    default:
      return false;
  }
}

const NOTHING: Expression = { kind: 'nil' };
