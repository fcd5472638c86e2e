// Line protocol, CSV, JSON lines and texts that are sent to both, a request each, and where the two differ on purpose. Each
// case has metrics of its own.

import { type Case, type Difference, MS, one, T } from './case.ts';

const NS = `${MS}000000`;

const NAN = 'NaN is kept. VictoriaMetrics leaves it out.';
const PLUS = 'A plus sign before a number is taken.';
const TWICE = 'Two values for one label are refused. With VictoriaMetrics the last counts.';
const PRECISION: Difference = {
  told: 'Doubles are kept bit for bit.',
  ours: one(0.12345678901234568),
  theirs: one(0.12345678901234),
};
/** The same of a field `v` of line protocol. */
const field = (value: string | number, time: number | string = MS): string[] => [
  `_v{} ${value} ${time}`,
];

const influx = (
  line: (name: string) => string,
  difference?: Difference,
  params: Readonly<Record<string, string>> = {},
): Case => ({
  protocol: 'influx',
  input: line,
  params: () => params,
  ...(difference && { difference }),
});
const csv = (
  format: (name: string) => string,
  lines: string | ((name: string) => string),
  difference?: Difference,
): Case => ({
  protocol: 'csv',
  input: (name) => (typeof lines === 'string' ? lines : lines(name)),
  params: (name) => ({ format: format(name) }),
  ...(difference && { difference }),
});
const json = (line: (name: string) => string, difference?: Difference): Case => ({
  protocol: 'json',
  input: line,
  ...(difference && { difference }),
});
const text = (
  line: (name: string) => string,
  difference?: Difference,
  params: Readonly<Record<string, string>> = {},
): Case => ({
  protocol: 'text',
  input: line,
  params: () => params,
  ...(difference && { difference }),
});

export const IMPORT_CASES: readonly Case[] = [
  influx((name) => `${name} value=1 ${NS}`),
  influx((name) => `${name},b=2,a=1 x=1.5,y=-2i,z=3u ${NS}`),
  influx((name) => `${name} a=t,b=F,c=true,d=False ${NS}`),
  influx((name) => `${name} a="1.5",b=1 ${NS}`),
  influx((name) => `${name} a=1e3,b=-.5,c=5. ${NS}`),
  influx((name) => `${name},a\\ b=c\\,d\\=e\\\\f x\\ y=1 ${NS}`),
  influx((name) => `${name},a=x\\y v=1 ${NS}`),
  influx((name) => `${name},é=ü v=1 ${NS}`),
  influx((name) => `${name},a= v=1 ${NS}`),
  influx((name) => `${name},a=1,a=2 v=1 ${NS}`, {
    told: TWICE,
    ours: [],
    theirs: [`_v{a="2"} 1 ${MS}`],
  }),
  influx((name) => `${name} v=1,v=2 ${NS}`, {
    told: 'Of two values of a field in one line the last counts.',
    ours: field(2),
    theirs: [...field(1), ...field(2)],
  }),
  influx((name) => `${name} v=1 ${T}`),
  influx((name) => `${name} v=1 ${MS}`),
  influx((name) => `${name} v=1 ${MS}000`),
  influx((name) => `${name} v=1 ${T}`, undefined, { precision: 's' }),
  influx((name) => `${name} v=1 ${MS}`, undefined, { precision: 'ms' }),
  influx((name) => `${name} v=1 ${Math.floor(T / 60)}`, undefined, { precision: 'm' }),
  influx((name) => `${name} v=1 ${Math.floor(T / 3600)}`, undefined, { precision: 'h' }),
  influx((name) => `${name} v=1`),
  influx((name) => `${name} v=1 0`),
  influx((name) => `${name} v=1 ${NS}\r`),
  influx((name) => `# comment\n\n${name} v=1 ${NS}`),
  influx((name) => `  ${name}  v=1  ${NS}  `),
  influx((name) => `${name} v=inf ${NS}`),
  influx((name) => `${name} v=NaN ${NS}`, { told: NAN, ours: field('NaN'), theirs: [] }),
  influx((name) => `${name} v="text" ${NS}`, {
    told: 'A string is left out, and not 0.',
    ours: [],
    theirs: field(0),
  }),
  influx((name) => `${name} v="a, b=1 \\" c",w=1 ${NS}`, {
    told: 'A string is left out, and not 0.',
    ours: [`_w{} 1 ${MS}`],
    theirs: [...field(0), `_w{} 1 ${MS}`],
  }),
  influx((name) => `${name} v="a\nb",w=1 ${NS}`),
  influx((name) => `${name} v=9007199254740993i ${NS}`),
  influx((name) => `${name} v=0.1234567890123456789 ${NS}`, {
    ...PRECISION,
    ours: field(0.12345678901234568),
    theirs: field(0.12345678901234),
  }),
  influx((name) => `${name}`),
  influx((name) => `${name} v`),
  influx((name) => `${name} v=`),
  influx((name) => `${name} v=x ${NS}`, {
    told: 'A field that is neither a number nor anything else is refused.',
    ours: [],
    theirs: field(0),
  }),
  influx((name) => `${name} v=1i5 ${NS}`, {
    told: 'A field that is neither a number nor anything else is refused.',
    ours: [],
    theirs: field(0),
  }),
  influx((name) => `${name} v=1 x`),
  influx((name) => `${name},a v=1 ${NS}`),
  influx((name) => `${name} =1 ${NS}`),
  influx((name) => `,a=b ${name}=1 ${NS}`),
  influx((name) => `${name} v=1 ${NS}`, undefined, { extra_label: 'a=b' }),
  influx((name) => `${name},a=x v=1 ${NS}`, undefined, { extra_label: 'a=b' }),

  csv((name) => `1:metric:${name},2:time:unix_s`, `1,${T}\n`),
  csv((name) => `2:label:a,1:metric:${name},3:time:unix_ms`, `1.5,x,${MS + 123}\n`),
  csv((name) => `1:metric:${name},2:time:unix_ns`, `1,${MS}123456\n`),
  csv((name) => `1:metric:${name},2:time:rfc3339`, `1,${new Date(MS).toISOString()}\n`),
  csv((name) => `1:metric:${name},2:time:rfc3339`, '1,2026-01-01T02:00:00+02:00\n'),
  csv(
    (name) => `1:metric:${name},2:time:custom:2006-01-02 15:04:05.999Z`,
    `1,${new Date(MS).toISOString().replace('T', ' ')}\n`,
  ),
  csv((name) => `1:metric:${name}`, '1\n'),
  csv((name) => `1:metric:${name}_a,2:metric:${name}_b,3:time:unix_s`, `1,2,${T}\n3,,${T + 1}\n`),
  csv((name) => `1:metric:${name},2:label:a,3:time:unix_s`, `1,"x, ""y""",${T}\n`),
  csv((name) => `1:metric:${name},2:label:a,3:time:unix_s`, `1,'x, "y"',${T}\n`),
  csv((name) => `1:metric:${name},2:label:a,3:time:unix_s`, `1,,${T}\n`),
  csv((name) => `1:metric:${name},2:label:a,3:time:unix_s`, `1, x ,${T}\n`),
  csv((name) => `1:metric:${name},2:time:unix_s`, `value,time\n1,${T}\n`),
  csv((name) => `1:metric:${name},2:time:unix_s`, `1,${T}\nx,${T + 1}\n2,${T + 2}\n`),
  csv((name) => `1:metric:${name},2:time:unix_s`, `1,${T}\r\n2,${T + 1}\r\n`),
  csv((name) => `1:metric:${name},2:time:unix_s`, `1,${T},more,cells\n`),
  csv((name) => `1:metric:${name},3:time:unix_s`, `1,${T}\n`),
  csv((name) => `1:metric:${name},2:time:unix_s`, '1,\n'),
  csv((name) => `1:metric:${name},2:time:unix_s`, '1,0\n'),
  csv((name) => `1:metric:${name},2:time:unix_s`, `1,${T}.5\n`),
  csv((name) => `1:metric:${name},2:time:unix_s`, `inf,${T}\n`),
  csv((name) => `1:metric:${name},2:time:unix_s`, `NaN,${T}\n`, {
    told: NAN,
    ours: one('NaN'),
    theirs: [],
  }),
  csv((name) => `1:metric:${name},2:time:unix_s`, `+1,${T}\n`, {
    told: PLUS,
    ours: one(),
    theirs: [],
  }),
  csv((name) => `1:metric:${name},2:time:unix_s`, `9007199254740993,${T}\n`),
  csv((name) => `1:metric:${name},2:time:unix_s`, `0.1234567890123456789,${T}\n`, PRECISION),
  csv(
    (name) => `1:metric:${name},2:label:__name__,3:time:unix_s`,
    (name) => `1,${name}other,${T}\n`,
    {
      told: 'A label cannot take the place of the name.',
      ours: [],
      theirs: [`other{} 1 ${MS}`],
    },
  ),

  json((name) => `{"metric":{"__name__":"${name}"},"values":[1],"timestamps":[${MS}]}`),
  json(
    (name) =>
      `{"metric":{"__name__":"${name}","b":"2","a":"é \\"q\\""},"values":[1,-2.5e3],"timestamps":[${MS},${MS + 1}]}`,
  ),
  json((name) => `{"timestamps":[${MS}],"values":[1],"metric":{"__name__":"${name}"}}`),
  json(
    (name) => `{ "metric" : {"__name__":"${name}"}, "values" : [ 1 ], "timestamps" : [ ${MS} ] }`,
  ),
  json((name) => `{"metric":{"__name__":"${name}"},"values":["Infinity"],"timestamps":[${MS}]}`),
  json((name) => `{"metric":{"__name__":"${name}"},"values":["-Infinity"],"timestamps":[${MS}]}`),
  json(
    (name) => `{"metric":{"__name__":"${name}"},"values":[null,1],"timestamps":[${MS},${MS + 1}]}`,
    { told: NAN, ours: [...one('NaN'), ...one(1, MS + 1)], theirs: one(1, MS + 1) },
  ),
  json(
    (name) => `{"metric":{"__name__":"${name}"},"values":["NaN",1],"timestamps":[${MS},${MS + 1}]}`,
    { told: NAN, ours: [...one('NaN'), ...one(1, MS + 1)], theirs: one(1, MS + 1) },
  ),
  json((name) => `{"metric":{"__name__":"${name}"},"values":["1.5"],"timestamps":[${MS}]}`),
  json((name) => `{"metric":{"__name__":"${name}"},"values":[1,2],"timestamps":[${MS}]}`),
  json((name) => `{"metric":{"__name__":"${name}"},"values":[],"timestamps":[]}`),
  json((name) => `{"metric":{"__name__":"${name}"}}`),
  json((name) => `{"metric":{"__name__":"${name}","a":""},"values":[1],"timestamps":[${MS}]}`),
  json((name) => `{"metric":{"__name__":"${name}","a":1},"values":[1],"timestamps":[${MS}]}`, {
    told: 'A label that is no text refuses its line. VictoriaMetrics leaves the label out.',
    ours: [],
    theirs: one(),
  }),
  json(
    (name) => `{"metric":{"__name__":"${name}","a":"1","a":"2"},"values":[1],"timestamps":[${MS}]}`,
  ),
  json((name) => `{"metric":{"__name__":"${name}"},"values":[1],"timestamps":[${MS}.5]}`),
  json((name) => `{"metric":{"__name__":"${name}"},"values":[1],"timestamps":["${MS}"]}`),
  json(
    (name) =>
      `{"metric":{"__name__":"${name}"},"values":[1],"timestamps":[${MS}],"more":{"x":[1]}}`,
  ),
  json((name) => `{"metric":{"__name__":"${name}"},"values":[true],"timestamps":[${MS}]}`),
  json((name) => `oops\n{"metric":{"__name__":"${name}"},"values":[1],"timestamps":[${MS}]}`),
  json(
    (name) =>
      `{"metric":{"__name__":"${name}"},"values":[0.1234567890123456789],"timestamps":[${MS}]}`,
    PRECISION,
  ),
  json(
    (name) => `{"metric":{"__name__":"${name}"},"values":[9007199254740993],"timestamps":[${MS}]}`,
  ),
  json((name) => `{"metric":{"__name__":"${name}"},"values":[1],"timestamps":[${MS}]}\r`),

  text((name) => `${name} 1 ${MS}`),
  text((name) => `${name}{b="2",a="1"} 1.5 ${MS}`),
  text((name) => `${name}{ a = "1" , } 1 ${MS}`),
  text((name) => `${name}{} 1 ${MS}`),
  text((name) => `${name} {a="b"} 1 ${MS}`),
  text((name) => `${name}{a="x \\"y\\" \\\\ \\n z"} 1 ${MS}`),
  text((name) => `${name}{a=""} 1 ${MS}`),
  text((name) => `${name}{a="}",b="#"} 1 ${MS}`),
  text((name) => `${name}{a="1",a="2"} 1 ${MS}`, {
    told: TWICE,
    ours: [],
    theirs: [`{a="2"} 1 ${MS}`],
  }),
  text((name) => `{"${name}",a="b"} 1 ${MS}`),
  text((name) => `{"${name}.dots","ä b"="c"} 1 ${MS}`),
  text((name) => `${name} 1 ${T}`),
  text((name) => `${name} 1 ${T}.5`),
  text((name) => `${name} 1`),
  text((name) => `${name} 1 0`),
  text((name) => `${name} 1`, undefined, { timestamp: String(MS) }),
  text((name) => `${name} 1 ${MS + 5}`, undefined, { timestamp: String(MS) }),
  text((name) => `# HELP ${name} Help.\n# TYPE ${name} gauge\n${name} 1 ${MS}`),
  text((name) => `${name} 1 ${MS} # {trace_id="x"} 1`, {
    told: 'What stands behind a # after a sample is passed over.',
    ours: one(),
    theirs: [` 1 ${MS} #{trace_id="x"} 1 now`],
  }),
  text((name) => `\t${name}\t1\t${MS}\t\r`),
  text((name) => `${name} +Inf ${MS}`),
  text((name) => `${name} -inf ${MS}`),
  text((name) => `${name} NaN ${MS}`, { told: NAN, ours: one('NaN'), theirs: [] }),
  text((name) => `${name} 1e3 ${MS}`),
  text((name) => `${name} +1 ${MS}`, { told: PLUS, ours: one(), theirs: [] }),
  text((name) => `${name} 0x1p3 ${MS}`),
  text((name) => `${name} 1_000 ${MS}`),
  text((name) => `${name} 9007199254740993 ${MS}`),
  text((name) => `${name} 0.1234567890123456789 ${MS}`, PRECISION),
  text((name) => name),
  text((name) => `${name} x ${MS}`),
  text((name) => `${name} 1 x`),
  text((name) => `${name} 1 ${MS} more`),
  text((name) => `${name}{a="b" 1 ${MS}`),
  text((name) => `${name}{a=b} 1 ${MS}`),
  text((name) => `${name}{a="b"c="d"} 1 ${MS}`),
  text((name) => `bad line\n${name} 1 ${MS}`),
  text((name) => `${name} 1 ${MS}`, undefined, { extra_label: 'a=b' }),
  text((name) => `${name}{a="x"} 1 ${MS}`, undefined, { extra_label: 'a=b' }),
];
