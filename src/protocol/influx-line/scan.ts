// Bytes of the line protocol and how InfluxDB cuts a body into lines.

export const Byte = {
  nul: 0x00,
  tab: 0x09,
  newline: 0x0a,
  carriageReturn: 0x0d,
  space: 0x20,
  quote: 0x22,
  hash: 0x23,
  comma: 0x2c,
  minus: 0x2d,
  dot: 0x2e,
  zero: 0x30,
  nine: 0x39,
  equals: 0x3d,
  backslash: 0x5c,
} as const;

/** Where the line that begins at `start` ends: at its newline, or at `end`. */
export function findLineEnd(bytes: Uint8Array, start: number, end: number): number {
  let isInFields = false;
  let isQuoted = false;
  let equals = 0;
  let commas = 0;
  let i = start;
  while (i < end) {
    const byte = bytes[i]!;
    if (byte === Byte.backslash && i + 2 < end) {
      i += 2;
      continue;
    }
    if (byte === Byte.newline && !isQuoted) return i;
    if (byte === Byte.space) isInFields = true;
    else if (isInFields) {
      // A quote means something only in a field's value.
      if (byte === Byte.quote) {
        if (equals > commas) isQuoted = !isQuoted;
      } else if (!isQuoted) {
        if (byte === Byte.equals) equals++;
        else if (byte === Byte.comma) commas++;
      }
    }
    i++;
  }
  return end;
}

export function skipBlanks(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end && isBlank(bytes[i]!)) i++;
  return i;
}

function isBlank(byte: number): boolean {
  return byte === Byte.space || byte === Byte.tab || byte === Byte.nul;
}

export function isDigit(byte: number): boolean {
  return byte >= Byte.zero && byte <= Byte.nine;
}

export function isEscaped(bytes: Uint8Array, at: number): boolean {
  return at > 0 && bytes[at - 1] === Byte.backslash;
}

/** Bytes as ASCII text. */
export function asciiText(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}
