// What columns of an answer are called.

import type { Expression, Field } from '../../protocol/influxql/index.ts';

/** A field's alias, or what its expression suggests. */
export function nameOf({ expression, alias }: Field): string {
  if (alias !== '') return alias;
  switch (expression.kind) {
    case 'call':
    case 'reference':
      return expression.name;
    case 'distinct':
      return 'distinct';
    case 'parentheses':
      return nameOf({ expression: expression.inner, alias });
    case 'binary':
      return operandNames(expression).join('_');
    default:
      return '';
  }
}

function operandNames(expression: Expression): string[] {
  switch (expression.kind) {
    case 'reference':
    case 'call':
      return [expression.name];
    case 'parentheses':
      return operandNames(expression.inner);
    case 'binary':
      return [...operandNames(expression.left), ...operandNames(expression.right)];
    default:
      return [];
  }
}

/** With the column of times first. Names that come again get a number: `value`, `value_1`. */
export function columnNames(fields: readonly Field[], timeColumn: string): string[] {
  const uses = new Map<string, number>();
  for (const { alias } of fields) if (alias !== '') uses.set(alias, 1);
  const names = fields.map((field) => {
    if (field.alias !== '') return field.alias;
    const plain = nameOf(field);
    let name = plain;
    const used = uses.get(plain);
    if (used !== undefined) {
      let count = used;
      while (uses.has(`${plain}_${count}`)) count++;
      uses.set(plain, count + 1);
      name = `${plain}_${count}`;
    }
    uses.set(name, (uses.get(name) ?? 0) + 1);
    return name;
  });
  return [timeColumn, ...names];
}
