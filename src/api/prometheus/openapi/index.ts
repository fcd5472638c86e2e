// /api/v1/openapi.yaml: the API described for programs.

import type { ApiContext } from '../../context.ts';
import { type Endpoint, readPaths } from '../../routes.ts';
import type { Answer, Method, Operation } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import { PARAMETERS, type Parameter } from './parameters.ts';
import { toYaml, type YamlValue } from './yaml.ts';

const FORM_TYPE = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const TEXT: YamlValue = { type: 'string' };

export function openApiEndpoint({ settings, version }: ApiContext): Endpoint {
  let document: string | undefined;
  return {
    methods: ['GET'],
    paths: readPaths('/api/v1/openapi.yaml'),
    access: 'known',
    errorShape: 'prometheus',
    handle: async (_request, reply) => {
      document ??= openApiDocument(settings['web.route-prefix'], version);
      reply.header('Content-Type', 'application/yaml; charset=utf-8');
      return reply.send(document);
    },
  };
}

const DESCRIPTION = `Prometheus' HTTP API and what Tidemark adds to it.

Paths for reading are there below /prometheus and /select/{tenant}/prometheus, too, and those for writing below
/prometheus and /insert/{tenant}/prometheus, where a tenant is a database. Elsewhere the parameter db names the
database, or else the header X-Scope-OrgID.`;

/** The whole document; paths begin with `prefix`. */
export function openApiDocument(prefix: string, version: string): string {
  return toYaml({
    openapi: '3.1.0',
    info: { title: 'Tidemark API', version, description: DESCRIPTION },
    servers: [{ url: prefix === '' ? '/' : prefix }],
    paths: pathsOf(OPERATIONS),
    components: { schemas: SCHEMAS },
  });
}

function pathsOf(operations: readonly Operation[]): YamlValue {
  const paths: Record<string, Record<string, YamlValue>> = {};
  for (const operation of operations) {
    for (const path of [operation.path, ...operation.aliases]) {
      paths[path] ??= {};
      for (const method of operation.methods) {
        paths[path][method] = describe(operation, path, method);
      }
    }
  }
  return paths;
}

const SCHEMAS: YamlValue = {
  Success: {
    type: 'object',
    required: ['status'],
    properties: {
      status: { type: 'string', enum: ['success'] },
      data: {},
      warnings: { type: 'array', items: { type: 'string' } },
      infos: { type: 'array', items: { type: 'string' } },
    },
  },
  Error: {
    type: 'object',
    required: ['status', 'errorType', 'error'],
    properties: {
      status: { type: 'string', enum: ['error'] },
      errorType: { type: 'string' },
      error: { type: 'string' },
    },
  },
};

interface Given {
  readonly name: string;
  readonly isRequired: boolean;
  readonly parameter: Parameter;
}

function describe(operation: Operation, path: string, method: Method): YamlValue {
  const { summary, parameters, body, answer } = operation;
  const given = parameters.map((text): Given => {
    const name = text.replace('!', '');
    return { name, isRequired: text.endsWith('!'), parameter: PARAMETERS[name]! };
  });
  const inPath = given.filter(({ name }) => path.includes(`{${name}}`));
  const others = given.filter((one) => !inPath.includes(one));
  const isInBody = body === 'json' || (body === 'form' && method === 'post');
  const media = typeof body === 'object' ? body.media : body === 'json' ? JSON_TYPE : FORM_TYPE;
  const schema = isInBody ? objectOf(others) : TEXT;
  const hasBody = isInBody ? others.length > 0 : typeof body === 'object';
  return {
    operationId: `${method}${path.replaceAll(/\W+/g, '-')}`.replace(/-$/, ''),
    summary,
    parameters: [
      ...inPath.map((one) => placed(one, 'path')),
      ...(isInBody ? [] : others.map((one) => placed(one, 'query'))),
    ],
    ...(hasBody ? { requestBody: { content: { [media]: { schema } } } } : {}),
    responses: {
      ...successOf(answer),
      default: {
        description: 'Failure.',
        content: { [JSON_TYPE]: { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  };
}

function placed({ name, isRequired, parameter }: Given, place: 'path' | 'query'): YamlValue {
  return {
    name,
    in: place,
    required: isRequired,
    description: parameter.description,
    schema: schemaOf(parameter),
  };
}

function objectOf(members: readonly Given[]): YamlValue {
  const properties = members.map(({ name, parameter }): [string, YamlValue] => {
    return [name, { ...(schemaOf(parameter) as object), description: parameter.description }];
  });
  return {
    type: 'object',
    required: members.filter(({ isRequired }) => isRequired).map(({ name }) => name),
    properties: Object.fromEntries(properties),
  };
}

function schemaOf({ type }: Parameter): YamlValue {
  switch (type) {
    case 'texts':
      return { type: 'object', additionalProperties: TEXT };
    case 'list':
      return { type: 'array', items: { type: 'string' } };
    case 'time':
      return { type: 'string', examples: ['1752700800.5', '2025-07-16T21:20:00Z'] };
    case 'duration':
      return { type: 'string', examples: ['15', '1h30m'] };
    default:
      return { type };
  }
}

function successOf(answer: Answer): { readonly [status: string]: YamlValue } {
  if (answer === 'nothing') return { '204': { description: 'Done.' } };
  if (typeof answer === 'object') {
    return { '200': { description: 'Success.', content: { [answer.media]: { schema: TEXT } } } };
  }
  const schema = { $ref: '#/components/schemas/Success' };
  const status = answer === 'made' ? '201' : '200';
  return { [status]: { description: 'Success.', content: { [JSON_TYPE]: { schema } } } };
}
