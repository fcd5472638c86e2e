import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { FUZZ, hostileBytes } from '../../test/support/arbitraries.ts';
import { decodeMultipartForm, type FormPart, isMultipartForm } from './multipart-form.ts';

const TYPE = 'multipart/form-data; boundary=X';

function decode(text: string, contentType: string = TYPE): FormPart[] | undefined {
  return decodeMultipartForm(Buffer.from(text), contentType);
}

const field = (name: string, content: string): FormPart => ({ name, isFile: false, content });
const file = (name: string, content: string): FormPart => ({ name, isFile: true, content });

describe('forms', () => {
  test.each<[what: string, body: string, parts: FormPart[]]>([
    [
      'fields',
      '--X\r\nContent-Disposition: form-data; name="q"\r\n\r\na\r\nb\r\n--X\r\ncontent-disposition: form-data;name=db\r\n\r\n\r\n--X--\r\n',
      [field('q', 'a\r\nb'), field('db', '')],
    ],
    [
      'files',
      '--X\r\nContent-Disposition: form-data; name="q"; filename="a; name=b"\r\nContent-Type: text/plain\r\n\r\nSHOW\n\r\n--X--',
      [file('q', 'SHOW\n')],
    ],
    [
      'lines without CR',
      '--X\nContent-Disposition: form-data; name=q\n\nSHOW\n--X--\n',
      [field('q', 'SHOW')],
    ],
    [
      'what is before and behind',
      'hello\r\n--X \t\r\nContent-Disposition: form-data; name="\\"é\\""\r\n\r\n--Xa\r\n --X\r\n--X--\r\nbye',
      [field('"é"', '--Xa\r\n --X')],
    ],
    [
      'parts without a name',
      '--X\r\n\r\na\r\n--X\r\nContent-Disposition: form-data; filename="f"\r\n\r\nb\r\n--X\r\nContent-Disposition: form-data; name=""\r\n\r\nc\r\n--X--',
      [field('', 'c')],
    ],
    ['none', '--X--', []],
  ])('%s', (_, body, parts) => {
    expect(decode(body)).toEqual(parts);
  });

  test.each([
    ['nothing', ''],
    ['no delimiter', 'a=b'],
    ['a header that breaks off', '--X\r\nContent-Disposition: form-data; name="q"\r\n'],
    ['content that breaks off', '--X\r\nContent-Disposition: form-data; name="q"\r\n\r\nSHOW'],
    [
      'a last line that breaks off',
      '--X\r\nContent-Disposition: form-data; name="q"\r\n\r\nS\r\n--X',
    ],
    ['a long header', `--X\r\n${'a: b\r\n'.repeat(4096)}\r\n\r\n--X--`],
    ['many parts', `${'--X\r\n\r\n\r\n'.repeat(101)}--X--`],
  ])('%s is no form', (_, body) => {
    expect(decode(body)).toBeUndefined();
  });

  test('the boundary is needed, and may be quoted', () => {
    const body = '--a b\r\nContent-Disposition: form-data; name=q\r\n\r\n1\r\n--a b--';
    expect(decode(body, 'Multipart/Form-Data; charset=utf-8; boundary="a b"')).toEqual([
      field('q', '1'),
    ]);
    for (const type of [
      'multipart/form-data',
      `${TYPE.slice(0, -1)}`,
      `${TYPE}${'X'.repeat(70)}`,
    ]) {
      expect(decode('--X--', type)).toBeUndefined();
    }
  });

  test('the type tells', () => {
    expect(
      [TYPE, 'MULTIPART/FORM-DATA ;boundary=a', 'multipart/form-data2', 'text/plain'].map((type) =>
        isMultipartForm(type),
      ),
    ).toEqual([true, true, false, false]);
  });
});

it('gives back what was put in', () => {
  const text = fc.string({ maxLength: 20, unit: 'binary' }).filter((one) => !one.includes('--X'));
  const name = fc.string({ maxLength: 8, unit: 'grapheme' });
  const part = fc.record({ name, isFile: fc.boolean(), content: text });
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
      const body = parts.map((one) => {
        const quoted = `"${one.name.replaceAll(/["\\]/g, '\\$&')}"`;
        const more = one.isFile ? '; filename="f"' : '';
        return `--X\r\nContent-Disposition: form-data; name=${quoted}${more}\r\n\r\n${one.content}\r\n`;
      });
      const sent = parts.map((one) => ({ ...one, content: Buffer.from(one.content).toString() }));
      expect(decode(`${body.join('')}--X--\r\n`)).toEqual(sent);
    }),
    { numRuns: 1_000, seed: FUZZ.seed },
  );
});

it('reads or refuses hostile bytes', () => {
  const seeds = [
    '--X\r\nContent-Disposition: form-data; name="q"; filename="a"\r\n\r\nSHOW\r\n--X--\r\n',
    '--X\nContent-Disposition: form-data; name=q\n\n--X-\n--X\n\n\n--X--',
  ].map((text) => Buffer.from(text));
  let read = 0;
  fc.assert(
    fc.property(hostileBytes(seeds), (bytes) => {
      for (const { content } of decodeMultipartForm(bytes, TYPE) ?? []) read += content.length;
    }),
    FUZZ,
  );
  expect(read).toBeGreaterThan(0);
});
