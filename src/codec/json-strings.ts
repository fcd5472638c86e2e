// Strings in JSON as Prometheus writes them, which differs in the last detail from JSON.stringify: some
// clients compare bytes. Lone surrogates cannot come, since all text was UTF-8 once.

/** Most labels have nothing but these. */
const IS_PLAIN = /^[ !#-[\]-~]*$/;
const HAS_RARE_CONTROL = /[\b\f]/;
const ESCAPE = /\\(?:\\|[bf])/g;
const UNSAFE_IN_HTML = /[<>&\u2028\u2029]/g;

/** A label's name or value in quotes. */
export function labelJson(text: string): string {
  if (IS_PLAIN.test(text)) return `"${text}"`;
  const json = JSON.stringify(text);
  return HAS_RARE_CONTROL.test(text) ? json.replace(ESCAPE, longForm) : json;
}

/** Any other string in quotes: also escapes what HTML could take for its own. */
export function textJson(text: string): string {
  return labelJson(text).replace(UNSAFE_IN_HTML, escaped);
}

/** Backslashes come in pairs, so that the `b` behind two is no escape. */
function longForm(pair: string): string {
  if (pair === '\\b') return '\\u0008';
  return pair === '\\f' ? '\\u000c' : pair;
}

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
