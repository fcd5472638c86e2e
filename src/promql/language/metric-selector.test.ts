import { expect, test } from 'vitest';
import { parseMetricSelector } from './parser.ts';

const show = (text: string): string =>
  parseMetricSelector(text)
    .map(({ type, name, value }) => `${name}${type}${value}`)
    .join(' ');

test.each<[selector: string, matchers: string]>([
  ['up', '__name__=up'],
  ['a:b:c', '__name__=a:b:c'],
  ['up{}', '__name__=up'],
  ['{}', ''],
  ['sum', '__name__=sum'],
  ['up{job="a"}', 'job=a __name__=up'],
  ['up { job != "a" , x=~"b|c",y!~"d", } # comment', 'job!=a x=~b|c y!~d __name__=up'],
  ['{"my.metric", "a.b"="c"}', '__name__=my.metric a.b=c'],
  ['{__name__!=""}', '__name__!='],
  ["{a='it\\'s'}", "a=it's"],
  ['{a="\\u00e9\\x41\\101\\n\\"\\\\"}', 'a=éAA\n"\\'],
  ['{a="\\xc3\\xa9"}', 'a=é'],
  ['{a="\\U0001F600😀"}', 'a=😀😀'],
  ['{a=`\\d+`}', 'a=\\d+'],
  ['{by="1",sum="2"}', 'by=1 sum=2'],
  ['\n{a\n=\n"b"}', 'a=b'],
])('parses %s', (selector, matchers) => {
  expect(show(selector)).toBe(matchers);
});

test.each<[selector: string, message: string]>([
  ['', 'unknown position: parse error: unexpected end of input'],
  ['up{a}', '1:5: parse error: unexpected "}" in label matching, expected label matching operator'],
  ['up{a=b}', '1:6: parse error: unexpected identifier "b" in label matching, expected string'],
  [
    'up{a="b" c="d"}',
    '1:10: parse error: unexpected identifier "c" in label matching, expected "," or "}"',
  ],
  ['up{,}', '1:4: parse error: unexpected "," in label matching, expected identifier or "}"'],
  [
    'up{a="b",,}',
    '1:10: parse error: unexpected "," in label matching, expected identifier or "}"',
  ],
  [
    'up{=~"a"}',
    '1:4: parse error: unexpected <op:=~> in label matching, expected identifier or "}"',
  ],
  ['up{a=="b"}', '1:6: parse error: unexpected "=" in label matching, expected string'],
  ['up{a="b"', '1:9: parse error: unexpected end of input inside braces'],
  ['up{a="b}', '1:6: parse error: unterminated quoted string'],
  ['up{a=`b}', '1:6: parse error: unterminated raw string'],
  ['up{a!b}', "1:5: parse error: unexpected character after '!' inside braces: 'b'"],
  ['up{a:b="c"}', "1:5: parse error: unexpected character inside braces: ':'"],
  ['up{{', "1:4: parse error: unexpected left brace '{'"],
  ['up foo', '1:4: parse error: unexpected identifier "foo"'],
  ['up{} 5', '1:6: parse error: unexpected number "5"'],
  ['rate(up[5m])', '1:5: parse error: unexpected "("'],
  ['"abcdefghijkl"', '1:1: parse error: unexpected string "\\"abcdefghi"...'],
  ['{a="\\q"}', "1:4: parse error: unknown escape sequence U+0071 'q'"],
  ['{a="\\xg0"}', "1:4: parse error: illegal character U+0067 'g' in escape sequence"],
  ['{a="\\ud800"}', '1:4: parse error: escape sequence is an invalid Unicode code point'],
  ['{é="a"}', "1:2: parse error: unexpected character inside braces: 'é'"],
  [
    '{"é"="a"\n,b}',
    '2:3: parse error: unexpected "}" in label matching, expected label matching operator',
  ],
  ['{"é" a}', '1:7: parse error: unexpected identifier "a" in label matching, expected "," or "}"'],
])('refuses %j', (selector, message) => {
  expect(() => parseMetricSelector(selector)).toThrow(expect.objectContaining({ message }));
});
