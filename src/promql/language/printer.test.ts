import { describe, expect, test } from 'vitest';
import { astToJson } from './ast-json.ts';
import { LANGUAGE_FEATURES, parserOptions } from './features.ts';
import { parseExpr } from './parser.ts';
import { prettyPrint } from './pretty.ts';
import { printExpr } from './printer.ts';
import { childrenOf, selectorsOf, walk } from './walk.ts';

const parse = (text: string) => parseExpr(text, parserOptions(LANGUAGE_FEATURES));

describe('one line', () => {
  test.each<[query: string, printed: string]>([
    ['sum(a)by(x,"y z")', 'sum by (x, "y z") (a)'],
    ['sum without()(a)', 'sum without () (a)'],
    ['topk(5,a)', 'topk(5, a)'],
    ['a+on()group_left(x)b', 'a + on () group_left (x) b'],
    ['a and ignoring() b', 'a and b'],
    ['a>bool fill(1e6)b', 'a > bool fill (1e+06) b'],
    ['a+fill_right(2)fill_left(0.5)b', 'a + fill_left (0.5) fill_right (2) b'],
    ['{b="2",a="1",__name__="x"}', '{__name__="x",a="1",b="2"}'],
    ['x{b="2",a="1"}', 'x{a="1",b="2"}'],
    ['x{"a.b"=~"c\\\\d\\n"}', 'x{"a.b"=~"c\\\\d\\n"}'],
    ['{a!="",__name__=""}', '{__name__="",a!=""}'],
    ['a[90s] offset -1w @ 1.5', 'a[1m30s] @ 1.500 offset -1w'],
    ['a smoothed @ start() offset 8d', 'a @ start() smoothed offset 8d'],
    ['a[5m] anchored @ end()', 'a[5m] anchored @ end()'],
    ['a[1h:] @ 0', 'a[1h:] @ 0.000'],
    ['a[step()+1m:max_of(1m,range())]', 'a[step() + 1m:max_of(1m, range())]'],
    ['a offset -(1+2m)', 'a offset -(1 + 2m)'],
    ['-a', '-a'],
    ['- -1', '1'],
    ['1e21', '1000000000000000000000'],
    ['1e-9', '0.000000001'],
    ['5400s', '1h30m'],
    ['-5m', '-5m'],
    ['inf', '+Inf'],
    ["'a\"b'", '"a\\"b"'],
    ['"\\xff"', '"\\xff"'],
    ['label_replace(a,"b","$1","c",`(.*)`)', 'label_replace(a, "b", "$1", "c", "(.*)")'],
    ['time()', 'time()'],
  ])('%s', (query, printed) => {
    expect(printExpr(parse(query))).toBe(printed);
    expect(printExpr(parse(printed))).toBe(printed);
  });
});

describe('for people', () => {
  const long = 'a_metric_with_a_rather_long_name_that_fills_half_of_a_line_and_a_bit{job="x"}';

  test.each<[query: string, lines: string[]]>([
    ['sum(rate(a[5m]))', ['sum(rate(a[5m]))']],
    [`${long}[5m]`, [`${long}[5m]`]],
    [`${long} + on (a) ${long}`, [`  ${long}`, '+ on (a)', `  ${long}`]],
    [
      `topk by (a) (5, ${long} == bool -${long})`,
      ['topk by (a) (', '  5,', `    ${long}`, '  == bool', `    -${long}`, ')'],
    ],
    [
      `(label_join(rate(${long}[5m]), "a", "b", "c", "d"))`,
      [
        '(',
        '  label_join(',
        `    rate(${long}[5m]),`,
        '    "a",',
        '    "b",',
        '    "c",',
        '    "d"',
        '  )',
        ')',
      ],
    ],
    [
      `max_over_time((${long} / ${long})[5m:1m] offset 1h)`,
      [
        'max_over_time(',
        '  (',
        `      ${long}`,
        '    /',
        `      ${long}`,
        '  )[5m:1m] offset 1h',
        ')',
      ],
    ],
  ])('%s', (query, lines) => {
    expect(prettyPrint(parse(query))).toBe(lines.join('\n'));
  });
});

describe('as JSON', () => {
  const selector = {
    anchored: false,
    matchers: [{ name: '__name__', type: '=', value: 'a' }],
    name: 'a',
    offset: 0,
    offsetExpr: null,
    smoothed: false,
    startOrEnd: null,
    timestamp: null,
    type: 'vectorSelector',
  };

  test.each<[query: string, json: object]>([
    ['a', selector],
    ['1m', { type: 'numberLiteral', val: '60' }],
    ['"x"', { type: 'stringLiteral', val: 'x' }],
    ['(-a)', { expr: { expr: selector, op: '-', type: 'unaryExpr' }, type: 'parenExpr' }],
    [
      'topk(2, a)',
      {
        expr: selector,
        grouping: [],
        op: 'topk',
        param: { type: 'numberLiteral', val: '2' },
        type: 'aggregation',
        without: false,
      },
    ],
    [
      'a + on (x) group_left (y) fill_left (1) a',
      {
        bool: false,
        lhs: selector,
        matching: {
          card: 'many-to-one',
          fillValues: { lhs: 1, rhs: null },
          include: ['y'],
          labels: ['x'],
          on: true,
        },
        op: '+',
        rhs: selector,
        type: 'binaryExpr',
      },
    ],
    [
      'round(a)',
      {
        args: [selector],
        func: { argTypes: ['vector', 'scalar'], name: 'round', returnType: 'vector', variadic: 1 },
        type: 'call',
      },
    ],
    [
      'a[5m] smoothed @ end() offset -2s',
      {
        anchored: false,
        matchers: selector.matchers,
        name: 'a',
        offset: -2000,
        offsetExpr: null,
        range: 300000,
        rangeExpr: null,
        smoothed: true,
        startOrEnd: 'end',
        timestamp: null,
        type: 'matrixSelector',
      },
    ],
    [
      'a[(1m):step()] @ 1.5',
      {
        expr: selector,
        offset: 0,
        offsetExpr: null,
        range: 0,
        rangeExpr: {
          lhs: null,
          op: '+',
          rhs: { duration: true, type: 'numberLiteral', val: '60' },
          type: 'durationExpr',
          wrapped: true,
        },
        startOrEnd: null,
        step: 0,
        stepExpr: { lhs: null, op: 'step', rhs: null, type: 'durationExpr', wrapped: false },
        timestamp: 1500,
        type: 'subquery',
      },
    ],
  ])('%s', (query, json) => {
    // As text: the order of fields is that of Prometheus' encoder.
    expect(JSON.stringify(astToJson(parse(query)))).toBe(JSON.stringify(json));
  });
});

test('walks parents first, in the order of the text', () => {
  const kinds: string[] = [];
  const expr = parse('sum(topk(2, a)) + abs(-b) * (c)');
  walk(expr, (node) => kinds.push(node.kind));
  expect(kinds.join(' ')).toBe(
    'binary aggregate aggregate vectorSelector number binary call unary vectorSelector paren vectorSelector',
  );
  expect(childrenOf(expr)).toHaveLength(2);
});

test('finds every selector', () => {
  const names = selectorsOf(parse('a + rate(b[5m]) / max_over_time(c[1h:1m])')).map(
    ({ name }) => name,
  );
  expect(names).toEqual(['a', 'b', 'c']);
});
