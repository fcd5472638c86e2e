import { expect, test } from 'vitest';
import type { FieldNaming } from '../../model/field-naming.ts';
import { labelsFromObject } from '../../model/labels.ts';
import { floatColumns } from '../../model/sample.ts';
import type { Database } from '../../storage/interface.ts';
import { MemoryStorage } from '../../storage/memory-store.ts';
import { FieldRegistry } from './field-registry.ts';

function database(): Database {
  return new MemoryStorage().database('default')!;
}

test('fields keep their first type and outlive the registry', async () => {
  const store = database();
  const registry = new FieldRegistry(store);
  await registry.register([
    { measurement: 'cpu', field: 'value', type: 'float' },
    { measurement: 'cpu', field: 'idle', type: 'integer' },
    { measurement: 'cpu', field: 'text', type: 'string' },
  ]);
  await registry.register([{ measurement: 'cpu', field: 'idle', type: 'float' }]);
  for (const one of [registry, new FieldRegistry(store)]) {
    expect([...one.table.ofMeasurement('cpu')]).toEqual([
      { measurement: 'cpu', field: 'value', type: 'float', metric: 'cpu', marker: '' },
      { measurement: 'cpu', field: 'idle', type: 'integer', metric: 'cpu_idle', marker: '' },
      { measurement: 'cpu', field: 'text', type: 'string', metric: '', marker: '' },
    ]);
  }
  await registry.forget('cpu');
  expect([...new FieldRegistry(store).table.ofMeasurement('cpu')]).toEqual([]);
});

test('who comes second to a metric name is marked', async () => {
  const store = database();
  const samples = floatColumns(Float64Array.of(Date.now()), Float64Array.of(1));
  const labels = labelsFromObject({ __name__: 'taken_by_prometheus' });
  const series = [{ labels, samples, exemplars: [] }];
  await store.write({ series, metadata: [], rejections: [] });
  const registry = new FieldRegistry(store);
  await Promise.all([
    registry.register([{ measurement: 'a', field: 'b_c', type: 'float' }]),
    registry.register([{ measurement: 'a_b', field: 'c', type: 'float' }]),
    registry.register([{ measurement: 'taken', field: 'by_prometheus', type: 'float' }]),
  ]);
  expect(registry.find('a', 'b_c')).toMatchObject({ metric: 'a_b_c', marker: '' });
  expect(registry.find('a_b', 'c')).toMatchObject({ metric: 'a_b_c', marker: 'a_b.c' });
  expect(registry.find('taken', 'by_prometheus')?.marker).toBe('taken.by_prometheus');
});

test('a field that cannot be kept is not known', async () => {
  const store = Object.assign(database(), {
    putDocument: async () => {
      throw new Error('disk full');
    },
  });
  const registry = new FieldRegistry(store);
  const field = { measurement: 'm', field: 'f', type: 'float' } as const;
  await expect(registry.register([field])).rejects.toThrow('disk full');
  expect(registry.find('m', 'f')).toBeUndefined();
  expect(registry.table.ofMetric('m_f')).toEqual([]);
});

test('the naming is asked for when a field is new', async () => {
  const store = database();
  let naming: FieldNaming = 'always-suffix';
  const registry = new FieldRegistry(store, () => naming);
  await registry.register([{ measurement: 'm', field: 'value', type: 'float' }]);
  naming = 'value-as-name';
  await registry.register([
    { measurement: 'm', field: 'value', type: 'float' },
    { measurement: 'n', field: 'value', type: 'float' },
    { measurement: 'm_value', field: 'value', type: 'float' },
  ]);
  expect(registry.find('m', 'value')).toMatchObject({ metric: 'm_value', marker: '' });
  expect(registry.find('n', 'value')).toMatchObject({ metric: 'n', marker: '' });
  expect(registry.find('m_value', 'value')?.marker).toBe('m_value.value');
});
