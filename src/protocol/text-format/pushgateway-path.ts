// Labels in a path, as a Pushgateway has them: /metrics/job/<job>/<name>/<value>/…

import type { Label } from '../../model/labels.ts';

const BASE64 = '@base64';

/**
 * Labels of what follows `/metrics/`, percent-encoded as it came; a text says what is wrong. `name@base64` has a
 * value in base64 of URLs. Of a name that comes twice the last counts; an empty value is no label.
 */
export function pushgatewayLabels(path: string): Label[] | string {
  const parts = path.split('/');
  if (parts.length % 2 === 1 && parts.at(-1) === '') parts.pop();
  if (parts[0] !== 'job' && parts[0] !== `job${BASE64}`) {
    return 'the path after /metrics/ must begin with job/';
  }
  const labels = new Map<string, string>();
  for (let i = 0; i < parts.length; i += 2) {
    const name = decodePart(parts[i]!);
    const value = parts[i + 1];
    if (name === undefined || value === undefined) {
      return `no value for label ${JSON.stringify(parts[i])} in the path`;
    }
    const isBase64 = name.endsWith(BASE64);
    const text = isBase64 ? decodeBase64(value) : decodePart(value);
    if (text === undefined) {
      return `value ${JSON.stringify(value)} of label ${JSON.stringify(name)} in the path cannot be decoded`;
    }
    const label = isBase64 ? name.slice(0, -BASE64.length) : name;
    if (label === '') return 'empty label name in the path';
    if (text === '') labels.delete(label);
    else labels.set(label, text);
  }
  return [...labels].map(([name, value]) => ({ name, value }));
}

function decodePart(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Base64 of URLs, padded or not; `=` alone is how an empty value is written. */
function decodeBase64(encoded: string): string | undefined {
  const text = decodePart(encoded)?.replace(/=+$/, '');
  if (text === undefined || !/^[\w-]*$/.test(text) || text.length % 4 === 1) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  const decoded = bytes.toString('utf8');
  return Buffer.from(decoded).equals(bytes) ? decoded : undefined;
}
