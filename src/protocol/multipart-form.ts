// multipart/form-data (RFC 7578): forms as `curl -F` sends them. Lines may end without CR, as Go reads them.

/** Requests have a handful of parameters; more than these are not worth the time. */
const MAX_PARTS = 100;
const MAX_HEADER_BYTES = 16 * 1024;
/** RFC 2046's. */
const MAX_BOUNDARY_LENGTH = 70;

const DASH = 0x2d;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;

/** One part of a form, in the order of the body. */
export interface FormPart {
  readonly name: string;
  readonly isFile: boolean;
  readonly content: string;
}

export function isMultipartForm(contentType: string): boolean {
  return /^multipart\/form-data\s*(;|$)/i.test(contentType);
}

/**
 * The parts of a body that have a name. Undefined for a body that is no such form, breaks off, or has more than
 * {@link MAX_PARTS} parts or a part with a header of more than 16 KiB.
 */
export function decodeMultipartForm(body: Uint8Array, contentType: string): FormPart[] | undefined {
  const boundary = parametersOf(contentType).get('boundary');
  if (!boundary || boundary.length > MAX_BOUNDARY_LENGTH) return undefined;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  const marker = Buffer.from(`--${boundary}`);
  const parts: FormPart[] = [];
  let line = findDelimiter(bytes, marker, 0);
  for (let count = 0; count <= MAX_PARTS; count++) {
    if (line === undefined) return undefined;
    if (line.isLast) return parts;
    const headerEnd = findHeaderEnd(bytes, line.end);
    if (headerEnd === undefined) return undefined;
    const next = findDelimiter(bytes, marker, headerEnd);
    if (next === undefined) return undefined;
    const { name, isFile } = parseHeader(bytes.toString('utf8', line.end, headerEnd));
    if (name !== undefined) {
      parts.push({ name, isFile, content: bytes.toString('utf8', headerEnd, next.contentEnd) });
    }
    line = next;
  }
  return undefined;
}

/** A line `--boundary` between parts, or `--boundary--` behind the last. */
interface Delimiter {
  /** Where what is before it ends: its own line break belongs to the delimiter. */
  readonly contentEnd: number;
  /** Where what follows begins. */
  readonly end: number;
  readonly isLast: boolean;
}

function findDelimiter(bytes: Buffer, marker: Buffer, from: number): Delimiter | undefined {
  for (let at = from; ; at++) {
    at = bytes.indexOf(marker, at);
    if (at < 0) return undefined;
    if (at > 0 && bytes[at - 1] !== NEWLINE) continue;
    const contentEnd = Math.max(from, lineBreakStart(bytes, at));
    let i = at + marker.length;
    if (bytes[i] === DASH && bytes[i + 1] === DASH) return { contentEnd, end: i + 2, isLast: true };
    while (bytes[i] === SPACE || bytes[i] === TAB) i++;
    if (bytes[i] === CARRIAGE_RETURN) i++;
    if (bytes[i] === NEWLINE) return { contentEnd, end: i + 1, isLast: false };
  }
}

/** Where the line break before `at` begins; `at` itself if there is none. */
function lineBreakStart(bytes: Buffer, at: number): number {
  if (at === 0) return 0;
  return bytes[at - 2] === CARRIAGE_RETURN ? at - 2 : at - 1;
}

/** Behind the empty line that ends the header. */
function findHeaderEnd(bytes: Buffer, start: number): number | undefined {
  let lineStart = start;
  while (lineStart - start <= MAX_HEADER_BYTES) {
    const newline = bytes.indexOf(NEWLINE, lineStart);
    if (newline < 0) return undefined;
    const isEmpty =
      newline === lineStart || (newline === lineStart + 1 && bytes[lineStart] === CARRIAGE_RETURN);
    lineStart = newline + 1;
    if (isEmpty) return lineStart;
  }
  return undefined;
}

function parseHeader(header: string): { readonly name: string | undefined; isFile: boolean } {
  for (const line of header.split('\n')) {
    const disposition = /^content-disposition:\s*form-data\s*(?=;)/i.exec(line);
    if (disposition === null) continue;
    const parameters = parametersOf(line.slice(disposition[0].length));
    return {
      name: parameters.get('name'),
      isFile: parameters.has('filename') || parameters.has('filename*'),
    };
  }
  return { name: undefined, isFile: false };
}

/** `; name=value` pairs by lower-case names; values may be quoted. */
function parametersOf(text: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const match of text.matchAll(/;\s*([^\s=;"]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))/g)) {
    const [, name = '', quoted, token = ''] = match;
    parameters.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? token);
  }
  return parameters;
}
