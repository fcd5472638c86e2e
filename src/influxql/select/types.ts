// Types of fields and expressions, as far as they can be known before data are read.

import { type Call, type Expression, printExpression } from '../../protocol/influxql/index.ts';
import { statementFailed } from '../errors.ts';

/** `unknown`: nobody has it, so that it has no values. */
export type DataType =
  | 'float'
  | 'integer'
  | 'unsigned'
  | 'string'
  | 'boolean'
  | 'tag'
  | 'field'
  | 'unknown';

/** Where measurements disagree, the first in this order wins. */
const PRECEDENCE: readonly DataType[] = [
  'float',
  'integer',
  'unsigned',
  'string',
  'boolean',
  'tag',
  'field',
  'unknown',
];

export function stronger(a: DataType, b: DataType): DataType {
  return PRECEDENCE.indexOf(a) <= PRECEDENCE.indexOf(b) ? a : b;
}

/** Type of a field or tag by name. */
export type TypeLookup = (name: string) => DataType;

/** Throws INFLUXQL_FAILED if types do not go together. */
export function typeOf(expression: Expression, lookup: TypeLookup): DataType {
  switch (expression.kind) {
    case 'reference':
      return expression.type === undefined || expression.type === 'field'
        ? lookup(expression.name)
        : expression.type;
    case 'call':
      return typeOfCall(expression, lookup);
    case 'distinct':
      return lookup(expression.name);
    case 'parentheses':
      return typeOf(expression.inner, lookup);
    case 'binary':
      return typeOfBinary(expression, lookup);
    case 'number':
      return 'float';
    case 'integer':
      return 'integer';
    case 'unsigned':
      return 'unsigned';
    case 'string':
      return 'string';
    case 'boolean':
      return 'boolean';
    default:
      return 'unknown';
  }
}

const ALWAYS_FLOAT: ReadonlySet<string> = new Set([
  'mean',
  'median',
  'integral',
  'stddev',
  'derivative',
  'non_negative_derivative',
  'moving_average',
  'exponential_moving_average',
  'double_exponential_moving_average',
  'triple_exponential_moving_average',
  'relative_strength_index',
  'triple_exponential_derivative',
  'kaufmans_efficiency_ratio',
  'kaufmans_adaptive_moving_average',
  'chande_momentum_oscillator',
  'holt_winters',
  'holt_winters_with_fit',
]);

/** Functions of single values are taken to keep the type, even those that do not. */
function typeOfCall(call: Call, lookup: TypeLookup): DataType {
  const { name, args } = call;
  const types = args.map((arg) => typeOf(arg, lookup));
  if (name === 'count' || name === 'elapsed') return 'integer';
  return ALWAYS_FLOAT.has(name) ? 'float' : (types[0] ?? 'unknown');
}

function typeOfBinary(
  expression: Expression & { readonly kind: 'binary' },
  lookup: TypeLookup,
): DataType {
  const left = typeOf(expression.left, lookup);
  const right = typeOf(expression.right, lookup);
  if (left === 'unknown') return right;
  if (right === 'unknown') return left;
  const type = resultType(expression.operator, left, right);
  if (type !== undefined) return type;
  throw statementFailed(
    `type error: ${printExpression(expression)}: incompatible types: ${left} and ${right}`,
  );
}

/** What an operator makes of two types; undefined if nothing. */
export function resultType(
  operator: string,
  left: DataType,
  right: DataType,
): DataType | undefined {
  const isComparison = ['=', '!=', '<', '<=', '>', '>='].includes(operator);
  if (isNumber(left) && isNumber(right)) {
    if (isComparison) return 'boolean';
    const bothIntegers = left !== 'float' && right !== 'float';
    switch (operator) {
      case '+':
      case '-':
      case '*':
      case '%':
        return bothIntegers ? (left === right ? left : 'unsigned') : 'float';
      case '/':
        return bothIntegers ? (left === right ? 'integer' : 'unsigned') : 'float';
      case '&':
      case '|':
      case '^':
        return bothIntegers ? left : undefined;
      default:
        return undefined;
    }
  }
  // Go answers false, a boolean, whatever is compared.
  if (isComparison) return 'boolean';
  if (left === 'boolean' && right === 'boolean') {
    return ['&', '|', '^', 'AND', 'OR'].includes(operator) ? 'boolean' : undefined;
  }
  return undefined;
}

function isNumber(type: DataType): boolean {
  return type === 'float' || type === 'integer' || type === 'unsigned';
}
