// /api/v1/format_query and /api/v1/parse_query: what is said about the text of a query, without data.

import type { Settings } from '../../config/settings.ts';
import type { Expr } from '../../promql/language/ast.ts';
import { astToJson } from '../../promql/language/ast-json.ts';
import { parserOptions } from '../../promql/language/features.ts';
import { parseExpr } from '../../promql/language/parser.ts';
import { prettyPrint } from '../../promql/language/pretty.ts';
import { queryTooLong } from '../../query/errors.ts';
import type { ApiContext } from '../context.ts';
import { aboutParameter } from '../errors.ts';
import { formParams } from '../requests.ts';
import { sendData } from '../respond.ts';
import { type Endpoint, readPaths } from '../routes.ts';

export function languageEndpoints(context: ApiContext): Endpoint[] {
  const endpoint = (path: string, describe: (expr: Expr) => unknown): Endpoint => ({
    methods: ['GET', 'POST'],
    paths: readPaths(path),
    access: 'known',
    errorShape: 'prometheus',
    handle: async (request, reply) => {
      const params = await formParams(context, request);
      const expr = parseParameter(params.value('query') ?? '', context.settings);
      return sendData(request, reply, describe(expr));
    },
  });
  return [
    endpoint('/api/v1/format_query', prettyPrint),
    endpoint('/api/v1/parse_query', astToJson),
  ];
}

function parseParameter(text: string, settings: Settings): Expr {
  try {
    return parseQuery(text, settings);
  } catch (error) {
    throw aboutParameter('query', error);
  }
}

/** Parses with the features that are on. Throws `bad_data`. */
export function parseQuery(text: string, settings: Settings): Expr {
  const maxBytes = settings['query.max-length'];
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) throw queryTooLong(bytes, maxBytes);
  return parseExpr(text, parserOptions(settings['enable-feature']));
}
