import { expect, test } from 'vitest';
import { MemoryStorage } from '../../storage/memory-store.ts';
import { FieldRegistry } from '../catalog/field-registry.ts';
import type { FieldOrigin } from '../catalog/field-table.ts';
import { FieldTable } from '../catalog/field-table.ts';
import { type FieldDocument, tableOf } from './read-job.ts';

function field(
  measurement: string,
  name: string,
): Pick<FieldOrigin, 'measurement' | 'field' | 'type'> {
  return { measurement, field: name, type: 'float' };
}

function documentOf({ id, version, document }: FieldRegistry): FieldDocument {
  return { registry: id, version, text: document };
}

test('a thread keeps the fields of a registry until they change', async () => {
  const storage = new MemoryStorage();
  const [one, two] = [0, 1].map(() => new FieldRegistry(storage.database('default')!));
  await one!.register([field('m', 'ä'), field('m', 'b')]);
  const first = tableOf(documentOf(one!));
  expect(first.all()).toEqual(one!.table.all());
  tableOf(documentOf(two!));
  expect(tableOf(documentOf(one!))).toBe(first);
  await one!.register([field('n', 'c')]);
  expect(first.find('n', 'c')).toBeUndefined();
  expect(tableOf(documentOf(one!)).find('n', 'c')).toMatchObject({ metric: 'n_c' });
  await one!.forget('n');
  expect(tableOf(documentOf(one!)).find('n', 'c')).toBeUndefined();
});

test('what is told of one measurement is enough to know its series', async () => {
  const registry = new FieldRegistry(new MemoryStorage().database('default')!);
  await registry.register([
    field('a', 'b_c'),
    field('a_b', 'c'),
    field('a_b_c', 'value'),
    field('other', 'x'),
  ]);
  for (const measurement of ['a', 'a_b', 'a_b_c', 'nosuch']) {
    const some = new FieldTable(tableOf(registry.table.around(measurement)).all());
    expect([...some.ofMeasurement(measurement)]).toEqual([
      ...registry.table.ofMeasurement(measurement),
    ]);
    for (const metric of [measurement, 'a_b_c']) {
      if (metric === 'a_b_c' && measurement === 'nosuch') continue;
      expect(some.ofMetric(metric)).toHaveLength(registry.table.ofMetric(metric).length);
    }
  }
  expect(registry.table.around('a').map(({ measurement }) => measurement)).not.toContain('other');
});
