// The real `influx` shell against the built program: sessions, single statements, imports. The guide's steps are in
// influx-guide.test.ts.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { App } from '../support/app.ts';
import { removeFolder, temporaryFolder } from '../support/child.ts';
import { InfluxShell, influxShellVersion } from '../support/influx-shell.ts';

const shellVersion = influxShellVersion();
if (shellVersion === undefined) {
  process.stderr.write('influx shell tests skipped, need the shell (Debian: influxdb-client)\n');
}

/** A busy machine may take its time. */
const TIMEOUT_MS = 300_000;

describe.skipIf(shellVersion === undefined)(`${shellVersion}`, () => {
  let folder: string;
  let app: App;
  let shell: InfluxShell;

  beforeAll(async () => {
    folder = temporaryFolder('influx-shell');
    // So that old points may be inserted.
    app = await App.start({ dataDir: join(folder, 'data'), flags: ['--retention', '0'] });
    shell = new InfluxShell(app.url);
  }, TIMEOUT_MS);

  afterAll(async () => {
    await app?.kill();
    removeFolder(folder);
  });

  test(
    'a database is made and used',
    async () => {
      const printed = await shell.session([
        'create database prometheus',
        'use prometheus',
        'show measurements',
        'use nosuch',
        'use prometheus.autogen',
        'use prometheus.nosuch',
      ]);
      expect(printed[0]).toBe('');
      expect(printed[1]).toBe('Using database prometheus');
      expect(printed[2]).toBe('');
      expect(printed[3]).toContain("ERR: Database nosuch doesn't exist.");
      expect(printed[4]).toBe('Using database prometheus\nUsing retention policy autogen');
      expect(printed[5]).toContain("doesn't exist");
    },
    TIMEOUT_MS,
  );

  test(
    'points are inserted and selected',
    async () => {
      const printed = await shell.session([
        'use prometheus',
        'insert cpu,host=a value=0.64 1700000000000000000',
        'insert into autogen cpu,host=b value=2.5 1700000000000000000',
        'insert bad line',
        'precision rfc3339',
        'select * from cpu',
        'select mean(value) from cpu group by host',
        'show series',
        'format json',
        'select * from cpu limit 1',
        'select foo(value) from cpu',
        'drop measurement cpu',
        'show measurements',
      ]);
      expect(printed[1]).toBe('');
      expect(printed[2]).toBe('');
      expect(printed[3]).toBe(
        'ERR: {"error":"unable to parse \'bad line\': invalid field format"}',
      );
      expect(printed[5]).toContain('2023-11-14T22:13:20Z a    0.64');
      expect(printed[6]).toContain('tags: host=b');
      expect(printed[7]).toBe('key\n---\ncpu,host=a\ncpu,host=b');
      expect(JSON.parse(printed[9]!)).toEqual({
        results: [
          {
            series: [
              {
                name: 'cpu',
                columns: ['time', 'host', 'value'],
                values: [['2023-11-14T22:13:20Z', 'a', 0.64]],
              },
            ],
          },
        ],
      });
      expect(printed[10]).toContain('ERR: undefined function foo()');
      expect(printed[12]).not.toContain('cpu');
    },
    TIMEOUT_MS,
  );

  test(
    'statements come back with a code',
    async () => {
      expect(await shell.execute('show databases', ['-format', 'csv'])).toMatchObject({
        code: 0,
        output: expect.stringContaining('name,name\ndatabases,default\ndatabases,prometheus'),
      });
      const wrong = await shell.execute('selec');
      expect(wrong.code).toBe(1);
      expect(wrong.output).toContain('ERR: error parsing query: found selec');
    },
    TIMEOUT_MS,
  );

  test(
    'exports are imported, plain and compressed',
    async () => {
      const file = join(folder, 'export.txt');
      const lines = [
        '# DDL',
        'CREATE DATABASE imported',
        '# DML',
        '# CONTEXT-DATABASE: imported',
        '# CONTEXT-RETENTION-POLICY: autogen',
        'cpu,host=a value=1 1700000000000000000',
        'cpu,host=b value=2 1700000001000000000',
        '',
      ].join('\n');
      writeFileSync(file, lines);
      writeFileSync(`${file}.gz`, gzipSync(lines.replaceAll('cpu', 'mem')));
      for (const options of [[file], [`${file}.gz`, '-compressed']]) {
        const { code, output } = await shell.run(['-import', '-path', ...options]);
        expect([code, output]).toEqual([0, expect.stringContaining('Processed 2 inserts')]);
      }
      const select = 'select * from cpu; select * from mem';
      const options = ['-database', 'imported', '-format', 'csv', '-precision', 's'];
      expect((await shell.execute(select, options)).output).toBe(
        ['cpu', 'mem']
          .map((m) => `name,time,host,value\n${m},1700000000,a,1\n${m},1700000001,b,2\n`)
          .join(''),
      );
      writeFileSync(file, lines.replaceAll('value=2', 'value=true'));
      const half = await shell.run(['-import', '-path', file]);
      expect(half.output).toContain('field type conflict');
      expect(half.output).toContain('ERROR: 2 points were not inserted');
    },
    TIMEOUT_MS,
  );

  test(
    'curl sends statements in files',
    async () => {
      const file = join(folder, 'statements.txt');
      writeFileSync(file, 'create database from_file;\nshow retention policies on from_file\n');
      for (const part of [`q=@${file}`, `q=<${file}`]) {
        const answer = execFileSync('curl', ['-sS', '-F', part, `${app.url}/query`]).toString();
        expect(JSON.parse(answer)).toMatchObject({
          results: [
            { statement_id: 0 },
            { series: [{ values: [['autogen', '0s', '168h0m0s', 1, true]] }] },
          ],
        });
      }
    },
    TIMEOUT_MS,
  );
});
