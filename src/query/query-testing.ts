// Requests as tests write them.

import type { QueryRequest } from './interface.ts';

type Asked = Pick<QueryRequest, 'database' | 'query' | 'startT' | 'endT'>;

/** A request that says nothing but what it is about. */
export function queryRequest(asked: Asked & Partial<QueryRequest>): QueryRequest {
  return {
    stepMs: undefined,
    timeoutMs: undefined,
    lookbackMs: undefined,
    limit: 0,
    stats: 'none',
    useCache: true,
    trace: false,
    warnings: [],
    ...asked,
  };
}
