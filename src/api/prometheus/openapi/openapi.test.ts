import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { openApiDocument } from './index.ts';
import { OPERATIONS, PARAMETERS } from './operations.ts';
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

test('operations have names of their own; paths begin at the prefix', () => {
  const document = parse(openApiDocument('/tm/api/v1', '1.2.3')) as {
    servers: unknown;
    paths: Record<string, Record<string, { operationId: string }>>;
  };
  expect(document.servers).toEqual([{ url: '/tm/api/v1' }]);
  const ids = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
  expect(document.paths['/query_range']).toMatchObject({
    get: {
      parameters: expect.arrayContaining([
        expect.objectContaining({ name: 'step', required: true }),
      ]),
    },
    post: {
      requestBody: {
        content: {
          'application/x-www-form-urlencoded': {
            schema: { required: ['start', 'end', 'step', 'query'] },
          },
        },
      },
    },
  });
});
