import fc from 'fast-check';
import { expect, test } from 'vitest';
import { labelJson } from '../../codec/json-strings.ts';
import { BytePieces } from './byte-pieces.ts';
import { floatText, secondsText, writeLabels } from './json-values.ts';

test.each<[value: number, text: string]>([
  [0, '0'],
  [-0, '-0'],
  [1, '1'],
  [-1.5, '-1.5'],
  [0.1 + 0.2, '0.30000000000000004'],
  [1e-6, '0.000001'],
  [9.5e-7, '9.5e-07'],
  [1e-7, '1e-07'],
  [-2.5e-10, '-2.5e-10'],
  [5e-324, '5e-324'],
  [1e20, '100000000000000000000'],
  [1e21, '1e+21'],
  [1.5e300, '1.5e+300'],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
])('the float %d', (value, text) => {
  expect(floatText(value)).toBe(text);
});

test.each<[t: number, text: string]>([
  [0, '0'],
  [1, '0.001'],
  [-1, '-0.001'],
  [1_435_781_451_781, '1435781451.781'],
  [1_435_781_430_000, '1435781430'],
  [1500, '1.500'],
  [-2000, '-2'],
])('the time %d', (t, text) => {
  expect(secondsText(t)).toBe(text);
});

test('labels of any characters and lengths, in pieces of any size', () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('', '"', '\\', '\b\f\n\u2028<&>', 'x'.repeat(5000), `${'ä'.repeat(3000)}"`),
  );
  const labels = fc.array(fc.record({ name: text, value: text }), { maxLength: 5 });
  fc.assert(
    fc.property(labels, fc.integer({ min: 4096, max: 10_000 }), (given, pieceBytes) => {
      const out = new BytePieces(() => new Uint8Array(pieceBytes));
      writeLabels(out, given);
      const pieces: Uint8Array[] = [];
      for (let piece = out.takeFull(); piece !== undefined; piece = out.takeFull()) {
        pieces.push(piece);
      }
      const written = Buffer.concat([...pieces, out.takeRest()]).toString();
      const pairs = given.map(({ name, value }) => `${labelJson(name)}:${labelJson(value)}`);
      expect(written).toBe(`{${pairs.join(',')}}`);
    }),
  );
});
