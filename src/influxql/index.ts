export type { AccessControl, DatabaseUser, UserPrivilege } from './access.ts';
export { Catalog, databaseOfScope, type Scope } from './catalog/catalog.ts';
export {
  type FieldOrigin,
  FieldRegistry,
  type FieldType,
  metricName,
  ORIGIN_LABEL,
} from './catalog/field-registry.ts';
export type { ExecutionContext } from './context.ts';
export { executeStatement } from './execute.ts';
export { type DecodedPoints, decodePoints } from './ingest.ts';
export type { Cell, CellType, ResultPiece, ResultPieces, ResultSeries } from './result.ts';
export { RunningStatements } from './running.ts';
export type { Control } from './select/control.ts';
export { nsOf, type Time } from './select/time.ts';
