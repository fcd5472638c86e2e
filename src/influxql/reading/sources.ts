// Measurements of a FROM on the thread that reads them: each has its own opened database.

import type { CheckedSelect, Measurement } from '../../protocol/influxql/index.ts';
import { type MeasurementSource, type SourceResolver, tagKeysOf } from '../select/prepare.ts';
import { existingFields, type FieldSource, fieldSources } from '../view/fields.ts';
import type { ReadScope } from '../view/index-view.ts';
import { cachedSearch } from '../view/series-filter.ts';
import type { ReadContext } from './context.ts';
import { measurementsOf } from './read-job.ts';

export class JobSources implements SourceResolver {
  readonly #scopes = new Map<Measurement, ReadScope>();
  readonly #breathe: () => Promise<void>;

  constructor(checked: CheckedSelect, { scopes, breathe }: ReadContext) {
    this.#breathe = breathe;
    for (const [source] of measurementsOf(checked)) {
      this.#scopes.set(source, scopes[this.#scopes.size]!);
    }
  }

  async resolve(source: Measurement, isDetailed: boolean): Promise<MeasurementSource[]> {
    const { querier, fields: table } = this.#scopes.get(source)!;
    const { name, regexp } = source;
    if (regexp === undefined && !isDetailed) {
      const fields = fieldSources(table, name);
      return [{ kind: 'measurement', name, querier, fields, tagKeys: undefined }];
    }
    const one = regexp === undefined ? name : undefined;
    const existing = await existingFields(querier, table, this.#breathe, one);
    const found: MeasurementSource[] = [];
    for (const each of matchingNames(source, existing)) {
      const fields = existing.get(each) ?? [];
      const tagKeys = isDetailed ? await tagKeysOf(querier, fields) : undefined;
      found.push({ kind: 'measurement', name: each, querier, fields, tagKeys });
    }
    return found;
  }
}

function matchingNames(
  { name, regexp }: Measurement,
  existing: ReadonlyMap<string, readonly FieldSource[]>,
): string[] {
  if (regexp === undefined) return [name];
  const finds = cachedSearch(regexp.pattern);
  return [...existing.keys()].filter(finds);
}
