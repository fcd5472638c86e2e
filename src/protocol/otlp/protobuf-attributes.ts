// Attributes in protobuf: KeyValue, AnyValue, and the StringKeyValue of versions before 0.9.

import type { ProtobufReader } from '../protobuf-reader.ts';
import { decodeUtf8, StringCache } from '../string-cache.ts';
import {
  addAttribute,
  type InvalidValue,
  NOT_UTF8_VALUE,
  type ReadValue,
  VALUE_TOO_DEEP,
} from './attributes.ts';
import { MAX_VALUE_DEPTH } from './limits.ts';
import type { Attribute } from './model.ts';
import { doubleJson, doubleText, listJson, mapJson, stringJson } from './value-text.ts';

/** Keys and values come again and again. */
const strings = new StringCache(8192);

/** A string that is expected to come again; undefined if it is not valid UTF-8. */
export function readString(reader: ProtobufReader): string | undefined {
  const start = reader.bytesField();
  return strings.decode(reader.bytes, start, reader.position);
}

/** Appends one KeyValue. */
export function readAttribute(reader: ProtobufReader, outerName: string, to: Attribute[]): void {
  const outer = reader.beginMessage('KeyValue');
  let key: string | undefined = '';
  let value: ReadValue = '';
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) key = readString(reader);
    else if (field === 2) value = readAnyValue(reader, 'KeyValue', false, 0);
    else reader.skip();
  }
  reader.endMessage(outer, outerName);
  addAttribute(to, key, value);
}

/** Appends one StringKeyValue. */
export function readLegacyLabel(reader: ProtobufReader, outerName: string, to: Attribute[]): void {
  const outer = reader.beginMessage('StringKeyValue');
  let key: string | undefined = '';
  let value: string | undefined = '';
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) key = readString(reader);
    else if (field === 2) value = readString(reader);
    else reader.skip();
  }
  reader.endMessage(outer, outerName);
  addAttribute(to, key, value ?? NOT_UTF8_VALUE);
}

/** The text of an AnyValue; within lists and maps, its JSON. */
function readAnyValue(
  reader: ProtobufReader,
  outerName: string,
  asJson: boolean,
  depth: number,
): ReadValue {
  if (depth > MAX_VALUE_DEPTH) {
    reader.skip();
    return VALUE_TOO_DEEP;
  }
  const outer = reader.beginMessage('AnyValue');
  let value: ReadValue = asJson ? 'null' : '';
  // Of a oneof the last field that is there counts.
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    value = readValueField(reader, field, asJson, depth) ?? value;
  }
  reader.endMessage(outer, outerName);
  return value;
}

function readValueField(
  reader: ProtobufReader,
  field: number,
  asJson: boolean,
  depth: number,
): ReadValue | undefined {
  switch (field) {
    case 1: {
      const text = readString(reader);
      if (text === undefined) return NOT_UTF8_VALUE;
      return asJson ? stringJson(text) : text;
    }
    case 2:
      return String(reader.bool());
    case 3:
      reader.varint();
      return integerText(reader);
    case 4: {
      const value = reader.double();
      return asJson ? doubleJson(value) : doubleText(value);
    }
    case 5:
      return readList(reader, depth);
    case 6:
      return readMap(reader, depth);
    case 7: {
      const start = reader.bytesField();
      const base64 = Buffer.from(reader.bytes.subarray(start, reader.position)).toString('base64');
      return asJson ? `"${base64}"` : base64;
    }
    default:
      reader.skip();
      return undefined;
  }
}

/** The last varint read, as an int64. */
function integerText(reader: ProtobufReader): string {
  const rounded = reader.signed();
  if (Number.isSafeInteger(rounded)) return String(rounded);
  return BigInt.asIntN(64, (BigInt(reader.high) << 32n) | BigInt(reader.low)).toString();
}

function readList(reader: ProtobufReader, depth: number): ReadValue {
  const outer = reader.beginMessage('ArrayValue');
  const items: string[] = [];
  let invalid: InvalidValue | undefined;
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field !== 1) {
      reader.skip();
      continue;
    }
    const item = readAnyValue(reader, 'ArrayValue', true, depth + 1);
    if (typeof item === 'string') items.push(item);
    else invalid ??= item;
  }
  reader.endMessage(outer, 'AnyValue');
  return invalid ?? listJson(items);
}

function readMap(reader: ProtobufReader, depth: number): ReadValue {
  const outer = reader.beginMessage('KeyValueList');
  const entries: [string, string][] = [];
  let invalid: InvalidValue | undefined;
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field !== 1) {
      reader.skip();
      continue;
    }
    const entry = readEntry(reader, depth);
    if ('problem' in entry) invalid ??= entry;
    else entries.push(entry);
  }
  reader.endMessage(outer, 'AnyValue');
  return invalid ?? mapJson(entries);
}

function readEntry(reader: ProtobufReader, depth: number): [string, string] | InvalidValue {
  const outer = reader.beginMessage('KeyValue');
  let key: string | undefined = '';
  let value: ReadValue = 'null';
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) {
      const start = reader.bytesField();
      key = decodeUtf8(reader.bytes, start, reader.position);
    } else if (field === 2) value = readAnyValue(reader, 'KeyValue', true, depth + 1);
    else reader.skip();
  }
  reader.endMessage(outer, 'KeyValueList');
  if (key === undefined) return NOT_UTF8_VALUE;
  return typeof value === 'string' ? [key, value] : value;
}
