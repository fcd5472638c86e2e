// Plain data as YAML: blocks, with every text in JSON's quotes, which are YAML's too.

export type YamlValue =
  | string
  | number
  | boolean
  | readonly YamlValue[]
  | { readonly [key: string]: YamlValue };

export function toYaml(value: YamlValue): string {
  return `${block(value, '').trimStart()}\n`;
}

/** The value as it stands behind its key: on the same line, or on lines of its own. */
function block(value: YamlValue, indent: string): string {
  if (typeof value !== 'object') return ` ${JSON.stringify(value)}`;
  if (Array.isArray(value)) {
    if (value.length === 0) return ' []';
    const items = value as readonly YamlValue[];
    return items
      .map((item) => `\n${indent}-${block(item, `${indent}  `).replace(/^\n\s*/, ' ')}`)
      .join('');
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return ' {}';
  return entries
    .map(([key, entry]) => `\n${indent}${printKey(key)}:${block(entry, `${indent}  `)}`)
    .join('');
}

function printKey(key: string): string {
  return /^[A-Za-z_$/][\w$/-]*$/.test(key) ? key : JSON.stringify(key);
}
