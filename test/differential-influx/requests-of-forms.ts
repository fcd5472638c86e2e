// Forms with parts, as `curl -F` sends them: parameters as fields, statements as files.

import type { InfluxRequest } from './request.ts';

type Part = readonly [name: string, content: string, fileName?: string];

/** POST /query with parts in its body. */
function form(parts: readonly Part[], params: Readonly<Record<string, string>> = {}) {
  const body = parts.map(([name, content, fileName]) => {
    const file =
      fileName === undefined ? '' : `; filename="${fileName}"\r\nContent-Type: text/plain`;
    return `--XYZ\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${content}\r\n`;
  });
  return raw(`${body.join('')}--XYZ--\r\n`, params);
}

function raw(body: string, params: Readonly<Record<string, string>> = {}): InfluxRequest {
  const headers = { 'Content-Type': 'multipart/form-data; boundary=XYZ' };
  return { method: 'POST', path: '/query', params, headers, body };
}

const SELECT = 'SELECT usage FROM cpu LIMIT 2';

export const FORMS: readonly InfluxRequest[] = [
  form([
    ['q', 'SHOW MEASUREMENTS'],
    ['db', 'telegraf'],
  ]),
  form([['q', SELECT]], { db: 'telegraf', epoch: 's' }),
  form([
    ['q', SELECT],
    ['db', 'telegraf'],
    ['epoch', 'ms'],
    ['chunked', 'true'],
    ['chunk_size', '1'],
  ]),
  form([
    ['q', 'SELECT usage FROM cpu\nLIMIT 1;\n-- all of them\nSHOW DATABASES\n', 'q.txt'],
    ['db', 'telegraf'],
  ]),
  form(
    [
      ['q', 'SELECT usage FROM cpu WHERE host = $h LIMIT 1', 'q'],
      ['params', '{"h":"a"}'],
    ],
    { db: 'telegraf' },
  ),
  // Neither `pretty` nor credentials count but in the URL.
  form(
    [
      ['q', SELECT],
      ['pretty', 'true'],
      ['u', 'x'],
      ['p', 'y'],
    ],
    { db: 'telegraf' },
  ),
  form([['q', SELECT]], { db: 'telegraf', pretty: 'true' }),
  // The URL comes first, then fields, then files.
  form(
    [
      ['q', 'SHOW USERS'],
      ['db', 'nosuch'],
    ],
    { q: SELECT, db: 'telegraf' },
  ),
  form(
    [
      ['q', 'SHOW USERS', 'q.txt'],
      ['q', 'SHOW MEASUREMENTS'],
    ],
    { db: 'telegraf' },
  ),
  form(
    [
      ['q', 'SHOW MEASUREMENTS', 'a'],
      ['q', 'SHOW USERS', 'b'],
    ],
    { db: 'telegraf' },
  ),
  form([['q', 'SHOW MEASUREMENTS', 'a']], { q: ' ', db: 'telegraf' }),
  form([['q', '']]),
  form([['q', ' \n']]),
  form([['q', '', 'q.txt']]),
  form([['q', ' \n', 'q.txt']]),
  form([['q', 'SELEC', 'q.txt']]),
  form([['x', 'SHOW DATABASES', 'q.txt']]),
  form([]),
  raw(''),
  raw('q=SHOW DATABASES'),
  raw('--XYZ\r\nContent-Disposition: form-data; name="q"\r\n\r\nSHOW DATA'),
  raw('--XYZ\nContent-Disposition: form-data; name="q"\n\nSHOW USERS\n--XYZ--\n'),
  raw('x\r\n--XYZ  \r\nContent-Disposition: form-data; name=q\r\n\r\nSHOW USERS\r\n--XYZ--'),
  raw('--XYZ\r\n\r\nSHOW USERS\r\n--XYZ--\r\n'),
  { ...raw('--XYZ--'), headers: { 'Content-Type': 'multipart/form-data' } },
];
