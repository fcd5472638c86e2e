// `node dist/test/differential-otlp/record.js ORACLE [NUMBER [SEED]]`: asks the oracle about random requests and
// writes its answers to testdata/, where prometheus.test.ts finds them.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomCases } from './generator.ts';
import { askOracle } from './oracle.ts';

const [oracle, number = '400', seed = '1'] = process.argv.slice(2);
if (oracle === undefined) throw new Error('usage: record.js ORACLE [NUMBER [SEED]]');
const cases = randomCases(Number(number), Number(seed));
const answers = askOracle(oracle, cases);
const folder = join(import.meta.dirname.replace('/dist/', '/'), 'testdata');
mkdirSync(folder, { recursive: true });
const lines = cases.map((one, i) => JSON.stringify({ ...one, answer: answers[i] }));
writeFileSync(join(folder, 'prometheus-3.14.jsonl'), `${lines.join('\n')}\n`);
