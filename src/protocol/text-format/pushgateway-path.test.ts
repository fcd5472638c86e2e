import { expect, it } from 'vitest';
import { pushgatewayLabels } from './pushgateway-path.ts';

it.each<[path: string, labels: Record<string, string>]>([
  ['job/a', { job: 'a' }],
  ['job/a/', { job: 'a' }],
  ['job/a/instance/b%2Fc', { job: 'a', instance: 'b/c' }],
  ['job/a/x/1/x/2', { job: 'a', x: '2' }],
  ['job/a/x/', { job: 'a' }],
  ['job/a/x/1/x/', { job: 'a' }],
  ['job/%C3%A4%20b', { job: 'ä b' }],
  ['job@base64/L3Zhci90bXA/x@base64/w6Q=', { job: '/var/tmp', x: 'ä' }],
  ['job@base64/=', {}],
  ['job/a/b.c/d', { job: 'a', 'b.c': 'd' }],
])('%s', (path, labels) => {
  const expected = Object.entries(labels).map(([name, value]) => ({ name, value }));
  expect(pushgatewayLabels(path)).toEqual(expected);
});

it.each([
  ['', 'the path after /metrics/ must begin with job/'],
  ['instance/a', 'the path after /metrics/ must begin with job/'],
  ['job', 'no value for label "job" in the path'],
  ['job/a/b', 'no value for label "b" in the path'],
  ['job/a//b', 'empty label name in the path'],
  ['job/%ff', 'value "%ff" of label "job" in the path cannot be decoded'],
  ['job/a/%ff/b', 'no value for label "%ff" in the path'],
  ['job@base64/a+b', 'value "a+b" of label "job@base64" in the path cannot be decoded'],
  ['job@base64/abcde', 'value "abcde" of label "job@base64" in the path cannot be decoded'],
  ['job@base64/_w', 'value "_w" of label "job@base64" in the path cannot be decoded'],
])('%s is refused: %s', (path, why) => {
  expect(pushgatewayLabels(path)).toBe(why);
});
