export type { AccessControl, DatabaseUser, UserPrivilege } from './access.ts';
export { Catalog, databaseOfScope, type Scope } from './catalog/catalog.ts';
export { FieldRegistry, metricName } from './catalog/field-registry.ts';
export { type FieldOrigin, type FieldType, ORIGIN_LABEL } from './catalog/field-table.ts';
export type {
  ExecutionContext,
  InfoGroup,
  InfoValue,
  RunningQuery,
  ServerInfo,
} from './context.ts';
export { executeStatement } from './execute.ts';
export { type DecodedPoints, decodePoints, type PointOptions } from './ingest.ts';
export { executeRead } from './reading/execute-read.ts';
export { type PlanContext, planRead, type ReadPlan } from './reading/plan-read.ts';
export { type ReadJob, tableOf } from './reading/read-job.ts';
export { isReadStatement, type ReadStatement } from './reading/statement.ts';
export type { Cell, CellType, ResultPiece, ResultPieces, ResultSeries } from './result.ts';
export type { Control } from './select/control.ts';
export { nsOf, type Time } from './select/time.ts';
