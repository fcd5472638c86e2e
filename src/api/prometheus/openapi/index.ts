// /api/v1/openapi.yaml: the API described for programs.

import type { ApiContext } from '../../context.ts';
import { type Endpoint, readPaths } from '../../routes.ts';
import {
  type Method,
  OPERATIONS,
  type Operation,
  PARAMETERS,
  type Parameter,
} from './operations.ts';
import { toYaml, type YamlValue } from './yaml.ts';

const FORM = 'application/x-www-form-urlencoded';

export function openApiEndpoint({ settings, version }: ApiContext): Endpoint {
  let document: string | undefined;
  return {
    methods: ['GET'],
    paths: readPaths('/api/v1/openapi.yaml'),
    access: 'known',
    errorShape: 'prometheus',
    handle: async (_request, reply) => {
      document ??= openApiDocument(`${settings['web.route-prefix']}/api/v1`, version);
      reply.header('Content-Type', 'application/yaml; charset=utf-8');
      return reply.send(document);
    },
  };
}

/** The whole document; `url` is where the paths begin. */
export function openApiDocument(url: string, version: string): string {
  return toYaml({
    openapi: '3.1.0',
    info: {
      title: 'Tidemark API',
      version,
      description: "Prometheus' HTTP API and what Tidemark adds to it.",
    },
    servers: [{ url }],
    paths: Object.fromEntries(OPERATIONS.map((operation) => [operation.path, pathOf(operation)])),
    components: { schemas: SCHEMAS },
  });
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

function pathOf(operation: Operation): YamlValue {
  return Object.fromEntries(
    operation.methods.map((method) => [method, operationOf(operation, method)]),
  );
}

function operationOf({ path, summary, parameters, answer }: Operation, method: Method): YamlValue {
  const words = path.split(/[^A-Za-z]+/).filter((word) => word !== '');
  const given = parameters.map((text) => {
    const name = text.replace('!', '');
    return { name, isRequired: text.endsWith('!'), isInPath: path.includes(`{${name}}`) };
  });
  const isForm = method === 'post' && given.some(({ isInPath }) => !isInPath);
  return {
    operationId: [method, ...words].join('-'),
    summary,
    parameters: given
      .filter(({ isInPath }) => isInPath || !isForm)
      .map(({ name, isRequired, isInPath }) => ({
        name,
        in: isInPath ? 'path' : 'query',
        required: isRequired,
        description: PARAMETERS[name]!.description,
        schema: schemaOf(PARAMETERS[name]!),
      })),
    ...(isForm ? { requestBody: { content: { [FORM]: { schema: formOf(given) } } } } : {}),
    responses: {
      ...successOf(answer),
      default: {
        description: 'Failure.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  };
}

function formOf(
  given: readonly {
    readonly name: string;
    readonly isRequired: boolean;
    readonly isInPath: boolean;
  }[],
): YamlValue {
  const inBody = given.filter(({ isInPath }) => !isInPath);
  const required = inBody.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  const properties = inBody.map(({ name }): [string, YamlValue] => {
    const { description } = PARAMETERS[name]!;
    return [name, { ...(schemaOf(PARAMETERS[name]!) as object), description }];
  });
  return { type: 'object', required, properties: Object.fromEntries(properties) };
}

function schemaOf({ type }: Parameter): YamlValue {
  switch (type) {
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

function successOf(answer = 'application/json'): { readonly [status: string]: YamlValue } {
  if (answer === '') return { '204': { description: 'Done.' } };
  const isEnvelope = answer === 'application/json';
  const schema = isEnvelope ? { $ref: '#/components/schemas/Success' } : { type: 'string' };
  return { '200': { description: 'Success.', content: { [answer]: { schema } } } };
}
