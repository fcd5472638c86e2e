// Numbers and strings as Go's fmt and strconv print them: what Prometheus' messages, labels made by
// aggregations, histograms in text form and its exposition formats look like.

/** `%g` with the shortest digits that read back as the same number: 0.1, 100000, 1e+06, NaN, +Inf. */
export function formatG(value: number): string {
  if (!Number.isFinite(value) || value === 0) return formatF(value);
  const [digits, exponentText] = value.toExponential().split('e') as [string, string];
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < 6) return formatF(value);
  return printExponent(digits, exponent);
}

/** `%.<digits>g`: rounded to so many digits, zeros at the end left out. */
export function formatGDigits(value: number, digits: number): string {
  if (!Number.isFinite(value) || value === 0) return formatF(value);
  const [mantissa, exponentText] = value.toExponential(digits - 1).split('e') as [string, string];
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < digits) return formatF(Number(value.toPrecision(digits)));
  return printExponent(Number(mantissa).toString(), exponent);
}

function printExponent(mantissa: string, exponent: number): string {
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** The shortest digits that read back as the same number, never with an exponent. */
export function formatF(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const text = Math.abs(value).toString();
  const e = text.indexOf('e');
  if (e === -1) return sign + text;
  const exponent = Number(text.slice(e + 1));
  const digits = text.slice(0, e).replace('.', '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  return sign + digits.padEnd(exponent + 1, '0');
}

/** `%f`: six decimals. */
export function formatSixDecimals(value: number): string {
  if (!Number.isFinite(value)) return formatF(value);
  return Math.abs(value) < 1e21 ? value.toFixed(6) : `${BigInt(value)}.000000`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

/** What Go prints as an escape: controls, what is no letter, mark, number, punctuation, symbol or blank. */
const UNPRINTABLE = /[\\"]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

/** `%q`: in double quotes, with Go's escapes. */
export function quote(text: string): string {
  return `"${text.replace(UNPRINTABLE, escapeOf)}"`;
}

function escapeOf(char: string): string {
  const short = ESCAPES[char];
  if (short !== undefined) return short;
  const code = char.codePointAt(0)!;
  // How the parser keeps a byte that is not UTF-8.
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}
