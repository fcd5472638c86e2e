// How far a number or a duration reaches in a query. The rules follow Prometheus' lexer, oddities
// included, since what it refuses and where it stops is visible in messages.

/** `end` is where scanning stopped, whether the text up to there is valid or not. */
export interface Scan {
  readonly isValid: boolean;
  readonly end: number;
}

const DECIMAL = '0123456789';
const HEXADECIMAL = '0123456789abcdefABCDEF';

/**
 * Scans from `start`. A number has at most one dot and one exponent; `_` may stand between digits;
 * hexadecimal numbers have no fraction. Whether its value can be had is another question.
 */
export function scanNumber(text: string, start: number): Scan {
  const at = (i: number): string => text[i] ?? '';
  let i = start;
  let digits = DECIMAL;
  if (at(i) === '0') {
    i++;
    if (isOneOf(at(i), 'xX')) {
      i++;
      if (at(i) === '_') i++;
      digits = HEXADECIMAL;
    }
  }
  if (at(i) === '.') i++;
  if (isOneOf(at(i), digits)) i++;
  let sawDot = false;
  let sawExponent = false;
  for (;;) {
    const character = at(i);
    if (character === '.') {
      i++;
      if (sawDot) return { isValid: false, end: i };
      sawDot = true;
      if (isOneOf(at(i), '_.')) return { isValid: false, end: i + 1 };
      if (digits === HEXADECIMAL) return { isValid: false, end: i };
    } else if (isOneOf(character, 'eE')) {
      i++;
      if (sawExponent) return { isValid: false, end: i };
      sawExponent = true;
      if (isOneOf(at(i), '+-')) i++;
      if (isOneOf(at(i), '._eE')) return { isValid: false, end: i + 1 };
      if (at(i) === '') return { isValid: false, end: i };
    } else if (character === '_') {
      i++;
      if (isOneOf(at(i), '._eE')) return { isValid: false, end: i + 1 };
      if (at(i) === '') return { isValid: false, end: i };
    } else if (isOneOf(character, digits)) {
      while (isOneOf(at(i), digits)) i++;
    } else {
      break;
    }
  }
  return { isValid: i > start && !isWordCharacter(at(i)), end: i };
}

/** Scans the rest of a duration whose first digits end at `start`: `m`, `h30m`, `ms`. */
export function scanDuration(text: string, start: number): Scan {
  const at = (i: number): string => text[i] ?? '';
  let i = start;
  if (!isOneOf(at(i), 'smhdwy')) return { isValid: false, end: i };
  i++;
  if (at(i) === 's') i++;
  while (isOneOf(at(i), DECIMAL)) {
    while (isOneOf(at(i), DECIMAL)) i++;
    if (!isOneOf(at(i), 'smhdw')) return { isValid: false, end: i };
    i++;
    if (at(i) === 's') i++;
  }
  return isWordCharacter(at(i)) ? { isValid: false, end: i + 1 } : { isValid: true, end: i };
}

function isOneOf(character: string, set: string): boolean {
  return character !== '' && set.includes(character);
}

function isWordCharacter(character: string): boolean {
  return /^[a-zA-Z0-9_]$/.test(character);
}
