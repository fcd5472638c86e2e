import { describe, expect, it } from 'vitest';
import {
  type Collected,
  smallSeriesTable,
  takeCollected,
} from '../../../test/support/collected.ts';
import { RowCollector } from '../row-collector.ts';
import { CollectdJsonDecoder } from './json.ts';

function decode(...lists: unknown[]): Collected {
  return decodeText(JSON.stringify(lists));
}

function decodeText(text: string): Collected {
  const collector = new RowCollector();
  const decoder = new CollectdJsonDecoder(collector, smallSeriesTable());
  decoder.push(Buffer.from(text));
  decoder.end();
  return takeCollected(collector);
}

/** As collectd 5.12 sends its load. */
const LOAD = {
  values: [0.5, 0.25, 0.125],
  dstypes: ['gauge', 'gauge', 'gauge'],
  dsnames: ['shortterm', 'midterm', 'longterm'],
  time: 1_700_000_000.5,
  interval: 10,
  host: 'web-1.example',
  plugin: 'load',
  plugin_instance: '',
  type: 'load',
  type_instance: '',
};
const OTHER = { ...LOAD, values: [1], dstypes: ['gauge'], dsnames: ['value'] };

it('names what collectd_exporter names', () => {
  expect(decode(LOAD)).toEqual({
    samples: [
      'collectd_load_shortterm{instance="web-1.example"} 0.5 1700000000500',
      'collectd_load_midterm{instance="web-1.example"} 0.25 1700000000500',
      'collectd_load_longterm{instance="web-1.example"} 0.125 1700000000500',
    ],
    problems: [],
    losses: {},
  });
});

it.each([
  [{ plugin: 'memory', type: 'memory', type_instance: 'used' }, 'collectd_memory{memory="used"'],
  [
    {
      plugin: 'cpu',
      plugin_instance: '0',
      type: 'cpu',
      type_instance: 'idle',
      dstypes: ['derive'],
    },
    'collectd_cpu_total{cpu="0", type="idle"',
  ],
  [
    { plugin: 'df', plugin_instance: 'root', type: 'df_complex', type_instance: 'free' },
    'collectd_df_complex{df="root", type="free"',
  ],
  [
    { plugin: 'interface', plugin_instance: 'eth0', type: 'if_octets', dsnames: ['rx'] },
    'collectd_interface_if_octets_rx{interface="eth0"',
  ],
  [
    { plugin: 'a-b', plugin_instance: 'c d', type: 'e.f', dstypes: ['counter'] },
    'collectd_a_b_e_f_total{a_b="c d"',
  ],
])('%j is %s', (list, name) => {
  expect(decode({ ...OTHER, ...list }).samples).toEqual([
    `${name}, instance="web-1.example"} 1 1700000000500`,
  ]);
});

describe('a value list is refused alone', () => {
  it.each([
    [7, 'not an object'],
    [{ ...OTHER, plugin: '' }, '"plugin" or "type" is missing'],
    [{ ...OTHER, type: undefined }, '"plugin" or "type" is missing'],
    [{ ...OTHER, dsnames: [] }, '1 "values", but 1 "dstypes" and 0 "dsnames"'],
    [{ ...OTHER, time: 'now' }, 'bad "time"'],
    [{ ...OTHER, time: null }, 'bad "time"'],
    [{ ...OTHER, values: [{}] }, '"values"[0] is no number'],
    [{ ...OTHER, values: 'x' }, '0 "values", but 1 "dstypes" and 1 "dsnames"'],
  ])('%j', (list, message) => {
    expect(decode(OTHER, list, OTHER)).toMatchObject({
      samples: [expect.anything(), expect.anything()],
      problems: [`2: ${message}`],
    });
  });

  it('and of its values the good ones are kept', () => {
    expect(decode({ ...LOAD, values: [1, [], null] })).toEqual({
      samples: ['collectd_load_shortterm{instance="web-1.example"} 1 1700000000500'],
      problems: ['1: "values"[1] is no number'],
      losses: { nan_dropped: 1 },
    });
  });
});

it('counts what the model cannot hold', () => {
  const text = JSON.stringify([OTHER]).replace('[1]', '[18446744073709551615]');
  expect(decodeText(text).losses).toEqual({ integer_rounded: 1 });
  expect(decode({ ...OTHER, time: 1_700_000_000.123_456 }).losses).toEqual({
    time_below_millisecond: 1,
  });
});

it.each(['', '{}', '[', '[{]', '[]x', 'PUTVAL "h/p/t" interval=2 1:2'])(
  '%j is no JSON of collectd',
  (text) => {
    expect(() => decodeText(text)).toThrow(expect.objectContaining({ code: 'JSON_MALFORMED' }));
  },
);
