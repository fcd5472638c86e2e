// Expressions as InfluxDB prints them.

import type { DataType, Expression } from './ast.ts';
import { printDuration } from './duration.ts';
import { printIdentifier, printString } from './quote.ts';
import { printTime } from './time-literal.ts';

export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'reference':
      return printReference(expression.name, expression.type);
    case 'call':
      return `${expression.name}(${expression.args.map(printExpression).join(', ')})`;
    case 'binary': {
      const { left, operator, right } = expression;
      return `${printExpression(left)} ${operator} ${printExpression(right)}`;
    }
    case 'parentheses':
      return `(${printExpression(expression.inner)})`;
    case 'distinct':
      return `DISTINCT ${expression.name}`;
    case 'wildcard':
      return expression.of === undefined ? '*' : `*::${expression.of}`;
    case 'regexp':
      return `/${expression.pattern.replaceAll('/', '\\/')}/`;
    case 'string':
      return printString(expression.value);
    case 'list':
      return `(${expression.values.map(printIdentifier).join(', ')})`;
    case 'integer':
    case 'unsigned':
      return expression.value.toString();
    case 'number':
      return printFixed(expression.value);
    case 'boolean':
      return String(expression.value);
    case 'duration':
      return printDuration(expression.ns);
    case 'time':
      return `'${printTime(expression.ns)}'`;
    case 'nil':
      return 'nil';
  }
}

function printReference(name: string, type: DataType | undefined): string {
  const printed = printIdentifier(name);
  return type === undefined ? printed : `${printed}::${type}`;
}

/** Three decimals, halves to the even digit. */
function printFixed(value: number): string {
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const size = Math.abs(value);
  if (!Number.isFinite(size)) return Number.isNaN(size) ? 'NaN' : `${sign === '' ? '+' : sign}Inf`;
  if (size >= 1e21) return `${sign}${BigInt(size)}.000`;
  // Only odd sixteenths lie exactly between two such decimals; toFixed rounds them up.
  const sixteenths = size * 16;
  if (sixteenths % 2 === 1 && Math.floor(size * 1000) % 2 === 0) {
    return `${sign}${(Math.floor(size * 1000) / 1000).toFixed(3)}`;
  }
  return `${sign}${size.toFixed(3)}`;
}

/** As Go's `%v` prints a float64: shortest, with an exponent below 1e-4 and from 1e21 on. */
export function printNumber(value: number): string {
  if (Object.is(value, -0)) return '-0';
  const [digits, exponentText] = value.toExponential().split('e') as [string, string];
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < 21) {
    return exponent === -4 || Math.abs(value) >= 1e-6 ? String(value) : value.toFixed(20);
  }
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${digits}e${exponent < 0 ? '-' : '+'}${size}`;
}
