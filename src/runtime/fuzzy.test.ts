import { expect, test } from 'vitest';
import { jaroWinklerScore, type Score, subsequenceScore, substringScore } from './fuzzy.ts';

const check =
  (measure: (pattern: string) => Score) =>
  (pattern: string, text: string, score: number): void => {
    expect(measure(pattern)(text)).toBeCloseTo(score, 12);
  };

test.each<[pattern: string, text: string, score: number]>([
  ['', 'anything', 1],
  ['http', 'http_requests', 1],
  ['requests', 'http_requests', 0.1],
  ['tt', 'http', 1 - 0.9 / 2],
  ['b', 'üb', 0.1],
  ['grpc', 'http', 0],
])('%j as a part of %j: %d', check(substringScore));

// By hand: (Σ runs² − gaps/length − rest/(2·length)) / pattern² · 0.999
test.each<[pattern: string, text: string, score: number]>([
  ['', 'anything', 1],
  ['abc', 'abc', 1],
  ['abc', '', 0],
  ['abc', 'ab', 0],
  ['cba', 'abc', 0],
  ['ab', 'abxx', ((4 - 2 / 8) / 4) * 0.999],
  ['ab', 'axbx', ((2 - 1 / 4 - 1 / 8) / 4) * 0.999],
  // The second start is the better one.
  ['ab', 'axab', ((4 - 2 / 4) / 4) * 0.999],
  ['üb', 'aüb', ((4 - 1 / 3) / 4) * 0.999],
  // Gaps can cost more than single characters bring.
  ['az', `${'x'.repeat(5)}a${'x'.repeat(20)}z`, ((2 - 5 / 27 - 20 / 27) / 4) * 0.999],
])('%j in the order of %j: %d', check(subsequenceScore));

// The examples of Winkler's papers.
test.each<[pattern: string, text: string, score: number]>([
  ['MARTHA', 'MARHTA', 0.9611111111111111],
  ['DIXON', 'DICKSONX', 0.8133333333333332],
  ['DWAYNE', 'DUANE', 0.84],
  ['same', 'same', 1],
  ['', 'a', 0],
  ['a', '', 0],
  ['abc', 'xyz', 0],
  ['ü', 'ü', 1],
])('%j like %j: %d', check(jaroWinklerScore));
