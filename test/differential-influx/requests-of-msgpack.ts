// Answers as MessagePack, compared byte by byte.

import { BASE_T } from './data.ts';
import type { InfluxRequest } from './request.ts';

const RANGE = `time >= ${BASE_T}ms AND time < ${BASE_T + 120_000}ms`;

function ask(q: string, params: Readonly<Record<string, string>> = {}): InfluxRequest {
  return {
    method: 'POST',
    path: '/query',
    params: { db: 'telegraf', ...params, q },
    headers: { Accept: 'application/x-msgpack' },
  };
}

export const MSGPACK: readonly InfluxRequest[] = [
  ask('SELECT * FROM cpu'),
  // InfluxDB writes tags in any order: one is enough.
  ask('SELECT * FROM cpu GROUP BY host'),
  ask('SELECT * FROM mem'),
  ask('SELECT * FROM numbers'),
  ask('SELECT * FROM fine'),
  ...['ns', 'u', 'ms', 's', 'm', 'h'].map((epoch) => ask('SELECT * FROM fine', { epoch })),
  ask(`SELECT count(usage), mean(usage) FROM cpu WHERE ${RANGE} GROUP BY time(30s)`, {
    epoch: 'ms',
  }),
  ask('SELECT usage FROM cpu; SHOW DATABASES; SELECT usage FROM mem'),
  ask('SELECT nosuch FROM cpu'),
  ask('SELECT usage FROM cpu GROUP BY host', { chunked: 'true' }),
  ask('SELECT usage FROM cpu GROUP BY host', { chunked: 'true', chunk_size: '5' }),
  ask('SELECT usage FROM cpu LIMIT 3; SELECT foo(usage) FROM cpu', { chunked: 'true' }),
  ask('SELECT foo(usage) FROM cpu'),
  ask('SHOW FIELD KEYS'),
  ask('SHOW TAG VALUES WITH KEY = host'),
  ask('SHOW RETENTION POLICIES'),
  ask('SHOW USERS'),
  ask('SHOW SERIES'),
  ask('SELEC'),
  ask(''),
  ask(';'),
  ask('SHOW DATABASES', { pretty: 'true' }),
  { ...ask('CREATE DATABASE telegraf'), method: 'GET' },
  { ...ask('SELECT usage FROM cpu LIMIT 1'), headers: { Accept: 'application/x-msgpack, */*' } },
];
