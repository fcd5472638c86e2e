// Points that both servers are given: few enough to see through, of every type that both can store, with
// gaps, equal times, tags that are missing, and names that have to be escaped.

/** ms; a Tuesday, so that all lies in one of InfluxDB's shards. */
export const BASE_T = 1_700_000_000_000;
const BASE_NS = `${BASE_T}000000`;

/** `seconds` after the base, in nanoseconds. */
export function ns(seconds: number): string {
  return `${BASE_T + Math.round(seconds * 1000)}000000`;
}

export const LINES: readonly string[] = [
  // A usual measurement: two fields, two tags, the same times.
  ...Array.from({ length: 12 }, (_, i) =>
    ['a', 'b', 'c'].map((host, h) => {
      const region = host === 'c' ? 'eu' : 'us';
      const usage = ((i * 7 + h * 3) % 11) + 0.5;
      return `cpu,host=${host},region=${region} usage=${usage},system=${(i * 5 + h) % 7}i ${ns(i * 10)}`;
    }),
  ).flat(),
  // Each series at times of its own; a boolean; an integer.
  ...Array.from({ length: 6 }, (_, i) => [
    `mem,host=a used=${1000 + i * i}i,ok=${i % 2 === 0 ? 'true' : 'false'} ${ns(i * 10)}`,
    `mem,host=b used=${500 - i * 20}i,free=${i}.25 ${ns(i * 10 + 3)}`,
  ]).flat(),
  // Gaps.
  ...[0, 10, 50, 60, 130].map((s, i) => `gaps value=${i * 10} ${ns(s)}`),
  ...[5, 15, 55].map((s, i) => `gaps,kind=late value=${100 + i} ${ns(s)}`),
  // A counter that is reset, for functions of successive values.
  ...[1, 4, 9, 2, 2, 8].map((v, i) => `requests,path=/ count=${v}i ${ns(i * 10)}`),
  ...[10, 20, 15, 40].map((v, i) => `requests,path=/x count=${v}i ${ns(i * 20)}`),
  // Equal values at several times.
  ...[3, 1, 3, 2, 1, 5, 5, 5].map(
    (v, i) => `levels,room=${i % 2 === 0 ? 'x' : 'y'} v=${v} ${ns(i)}`,
  ),
  // Names.
  `my\\ measurement,a\\ tag=with\\ space,comma=a\\,b,equals=a\\=b my\\ field=1 ${BASE_NS}`,
  `"quoted",q="x" "v"=1 ${BASE_NS}`,
  `größe,stadt=köln wert=1.5 ${BASE_NS}`,
  `back\\slash,path=C:\\x value=1 ${BASE_NS}`,
  // A tag and a field of the same name.
  `same,value=tagged value=7 ${BASE_NS}`,
  `same,value=other value=8 ${ns(1)}`,
  // Numbers.
  `numbers,n=1 v=0.1 ${ns(0)}`,
  `numbers,n=2 v=1e21 ${ns(1)}`,
  `numbers,n=3 v=-0.0000001 ${ns(2)}`,
  `numbers,n=4 v=123456789.123456789 ${ns(3)}`,
  `numbers,n=5 v=-5 ${ns(4)}`,
  `numbers,n=6 v=1e-7 ${ns(5)}`,
  `numbers,n=7 i=9007199254740991i ${ns(6)}`,
  `numbers,n=8 i=-42i ${ns(7)}`,
  // What Prometheus' metrics look like to InfluxDB.
  `up,__name__=up,instance=localhost:9090,job=prometheus value=1 ${ns(0)}`,
  `up,__name__=up,instance=localhost:9100,job=node value=0 ${ns(0)}`,
  `up,__name__=up,instance=localhost:9100,job=node value=1 ${ns(15)}`,
  // Times between seconds.
  `fine v=1 ${ns(0.5)}`,
  `fine v=2 ${ns(1.25)}`,
];
