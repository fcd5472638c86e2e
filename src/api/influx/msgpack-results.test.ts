// What InfluxDB itself writes is compared in test/differential-influx; here is what it cannot be asked for.

import { expect, test } from 'vitest';
import type { ResultSeries } from '../../influxql/index.ts';
import { MsgpackResults } from './msgpack-results.ts';

function floats(isPartial: boolean, ...values: readonly number[]): ResultSeries {
  return {
    name: 'm',
    tags: [],
    columns: ['f'],
    types: ['float'],
    rows: values.map((value) => [value]),
    isPartial,
  };
}

function hex(parts: Iterable<Uint8Array>): string {
  let text = '';
  for (const part of parts) text += Buffer.from(part).toString('hex');
  return text;
}

const ERROR = '81a56572726f72a474e1bdaf';

test('rows of one series that come in pieces are one list', () => {
  const writer = new MsgpackResults('n', false);
  const text =
    hex([writer.start(1)]) +
    hex([writer.begin(0)]) +
    hex(writer.piece({ series: [floats(true, 1)], isPartial: true })) +
    hex(writer.piece({ series: [floats(false, 2)], isPartial: false })) +
    hex([writer.end([], undefined)]) +
    hex([writer.finish()]);
  const values = '92' + '91cb3ff0000000000000' + '91cb4000000000000000';
  expect(text).toBe(
    '81a7726573756c747391' +
      '82ac73746174656d656e745f696400a6736572696573' +
      `9183a46e616d65a16da7636f6c756d6e7391a166a676616c756573${values}`,
  );
});

test('of a statement that fails half-way the error alone is told, by whichever writer goes on', () => {
  const first = new MsgpackResults('n', false);
  hex([first.start(2), first.begin(0)]);
  hex(first.piece({ series: [floats(true, 1)], isPartial: true }));
  const second = new MsgpackResults('n', false);
  second.state = first.state;
  for (const writer of [first, second]) {
    expect(hex([writer.end([], 't\u1f6f')])).toBe(ERROR);
    hex([writer.begin(1)]);
    expect(hex([writer.end([], undefined)])).toBe('82ac73746174656d656e745f696401a673657269657390');
  }
});

test('infinities are told, what is no number is nothing', () => {
  const writer = new MsgpackResults('n', true);
  const piece = { series: [floats(false, Number.POSITIVE_INFINITY, Number.NaN)], isPartial: false };
  expect(hex(writer.piece(piece))).toMatch(/a676616c7565739291cb7ff000000000000091c0$/);
});

test('an answer that is not asked for in pieces has a limit', () => {
  const writer = new MsgpackResults('n', false);
  const text = 'x'.repeat(1 << 20);
  const series = { ...floats(true), types: ['string' as const], rows: [[text]] };
  const write = () => {
    for (let i = 0; i < 64; i++) hex(writer.piece({ series: [series], isPartial: true }));
  };
  expect(write).toThrow(expect.objectContaining({ code: 'MSGPACK_TOO_LARGE' }));
  expect(hex([writer.end([], 't\u1f6f')])).toBe(ERROR);
});
