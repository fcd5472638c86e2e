export type {
  Call,
  CardinalityClauses,
  DataType,
  Expression,
  Field,
  Fill,
  KeyFilter,
  Literal,
  Measurement,
  Privilege,
  RegexpLiteral,
  SelectStatement,
  ShowClauses,
  SortField,
  Source,
  Statement,
  StatementOf,
  Subquery,
} from './ast.ts';
export {
  intersect,
  MAX_TIME_NS,
  MIN_TIME_NS,
  type SplitCondition,
  splitCondition,
  type TimeRange,
} from './condition.ts';
export { printDuration, printGoDuration } from './duration.ts';
export { evaluateMath, isMathFunction, power, roundHalfAway } from './math-functions.ts';
export { NO_PARAMETERS, type Parameters, parseParameters } from './parameters.ts';
export { parseStatements } from './parser.ts';
export { printExpression } from './print-expression.ts';
export { printSource, printStatement } from './printer.ts';
export { type RequiredPrivilege, requiredPrivileges } from './privileges.ts';
export { printIdentifier, printString } from './quote.ts';
export { reduceExpression } from './reduce.ts';
export { offsetAt, printTime } from './time-literal.ts';
export type { GroupByTime } from './validate-dimensions.ts';
export { type CheckedSelect, type CheckedSubquery, validateSelect } from './validate-select.ts';
