// Names of attributes as names of labels.

import { escapesNames, type OtlpOptions } from './options.ts';

type LabelNameOptions = Pick<
  OtlpOptions,
  'translationStrategy' | 'labelNameUnderscoreSanitization' | 'labelNamePreserveMultipleUnderscores'
>;

const RESERVED = /^__(.*)__$/s;

/** The label's name, or undefined if nothing, or nothing but underscores, is left of the key. */
export function labelName(key: string, options: LabelNameOptions): string | undefined {
  if (!escapesNames(options.translationStrategy)) return key === '' ? undefined : key;
  const name = prefixed(
    options.labelNamePreserveMultipleUnderscores
      ? key.replace(/[^A-Za-z0-9]/gu, '_')
      : collapsed(key),
    options.labelNameUnderscoreSanitization,
  );
  return /^_*$/.test(name) ? undefined : name;
}

/** Runs of what no label name may have become one underscore; names that are reserved stay so. */
function collapsed(key: string): string {
  const reserved = RESERVED.exec(key);
  const inner = (reserved?.[1] ?? key).replace(/[^A-Za-z0-9]+/gu, '_');
  return reserved === null ? inner : `__${inner}__`;
}

function prefixed(name: string, sanitizesUnderscore: boolean): string {
  if (/^[0-9]/.test(name)) return `key_${name}`;
  return sanitizesUnderscore && /^_(?!_)/.test(name) ? `key${name}` : name;
}
