// How well a text fits what somebody typed: 0 not at all, 1 fully. The measures are those of Prometheus'
// search API, so that both rank alike. Texts are compared by code point.

export type Score = (text: string) => number;

/** Of anything but the whole pattern, so that rounding does not make it look like that. */
const INEXACT_SCALE = 0.999;

/** A common prefix up to this length adds to the similarity. */
const MAX_PREFIX = 4;
const PREFIX_WEIGHT = 0.1;

/** Containing the pattern: 1 at the start, down to 0.1 at the end; 0 without it. */
export function substringScore(pattern: string): Score {
  const patternLength = [...pattern].length;
  return (text) => {
    const at = text.indexOf(pattern);
    if (at <= 0) return at === 0 ? 1 : 0;
    const last = [...text].length - patternLength;
    return 1 - (0.9 * [...text.slice(0, at)].length) / last;
  };
}

/**
 * The pattern's characters in their order, with gaps. Runs count by the square of their length, gaps cost
 * their share of the text, what follows the last run half of it; the best start counts.
 */
export function subsequenceScore(pattern: string): Score {
  const wanted = [...pattern];
  return (text) => {
    if (wanted.length === 0 || pattern === text) return 1;
    const characters = [...text];
    const lastStart = characters.length - wanted.length;
    let best = -1;
    for (let start = 0; start <= lastStart; start++) {
      if (characters[start] !== wanted[0]) continue;
      const score = greedyScore(wanted, characters, start);
      // What cannot be completed from here cannot be from further on.
      if (score === undefined) break;
      best = Math.max(best, score);
    }
    return best < 0 ? 0 : (best / (wanted.length * wanted.length)) * INEXACT_SCALE;
  };
}

/** Takes every next character at its first place from `start` on; undefined if one is missing. */
function greedyScore(
  wanted: readonly string[],
  characters: readonly string[],
  start: number,
): number | undefined {
  const share = 1 / characters.length;
  let score = 0;
  let found = 0;
  let end = 0;
  for (let i = start; found < wanted.length; ) {
    while (i < characters.length && characters[i] !== wanted[found]) i++;
    if (i === characters.length) return undefined;
    const from = i;
    while (found < wanted.length && characters[i] === wanted[found]) {
      i++;
      found++;
    }
    if (from > end) score -= (from - end) * share;
    score += (i - from) ** 2;
    end = i;
  }
  const rest = characters.length - end;
  return rest > 0 ? score - rest * share * 0.5 : score;
}

/** The similarity of Jaro and Winkler: common characters at about the same places, and a common start. */
export function jaroWinklerScore(pattern: string): Score {
  const wanted = [...pattern];
  return (text) => {
    if (pattern === text) return 1;
    const characters = [...text];
    return wanted.length <= characters.length
      ? similarity(wanted, characters)
      : similarity(characters, wanted);
  };
}

function similarity(short: readonly string[], long: readonly string[]): number {
  if (short.length === 0) return 0;
  const reach = Math.max(Math.floor(long.length / 2) - 1, 0);
  const taken = new Uint8Array(long.length);
  const matched: string[] = [];
  for (const [i, character] of short.entries()) {
    const end = Math.min(i + reach + 1, long.length);
    for (let j = Math.max(i - reach, 0); j < end; j++) {
      if (taken[j] === 1 || long[j] !== character) continue;
      taken[j] = 1;
      matched.push(character);
      break;
    }
  }
  const matches = matched.length;
  if (matches === 0) return 0;
  const partners = long.filter((_, j) => taken[j] === 1);
  const transposed = matched.filter((character, k) => character !== partners[k]).length;
  const shares = matches * (1 / short.length) + matches * (1 / long.length);
  const jaro = (shares + (matches - transposed * 0.5) / matches) / 3;
  let prefix = 0;
  while (prefix < Math.min(MAX_PREFIX, short.length) && short[prefix] === long[prefix]) prefix++;
  return jaro + prefix * PREFIX_WEIGHT * (1 - jaro);
}
