// Values for `$name`, given beside a query as a JSON object. A value takes the parameter's place as a
// token and is never scanned as text, so it cannot change what the statement means.

import { errorMessage } from '../../runtime/error.ts';
import { printDuration } from './duration.ts';
import { parameterNumberInvalid, parametersMalformed } from './errors.ts';
import { MAX_INT64, MIN_INT64 } from './int64.ts';

/** The token that a parameter stands for, or the message of why it stands for none. */
export interface BoundValue {
  readonly kind:
    | 'IDENT'
    | 'STRING'
    | 'REGEX'
    | 'NUMBER'
    | 'INTEGER'
    | 'DURATIONVAL'
    | 'TRUE'
    | 'FALSE'
    | 'error';
  readonly text: string;
}

export type Parameters = ReadonlyMap<string, BoundValue>;

export const NO_PARAMETERS: Parameters = new Map();

/** Deeper values could not be bound anyway. */
const MAX_JSON_CHARACTERS = 1 << 20;

type Value =
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'other'; readonly goType: string };

/** Reads `{"name": value, …}`; `null` and '' bind nothing. Throws INFLUXQL_PARAMETERS. */
export function parseParameters(json: string): Parameters {
  if (json === '') return NO_PARAMETERS;
  const tree = parseExactly(json);
  if (tree === null) return NO_PARAMETERS;
  if (typeof tree !== 'object' || Array.isArray(tree)) {
    throw parametersMalformed(
      `json: cannot unmarshal ${goKind(tree)} into Go value of type map[string]interface {}`,
    );
  }
  const bound = new Map<string, BoundValue>();
  for (const [name, value] of Object.entries(tree)) bound.set(name.slice(1), bind(value));
  return bound;
}

/**
 * The JSON's tree with every string and key after an `s` and every number as `n` and its digits: a
 * JavaScript number would not hold an int64.
 */
function parseExactly(json: string): unknown {
  try {
    if (json.length > MAX_JSON_CHARACTERS) throw new Error('too long');
    JSON.parse(json);
    const marked = json.replaceAll(
      /"((?:[^"\\]|\\.)*)"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g,
      (number: string, text: string | undefined) =>
        `"${text === undefined ? `n${number}` : `s${text}`}"`,
    );
    return JSON.parse(marked);
  } catch (error) {
    throw parametersMalformed(syntaxMessage(json, errorMessage(error)));
  }
}

/** What Go calls a value that is no object. Marked strings and numbers are told apart by their mark. */
function goKind(marked: unknown): string {
  if (Array.isArray(marked)) return 'array';
  if (typeof marked === 'boolean') return 'bool';
  return typeof marked === 'string' && marked.startsWith('n') ? 'number' : 'string';
}

/** Go's words where the text just ends; else V8's. */
function syntaxMessage(json: string, message: string): string {
  const position = /position (\d+)/.exec(message)?.[1];
  const isCut = message.includes('end of JSON') || Number(position) >= json.length;
  return isCut ? 'unexpected EOF' : message;
}

function bind(marked: unknown): BoundValue {
  if (typeof marked === 'object' && marked !== null && !Array.isArray(marked)) {
    return bindTyped(Object.entries(marked));
  }
  const value = valueIn(marked);
  switch (value.kind) {
    case 'float':
      return { kind: 'NUMBER', text: decimalText(value.value) };
    case 'integer':
      return { kind: 'INTEGER', text: value.value.toString() };
    case 'string':
      return { kind: 'STRING', text: value.value };
    case 'boolean':
      return { kind: value.value ? 'TRUE' : 'FALSE', text: '' };
    case 'other':
      return failed(`unable to bind parameter with type ${value.goType}`);
  }
}

/** `{"identifier": "cpu"}`: a value with the kind of token that it is. */
function bindTyped(entries: readonly [string, unknown][]): BoundValue {
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) {
    return failed('bound object parameter value must have exactly one entry');
  }
  const type = entry[0].slice(1);
  const value = valueIn(entry[1]);
  switch (type) {
    case 'ident':
    case 'identifier':
      return textual('IDENT', value, 'identifier must be a string value');
    case 'regex':
      return textual('REGEX', value, 'regex literal must be a string value');
    case 'string':
      return textual('STRING', value, 'string literal must be a string value');
    case 'float':
    case 'number':
      if (value.kind === 'float') return { kind: 'NUMBER', text: decimalText(value.value) };
      if (value.kind === 'integer') {
        return { kind: 'NUMBER', text: decimalText(Number(value.value)) };
      }
      return failed('number literal must be a float value');
    case 'int':
    case 'integer':
      if (value.kind === 'integer') return { kind: 'INTEGER', text: value.value.toString() };
      return failed('integer literal must be an integer value');
    case 'duration':
      if (value.kind === 'string') return { kind: 'DURATIONVAL', text: value.value };
      if (value.kind === 'integer')
        return { kind: 'DURATIONVAL', text: printDuration(value.value) };
      return failed('duration literal must be a string or integer value');
    default:
      return failed(`unknown bind object type: ${type}`);
  }
}

function textual(kind: 'IDENT' | 'REGEX' | 'STRING', value: Value, message: string): BoundValue {
  return value.kind === 'string' ? { kind, text: value.value } : failed(message);
}

function failed(text: string): BoundValue {
  return { kind: 'error', text };
}

function valueIn(marked: unknown): Value {
  if (typeof marked === 'boolean') return { kind: 'boolean', value: marked };
  if (typeof marked === 'string') {
    const text = marked.slice(1);
    return marked.startsWith('n') ? numberOf(text) : { kind: 'string', value: text };
  }
  if (marked === null) return { kind: 'other', goType: '<nil>' };
  return {
    kind: 'other',
    goType: Array.isArray(marked) ? '[]interface {}' : 'map[string]interface {}',
  };
}

/** With a dot it is a float, without an int64. */
function numberOf(text: string): Value {
  if (text.includes('.')) {
    const value = Number(text);
    if (Number.isFinite(value)) return { kind: 'float', value };
    throw parameterNumberInvalid(`strconv.ParseFloat: parsing "${text}": value out of range`);
  }
  if (!/^-?\d+$/.test(text)) {
    throw parameterNumberInvalid(`strconv.ParseInt: parsing "${text}": invalid syntax`);
  }
  const value = BigInt(text);
  if (value < MIN_INT64 || value > MAX_INT64) {
    throw parameterNumberInvalid(`strconv.ParseInt: parsing "${text}": value out of range`);
  }
  return { kind: 'integer', value };
}

/** Without an exponent, as number tokens are. */
function decimalText(value: number): string {
  const text = String(value);
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (match === null) return text;
  const [, sign, first, fraction = '', exponentText] = match;
  const digits = `${first}${fraction}`;
  const exponent = Number(exponentText);
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  return `${sign}${digits}${'0'.repeat(exponent - fraction.length)}`;
}
