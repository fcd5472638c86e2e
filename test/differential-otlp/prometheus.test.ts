// The series that OpenTelemetry's metrics become, beside those that Prometheus 3.14 makes of the same requests. Its
// answers were recorded; with TIDEMARK_OTLP_ORACLE the program that gave them is asked about new ones.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FUZZ } from '../support/arbitraries.ts';
import { type Case, randomCases } from './generator.ts';
import { askOracle } from './oracle.ts';
import { ourAnswer, type PlainAnswer, sorted, withoutTargetInfo } from './samples.ts';

const ORACLE = process.env.TIDEMARK_OTLP_ORACLE;

function expectSame(one: Case, theirs: PlainAnswer): void {
  const ours = ourAnswer(one);
  const [mine, other] = [ours, theirs].map(({ isRefused, samples }) => ({
    isRefused,
    samples: sorted(theirs.isRefused ? withoutTargetInfo(samples) : samples),
  }));
  if (JSON.stringify(mine) === JSON.stringify(other)) return;
  expect(mine, JSON.stringify(one)).toEqual(other);
}

/** It cuts a suffix and one byte before it, which may be a part of a letter. */
function hasCutLetter({ samples }: PlainAnswer): boolean {
  return samples.some(({ labels }) => labels.some(([, value]) => value.includes('\ufffd')));
}

test('recorded answers', () => {
  const file = join(import.meta.dirname, 'testdata/prometheus-3.14.jsonl');
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(lines.length).toBeGreaterThan(300);
  let refused = 0;
  for (const line of lines) {
    const { answer, ...one } = JSON.parse(line) as Case & { answer: PlainAnswer };
    expectSame(one, answer);
    if (answer.isRefused) refused++;
  }
  expect(refused).toBeGreaterThan(20);
});

if (ORACLE !== undefined) {
  test('new requests', () => {
    const cases = randomCases(FUZZ.numRuns, FUZZ.seed);
    askOracle(ORACLE, cases).forEach((answer, i) => {
      if (!hasCutLetter(answer)) expectSame(cases[i]!, answer);
    });
  });
}
