// Which remote-write message a request carries, from its Content-Type and Content-Encoding. Headers
// are read tolerantly (letter case, blanks, quotes); the version header is never consulted.

import type { EncodedWrite } from '../../storage/interface.ts';

export type WriteNegotiation =
  | { readonly format: EncodedWrite['format'] }
  | {
      /** Why the answer is 415. */
      readonly unsupported: string;
    };

const MEDIA_TYPE = 'application/x-protobuf';

/** Message names of the `proto` parameter. */
const FORMATS: ReadonlyMap<string, EncodedWrite['format']> = new Map([
  ['prometheus.WriteRequest', 'remote-write-1'],
  ['io.prometheus.write.v2.Request', 'remote-write-2'],
]);

/** Decides the format of a write; must be asked before the body is looked at. */
export function negotiateWrite(
  contentType: string | undefined,
  contentEncoding: string | undefined,
): WriteNegotiation {
  const encoding = contentEncoding?.trim().toLowerCase() ?? '';
  if (encoding !== '' && encoding !== 'snappy') {
    return { unsupported: `Content-Encoding ${quote(encoding)}: only snappy is supported` };
  }
  if (contentType === undefined || contentType.trim() === '') return { format: 'remote-write-1' };

  const [mediaType, ...parameters] = splitParameters(contentType);
  if (mediaType!.toLowerCase() !== MEDIA_TYPE) {
    return { unsupported: `Content-Type ${quote(contentType)}: expected ${MEDIA_TYPE}` };
  }
  let format: EncodedWrite['format'] | undefined;
  for (const parameter of parameters) {
    if (parameter === '') continue;
    const equals = parameter.indexOf('=');
    if (equals <= 0) {
      return { unsupported: `Content-Type ${quote(contentType)}: parameter without a value` };
    }
    if (parameter.slice(0, equals).trim().toLowerCase() !== 'proto' || format) continue;
    const name = unquote(parameter.slice(equals + 1).trim());
    format = FORMATS.get(name);
    if (!format) return { unsupported: `remote write message ${quote(name)} is not known` };
  }
  return { format: format ?? 'remote-write-1' };
}

/** Splits at semicolons outside of quotes and trims the pieces. */
function splitParameters(header: string): string[] {
  return (header.match(/(?:"(?:[^"\\]|\\.)*"|[^;])+|(?<=;)(?=;|$)/g) ?? []).map((p) => p.trim());
}

function unquote(value: string): string {
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value;
  return value.slice(1, -1).replace(/\\(.)/g, '$1');
}

function quote(value: string): string {
  return JSON.stringify(value.slice(0, 200));
}
