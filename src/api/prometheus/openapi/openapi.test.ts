import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { openApiDocument } from './index.ts';
import { OPERATIONS } from './operations.ts';
import { PARAMETERS } from './parameters.ts';
import { toYaml, type YamlValue } from './yaml.ts';

test.each<[name: string, value: YamlValue]>([
  ['texts that look like something else', { a: 'yes', b: '1', c: '', d: 'x: y # z', e: 'null' }],
  ['odd keys', { '200': 1, 'a b': 2, '/query': 3, 'application/json': 4, 'match[]': 5, $ref: 6 }],
  ['nested lists and maps', { a: [{ b: [1, [2, 3]], c: { d: true } }, 'x', []], e: {} }],
  ['a list at the top', [{ a: 1, b: 2 }, [3]]],
])('yaml: %s', (_name, value) => {
  expect(parse(toYaml(value))).toEqual(value);
});

test('every parameter that an operation names is described, and none else', () => {
  const used = new Set(
    OPERATIONS.flatMap(({ parameters }) => parameters.map((name) => name.replace('!', ''))),
  );
  expect([...used].sort()).toEqual(Object.keys(PARAMETERS).sort());
});

test('parameters in a path are those that the operation names, and must be there', () => {
  for (const { path, parameters } of OPERATIONS) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => `${name!}!`);
    expect([path, parameters]).toEqual([path, expect.arrayContaining(inPath)]);
  }
});

interface Described {
  readonly servers: unknown;
  readonly paths: Record<string, Record<string, { operationId: string }>>;
}

test('operations have names of their own; paths begin at the prefix', () => {
  const document = parse(openApiDocument('/tm', '1.2.3')) as Described;
  expect(document.servers).toEqual([{ url: '/tm' }]);
  const ids = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  );
  expect(ids).toContain('get-api-v1-label-name-values');
  expect(new Set(ids).size).toBe(ids.length);
});

test('parameters are in the URL, in a form, in a JSON object, or beside a body', () => {
  const { paths } = parse(openApiDocument('', '1.2.3')) as Described;
  const inUrl = (name: string, required: boolean): unknown => {
    return { parameters: expect.arrayContaining([expect.objectContaining({ name, required })]) };
  };
  const inBody = (media: string, required: string[]): unknown => {
    return {
      parameters: expect.not.arrayContaining([expect.objectContaining({ in: 'query' })]),
      requestBody: { content: { [media]: { schema: { required } } } },
    };
  };
  const form = 'application/x-www-form-urlencoded';
  expect(paths['/api/v1/query_range']).toMatchObject({
    get: inUrl('step', true),
    post: inBody(form, ['start', 'end', 'step', 'query']),
  });
  expect(paths['/api/v1/admin/users']).toMatchObject({
    post: inBody('application/json', ['name']),
  });
  expect(paths['/write']).toMatchObject({
    post: { ...(inUrl('db', true) as object), requestBody: { content: { 'text/plain': {} } } },
  });
  expect(paths['/api/v1/admin/keys/{id}']!.delete).toMatchObject({
    ...(inUrl('id', true) as object),
    responses: { 204: {} },
  });
});
