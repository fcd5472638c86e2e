// Attributes in JSON, of today's senders and of those before 0.9.

import type { JsonReader } from '../json-reader.ts';
import {
  addAttribute,
  type InvalidValue,
  NOT_UTF8_VALUE,
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
    let value: ReadValue = '';
    forEachField(reader, (field) => {
      if (field === 'key') key = reader.string();
      else if (field === 'value') value = readAnyValue(reader, false, 0);
      else return false;
      return true;
    });
    addAttribute(to, key, value);
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
    addAttribute(to, key, value ?? NOT_UTF8_VALUE);
  });
}

/** The text of an AnyValue; within lists and maps, its JSON. */
function readAnyValue(reader: JsonReader, asJson: boolean, depth: number): ReadValue {
  if (depth > MAX_VALUE_DEPTH) {
    reader.skip();
    return VALUE_TOO_DEEP;
  }
  let value: ReadValue = asJson ? 'null' : '';
  forEachField(reader, (field) => {
    const read = readValueField(reader, field, asJson, depth);
    if (read === undefined) return false;
    value = read;
    return true;
  });
  return value;
}

function readValueField(
  reader: JsonReader,
  field: string,
  asJson: boolean,
  depth: number,
): ReadValue | undefined {
  switch (field) {
    case 'stringValue': {
      const text = reader.string();
      if (text === undefined) return NOT_UTF8_VALUE;
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

function readArray(reader: JsonReader, depth: number): ReadValue {
  const items: string[] = [];
  let invalid: InvalidValue | undefined;
  forEachField(reader, (field) => {
    if (field !== 'values') return false;
    forEachItem(reader, () => {
      const item = readAnyValue(reader, true, depth + 1);
      if (typeof item === 'string') items.push(item);
      else invalid ??= item;
    });
    return true;
  });
  return invalid ?? listJson(items);
}

function readMap(reader: JsonReader, depth: number): ReadValue {
  const entries: [string, string][] = [];
  let invalid: InvalidValue | undefined;
  forEachField(reader, (field) => {
    if (field !== 'values') return false;
    forEachItem(reader, () => {
      let key: string | undefined = '';
      let value: ReadValue = 'null';
      forEachField(reader, (inner) => {
        if (inner === 'key') key = reader.string();
        else if (inner === 'value') value = readAnyValue(reader, true, depth + 1);
        else return false;
        return true;
      });
      if (key === undefined) invalid ??= NOT_UTF8_VALUE;
      else if (typeof value === 'string') entries.push([key, value]);
      else invalid ??= value;
    });
    return true;
  });
  return invalid ?? mapJson(entries);
}
