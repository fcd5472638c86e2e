import { expect, test } from 'vitest';
import { LineDecoder } from './decoder.ts';
import { encodeLine } from './encode.ts';
import { type LinePoint, reservedName } from './point.ts';
import { type Precision, parsePrecision } from './timestamp.ts';

/** 2026-11-26T11:12:13.123456789Z. */
const NOW_NS = 1_795_691_533_123_456_789n;

/** Points as lines in nanoseconds, and messages. */
function decode(
  text: string | Uint8Array,
  precision: Precision = 'n',
): { points: string[]; errors: string[] } {
  const points: string[] = [];
  const errors: string[] = [];
  new LineDecoder().decode(Buffer.from(text), precision, NOW_NS, {
    point: (point: LinePoint) => points.push(encodeLine(point)),
    error: (message) => errors.push(message),
  });
  return { points, errors };
}

test.each<[line: string, points: string[]]>([
  ['', []],
  ['\n\n  \n', []],
  ['# comment\n #another\ncpu v=1 5', ['cpu v=1 5']],
  ['cpu v=1', [`cpu v=1 ${NOW_NS}`]],
  ['cpu v=1 5\ncpu v=2 6\n', ['cpu v=1 5', 'cpu v=2 6']],
  ['cpu v=1 5\r\ncpu v="x" 6\r\n', ['cpu v=1 5', 'cpu v="x" 6']],
  ['  \tcpu v=1 5   ', ['cpu v=1 5']],
  ['cpu  v=1   5', ['cpu v=1 5']],
  ['cpu,b=2,a=1 v=1 5', ['cpu,a=1,b=2 v=1 5']],
  ['cpu v=1,w=2i,x=t,y="s",z=-.5 5', ['cpu v=1,w=2i,x=true,y="s",z=-0.5 5']],
  // The last of two fields of one name wins, in the place of the first.
  ['cpu v=1,w=2,v=3i 5', ['cpu v=3i,w=2 5']],
  ['cpu v=1.,w=.5,x=1e3,y=1E+3,z=1.5e-3 5', ['cpu v=1,w=0.5,x=1000,y=1000,z=0.0015 5']],
  ['cpu a=t,b=T,c=true,d=True,e=TRUE 5', ['cpu a=true,b=true,c=true,d=true,e=true 5']],
  ['cpu a=f,b=F,c=false,d=False,e=FALSE 5', ['cpu a=false,b=false,c=false,d=false,e=false 5']],
  [
    'cpu a=9223372036854775807i,b=-9223372036854775808i,c=-0i 5',
    ['cpu a=9223372036854775807i,b=-9223372036854775808i,c=0i 5'],
  ],
  [
    'cpu v=0.1234567890123456789,w=12345678901234567890 5',
    ['cpu v=0.12345678901234568,w=12345678901234567000 5'],
  ],
  ['cpu v=-0 5', ['cpu v=-0 5']],
  [
    'my\\ cpu\\,x,a\\ b=c\\,d,e\\=f=g\\ h v\\ w=1 5',
    ['my\\ cpu\\,x,a\\ b=c\\,d,e\\=f=g\\ h v\\ w=1 5'],
  ],
  ['cpu,path=C:\\dir v=1 5', ['cpu,path=C:\\dir v=1 5']],
  ['cpu v="a\\"b\\\\c\\d" 5', ['cpu v="a\\"b\\\\c\\\\d" 5']],
  ['cpu v="a,b=c d",w=1 5', ['cpu v="a,b=c d",w=1 5']],
  ['cpu v="two\nlines" 5\nmem v=1 6', ['cpu v="two\nlines" 5', 'mem v=1 6']],
  ['cpu v="" 5', ['cpu v="" 5']],
  ['cpu,host="a\\ b" v=1 5', ['cpu,host="a\\ b" v=1 5']],
  ['héé,tág=välue fïeld=1 5', ['héé,tág=välue fïeld=1 5']],
  ['cpu v=1 -1', ['cpu v=1 -1']],
  ['cpu v=1 -1000001', ['cpu v=1 -1000001']],
  ['cpu v=1 -1000000', ['cpu v=1 -1000000']],
  ['cpu v=1 9223372036854775806', ['cpu v=1 9223372036854775806']],
  ['cpu v=1 -9223372036854775806', ['cpu v=1 -9223372036854775806']],
  ['cpu v=1 1700000000123456789', ['cpu v=1 1700000000123456789']],
])('%j', (line, points) => {
  expect(decode(line)).toEqual({ points, errors: [] });
});

test.each<[line: string, reason: string]>([
  ['cpu', 'missing fields'],
  ['cpu ', 'invalid field format'],
  ['cpu,host=a', 'missing fields'],
  ['cpu v', 'invalid field format'],
  ['cpu v=1,w', 'invalid field format'],
  ['cpu v,w=1', 'invalid field format'],
  [',host=a v=1', 'missing measurement'],
  ['cpu, v=1', 'missing tag key'],
  ['cpu,=a v=1', 'missing tag key'],
  ['cpu,,host=a v=1', 'missing tag key'],
  ['cpu,host v=1', 'missing tag value'],
  ['cpu,host= v=1', 'missing tag value'],
  ['cpu,host=,b=c v=1', 'missing tag value'],
  ['cpu,host=a=b v=1', 'invalid tag format'],
  ['cpu,path=C:\\,b=c v=1', 'invalid tag format'],
  ['cpu,a=1,a=2 v=1', 'duplicate tags'],
  ['cpu,a=1,b=2,a=3 v=1', 'duplicate tags'],
  ['cpu =1', 'missing field key'],
  ['cpu v=1,=2', 'missing field key'],
  ['cpu v=', 'missing field value'],
  ['cpu v=,w=1', 'missing field value'],
  ['cpu v= 5', 'missing field value'],
  ['cpu v=1u', 'invalid number'],
  ['cpu v=1.5i', 'invalid number'],
  ['cpu v=0x10', 'invalid number'],
  ['cpu v=NaN', 'invalid number'],
  ['cpu v=-', 'invalid number'],
  ['cpu v=-i', 'invalid number'],
  ['cpu v=.', 'invalid number'],
  ['cpu v=1.2.3', 'invalid number'],
  ['cpu v=1i2', 'invalid number'],
  ['cpu v=1e400', 'invalid float'],
  ['cpu v=1e', 'invalid float'],
  ['cpu v=+1', 'invalid boolean'],
  ['cpu v=+Inf', 'invalid boolean'],
  ['cpu v=tru', 'invalid boolean'],
  ['cpu v=tRUE', 'invalid boolean'],
  ['cpu v=x', 'invalid boolean'],
  [
    'cpu v=9223372036854775808i',
    'unable to parse integer 9223372036854775808: strconv.ParseInt: parsing "9223372036854775808": value out of range',
  ],
  ['cpu v=1 abc', 'bad timestamp'],
  ['cpu v=1 1.5', 'bad timestamp'],
  ['cpu v=1 5x', 'bad timestamp'],
  ['cpu v=1 5 6', 'point is invalid'],
  ['cpu v=1 -', 'strconv.ParseInt: parsing "-": invalid syntax'],
  [
    'cpu v=1 99999999999999999999',
    'strconv.ParseInt: parsing "99999999999999999999": value out of range',
  ],
  ['cpu v=1 9223372036854775807', 'time outside range -9223372036854775806 - 9223372036854775806'],
  [`${'m'.repeat(65_536)} v=1`, 'max key length exceeded: 65536 > 65535'],
  [`${'m'.repeat(65_530)} vv=1`, 'max key length exceeded: 65536 > 65535'],
])('%j is refused: %s', (line, reason) => {
  expect(decode(`good v=1 1\n${line}\ngood v=2 2`)).toEqual({
    points: ['good v=1 1', 'good v=2 2'],
    errors: [`unable to parse '${line}': ${reason}`],
  });
});

test('a quote that is not closed takes the rest with it', () => {
  expect(decode('cpu v="abc\ncpu v=1 5\n')).toEqual({
    points: [],
    errors: [`unable to parse 'cpu v="abc\ncpu v=1 5': unbalanced quotes`],
  });
});

test('bytes that are not UTF-8 are refused', () => {
  expect(decode(Buffer.from('cpu,a=\xff v=1', 'latin1')).errors).toEqual([
    "unable to parse 'cpu,a=\ufffd v=1': invalid UTF-8",
  ]);
});

test.each<[precision: Precision, ns: string]>([
  ['n', '1700000000'],
  ['u', '1700000000000'],
  ['ms', '1700000000000000'],
  ['s', '1700000000000000000'],
  ['m', '102000000000000000000'],
  ['h', '6120000000000000000000'],
])('times of precision %s', (precision, ns) => {
  const { points, errors } = decode('cpu v=1 1700000000', precision);
  if (BigInt(ns) < 2n ** 63n) expect(points).toEqual([`cpu v=1 ${ns}`]);
  else expect(errors[0]).toContain('time outside range');
});

test("a line without a time has the request's, rounded down to its precision", () => {
  const lines = (precision: Precision): string[] => decode('cpu v=1', precision).points;
  expect(lines('u')).toEqual(['cpu v=1 1795691533123456000']);
  expect(lines('ms')).toEqual(['cpu v=1 1795691533123000000']);
  expect(lines('s')).toEqual(['cpu v=1 1795691533000000000']);
  expect(lines('h')).toEqual(['cpu v=1 1795690800000000000']);
});

test('precisions by name', () => {
  expect(['', 'n', 'ns', 'us', 'ms', 'days'].map(parsePrecision)).toEqual([
    'n',
    'n',
    'n',
    'u',
    'ms',
    undefined,
  ]);
});

test('the same series is the same object', () => {
  const series = new Set<unknown>();
  new LineDecoder().decode(Buffer.from('cpu,a=1 v=1\ncpu,a=1 v=2\n'.repeat(3)), 'n', 0n, {
    point: (point) => series.add(point.series),
    error: () => expect.unreachable(),
  });
  expect(series.size).toBe(1);
});

test('a line of many fields keeps the last of each name', () => {
  const fields = Array.from({ length: 300 }, (_, i) => `f${i % 100}=${i}`);
  const [point] = decode(`cpu ${fields.join(',')} 1`).points;
  expect(point?.split(',')).toHaveLength(100);
  expect(point).toContain('f99=299');
});

test('names that InfluxDB keeps for itself', () => {
  const reasons: (string | undefined)[] = [];
  new LineDecoder().decode(Buffer.from('a,time=x v=1\nb time=1\nc time=1,v=2\n'), 'n', 0n, {
    point: (point) => reasons.push(reservedName(point)),
    error: () => expect.unreachable(),
  });
  expect(reasons).toEqual([
    'invalid tag key: input tag "time" on measurement "a" is invalid',
    'invalid field name: input field "time" on measurement "b" is invalid',
    undefined,
  ]);
});
