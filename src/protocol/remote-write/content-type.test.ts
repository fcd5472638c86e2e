import { expect, it } from 'vitest';
import { negotiateWrite } from './content-type.ts';

const V1 = { format: 'remote-write-1' };
const V2 = { format: 'remote-write-2' };

it.each<[string | undefined, string | undefined, object | 'unsupported']>([
  [undefined, undefined, V1],
  ['', 'snappy', V1],
  ['application/x-protobuf', 'snappy', V1],
  ['Application/X-Protobuf', 'Snappy', V1],
  ['application/x-protobuf;proto=prometheus.WriteRequest', 'snappy', V1],
  ['application/x-protobuf;proto=io.prometheus.write.v2.Request', 'snappy', V2],
  ['application/x-protobuf; proto=io.prometheus.write.v2.Request', 'snappy', V2],
  ['application/x-protobuf ; Proto="io.prometheus.write.v2.Request" ; q=1', undefined, V2],
  ['application/x-protobuf; note="a;b=c"; proto=io.prometheus.write.v2.Request', undefined, V2],
  ['application/x-protobuf;', undefined, V1],
  ['application/x-protobuf; charset=utf-8', undefined, V1],
  ['application/json', 'snappy', 'unsupported'],
  ['application/x-protobuf;proto=io.prometheus.write.v3.Request', 'snappy', 'unsupported'],
  ['application/x-protobuf;proto', 'snappy', 'unsupported'],
  ['application/x-protobuf;=x', 'snappy', 'unsupported'],
  [';proto=prometheus.WriteRequest', 'snappy', 'unsupported'],
  ['application/x-protobuf', 'gzip', 'unsupported'],
  ['application/x-protobuf', 'zstd', 'unsupported'],
  ['application/x-protobuf', 'snappy, gzip', 'unsupported'],
])('%s with encoding %s', (type, encoding, want) => {
  const got = negotiateWrite(type, encoding);
  if (want === 'unsupported') expect(Object.keys(got)).toEqual(['unsupported']);
  else expect(got).toEqual(want);
});
