// Attributes in JSON, of today's senders and of those before 0.9.

import type { JsonReader } from '../json-reader.ts';
import {
  addAttribute,
  invalidValue,
  NOT_UTF8,
  type ReadValue,
  VALUE_TOO_DEEP,
} from './attributes.ts';
import { forEachField, forEachItem, readDouble, readInt64 } from './json-values.ts';
import { MAX_VALUE_DEPTH } from './limits.ts';
import type { Attribute } from './model.ts';
import { doubleJson, doubleText, listJson, mapJson, stringJson } from './value-text.ts';

/** Appends a list of KeyValue. */
export function readAttributes(reader: JsonReader, to: Attribute[]): void {
  forEachItem(reader, () => {
    let key: string | undefined = '';
    let value: ReadValue = { text: '', problem: undefined };
    forEachField(reader, (field) => {
      if (field === 'key') key = reader.string();
      else if (field === 'value') value = readAnyValue(reader, false, 0);
      else return false;
      return true;
    });
    addAttribute(to, key, value.text, value.problem);
  });
}

/** Appends a list of StringKeyValue. */
export function readLegacyLabels(reader: JsonReader, to: Attribute[]): void {
  forEachItem(reader, () => {
    let key: string | undefined = '';
    let value: string | undefined = '';
    forEachField(reader, (field) => {
      if (field === 'key') key = reader.string();
      else if (field === 'value') value = reader.string();
      else return false;
      return true;
    });
    addAttribute(to, key, value ?? '', value === undefined ? NOT_UTF8 : undefined);
  });
}

/** The text of an AnyValue; within lists and maps, its JSON. */
function readAnyValue(reader: JsonReader, asJson: boolean, depth: number): ReadValue {
  if (depth > MAX_VALUE_DEPTH) {
    reader.skip();
    return VALUE_TOO_DEEP;
  }
  let value: ReadValue = { text: asJson ? 'null' : '', problem: undefined };
  forEachField(reader, (field) => {
    const read = readValueField(reader, field, asJson, depth);
    if (read === undefined) return false;
    value = typeof read === 'string' ? { text: read, problem: undefined } : read;
    return true;
  });
  return value;
}

function readValueField(
  reader: JsonReader,
  field: string,
  asJson: boolean,
  depth: number,
): string | ReadValue | undefined {
  switch (field) {
    case 'stringValue': {
      const text = reader.string();
      if (text === undefined) return invalidValue(NOT_UTF8);
      return asJson ? stringJson(text) : text;
    }
    case 'boolValue':
      return String(reader.bool());
    case 'intValue':
      return readInt64(reader).text;
    case 'doubleValue': {
      const value = readDouble(reader);
      return asJson ? doubleJson(value) : doubleText(value);
    }
    case 'bytesValue': {
      const base64 = Buffer.from(reader.string() ?? '', 'base64').toString('base64');
      return asJson ? `"${base64}"` : base64;
    }
    case 'arrayValue':
      return readArray(reader, depth);
    case 'kvlistValue':
      return readMap(reader, depth);
    default:
      return undefined;
  }
}

function readArray(reader: JsonReader, depth: number): string | ReadValue {
  const items: string[] = [];
  let problem: string | undefined;
  forEachField(reader, (field) => {
    if (field !== 'values') return false;
    forEachItem(reader, () => {
      const item = readAnyValue(reader, true, depth + 1);
      problem ??= item.problem;
      if (problem === undefined) items.push(item.text);
    });
    return true;
  });
  return problem === undefined ? listJson(items) : invalidValue(problem);
}

function readMap(reader: JsonReader, depth: number): string | ReadValue {
  const entries: [string, string][] = [];
  let problem: string | undefined;
  forEachField(reader, (field) => {
    if (field !== 'values') return false;
    forEachItem(reader, () => {
      let key: string | undefined = '';
      let value: ReadValue = { text: 'null', problem: undefined };
      forEachField(reader, (inner) => {
        if (inner === 'key') key = reader.string();
        else if (inner === 'value') value = readAnyValue(reader, true, depth + 1);
        else return false;
        return true;
      });
      problem ??= key === undefined ? NOT_UTF8 : value.problem;
      if (problem === undefined) entries.push([key!, value.text]);
    });
    return true;
  });
  return problem === undefined ? mapJson(entries) : invalidValue(problem);
}
