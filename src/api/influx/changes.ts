// Which statements change something.

import type { Statement } from '../../protocol/influxql/index.ts';

/** True for all but SELECT without INTO, SHOW and EXPLAIN: KILL QUERY ends somebody's work. */
export function isChange(statement: Statement): boolean {
  if (statement.kind === 'select') return statement.target !== undefined;
  return !/^(show|explain)/.test(statement.kind);
}
