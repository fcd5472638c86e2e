// Statements that read samples or the index: as much as there is of them, which is why threads execute them.

import type { Statement } from '../../protocol/influxql/index.ts';

const KINDS = [
  'select',
  'explain',
  'show series',
  'show measurements',
  'show tag keys',
  'show tag values',
  'show field keys',
  'show series cardinality',
  'show measurement cardinality',
  'show tag key cardinality',
  'show tag values cardinality',
  'show field key cardinality',
] as const;

export type ReadStatement = Extract<Statement, { readonly kind: (typeof KINDS)[number] }>;

export function isReadStatement(statement: Statement): statement is ReadStatement {
  return (KINDS as readonly string[]).includes(statement.kind);
}
