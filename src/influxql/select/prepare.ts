// A checked SELECT joined with what is there: which measurements and fields it reads, wildcards spread out,
// names typed, columns named.

import { compareStrings } from '../../model/labels.ts';
import type {
  CheckedSelect,
  Expression,
  Field,
  Measurement,
} from '../../protocol/influxql/index.ts';
import type { Querier } from '../../storage/interface.ts';
import { type FieldSource, labelOfTag } from '../view/fields.ts';
import { columnNames, nameOf } from './column-names.ts';
import { mapReferences, references } from './references.ts';
import { type DataType, stronger, typeOf } from './types.ts';
import { spreadDimensions, spreadFields } from './wildcards.ts';

/** One measurement with what it may be asked for. */
export interface MeasurementSource {
  readonly kind: 'measurement';
  readonly name: string;
  readonly querier: Querier;
  readonly fields: readonly FieldSource[];
  /** Undefined where nobody had to know. */
  readonly tagKeys: ReadonlySet<string> | undefined;
}

export interface PreparedSelect {
  readonly kind: 'select';
  readonly select: CheckedSelect;
  readonly sources: readonly (MeasurementSource | PreparedSelect)[];
  /** Without `time`. */
  readonly fields: readonly Field[];
  /** `time` included. */
  readonly columns: readonly string[];
  readonly dimensions: readonly string[];
  readonly condition: Expression | undefined;
  /** Type of a field of a source, or of what a subquery calls so. */
  readonly lookup: (name: string) => DataType;
}

/** Where measurements of a FROM are found. */
export interface SourceResolver {
  /**
   * The measurements that a source means, in order. `isDetailed`: only fields with samples, and with the keys
   * of their tags.
   */
  resolve(source: Measurement, isDetailed: boolean): Promise<readonly MeasurementSource[]>;
}

/** Throws INFLUXQL_FAILED. */
export async function prepareSelect(
  select: CheckedSelect,
  resolver: SourceResolver,
  isNested: boolean = false,
): Promise<PreparedSelect> {
  // What is a tag, a query around this one has to know.
  const isDetailed = needsDetails(select) || (isNested && select.hasPlainFields);
  const sources: (MeasurementSource | PreparedSelect)[] = [];
  for (const source of select.sources) {
    if (source.kind === 'subquery')
      sources.push(await prepareSelect(source.select, resolver, true));
    else sources.push(...(await resolver.resolve(source, isDetailed)));
  }
  const lookup = (name: string): DataType => {
    let type: DataType = 'unknown';
    for (const source of sources) type = stronger(type, typeIn(source, name));
    return type;
  };
  const typed = (expression: Expression): Expression =>
    mapReferences(expression, (reference) => {
      if (reference.type !== undefined && reference.type !== 'field') return reference;
      const type = lookup(reference.name);
      if (type === 'unknown' || type === 'field') return reference;
      return type === 'tag' && reference.type === 'field' ? reference : { ...reference, type };
    });
  const available = availableNames(sources);
  const grouped = select.dimensions;
  const fields = spreadFields(
    select.fields.map(({ expression, alias }) => ({ expression: typed(expression), alias })),
    available,
    grouped,
  );
  for (const { expression } of fields) typeOf(expression, lookup);
  const dimensions = spreadDimensions(grouped, available);
  return {
    kind: 'select',
    select,
    sources,
    fields,
    columns: columnNames(fields, select.timeColumn),
    dimensions,
    condition: select.condition === undefined ? undefined : typed(select.condition),
    lookup,
  };
}

/** Names that wildcards stand for, with their types. */
export interface AvailableNames {
  readonly fields: ReadonlyMap<string, DataType>;
  readonly tags: ReadonlySet<string>;
}

function availableNames(sources: readonly (MeasurementSource | PreparedSelect)[]): AvailableNames {
  const fields = new Map<string, DataType>();
  const tags = new Set<string>();
  const add = (name: string, type: DataType): void => {
    fields.set(name, stronger(fields.get(name) ?? 'unknown', type));
  };
  for (const source of sources) {
    if (source.kind === 'measurement') {
      for (const { field, type } of source.fields) add(field, type);
      for (const key of source.tagKeys ?? []) tags.add(key);
    } else {
      for (const field of source.fields)
        add(nameOf(field), typeOf(field.expression, source.lookup));
      for (const name of source.dimensions) tags.add(name);
    }
  }
  return { fields, tags };
}

function typeIn(source: MeasurementSource | PreparedSelect, name: string): DataType {
  if (source.kind === 'measurement') {
    let type: DataType = 'unknown';
    for (const one of source.fields) if (one.field === name) type = stronger(type, one.type);
    if (type === 'unknown' && source.tagKeys?.has(name) === true) return 'tag';
    return type;
  }
  const field = source.fields.find((one) => nameOf(one) === name);
  const type = field === undefined ? 'unknown' : typeOf(field.expression, source.lookup);
  return type === 'unknown' && source.dimensions.includes(name) ? 'tag' : type;
}

/** Wildcards, and fields that may be tags, ask for more than names say. */
function needsDetails({ fields, dimensions }: CheckedSelect): boolean {
  if (dimensions.some(({ kind }) => kind === 'wildcard' || kind === 'regexp')) return true;
  return fields.some(({ expression }) => {
    if (expression.kind === 'wildcard' || expression.kind === 'regexp') return true;
    const found = references(expression);
    return found.hasWildcard || (found.names.length > 1 && expression.kind === 'binary');
  });
}

/** Keys of tags that series of these sources have. */
export async function tagKeysOf(
  querier: Querier,
  sources: readonly FieldSource[],
): Promise<Set<string>> {
  const keys = new Set<string>();
  for (const source of sources) {
    for (const name of await querier.labelNames([source.matchers])) {
      const isShown = labelOfTag(name, source) !== undefined || name === 'time';
      if (isShown) keys.add(name === 'time' ? 'time_1' : name);
    }
  }
  return new Set([...keys].sort(compareStrings));
}
