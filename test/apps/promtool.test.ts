// promtool, Prometheus' command line client, against the built program.

import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { App } from '../support/app.ts';
import { temporaryFolder } from '../support/program.ts';
import { promtool } from '../support/prometheus.ts';

const peer = promtool();
if (peer === undefined) {
  process.stdout.write('promtool: skipped, no promtool of version 3 found (TIDEMARK_PEERS)\n');
}

interface Outcome {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

describe.skipIf(peer === undefined)(`promtool ${peer?.version}`, () => {
  const folder = temporaryFolder();
  let app: App;

  beforeAll(async () => {
    app = await App.start({ dataDir: folder.path });
    const metrics = [
      '# HELP requests_total Requests.',
      '# TYPE requests_total counter',
      'requests_total{code="200",job="api"} 1027',
      'requests_total{code="500",job="api"} 3',
      '# HELP temperature Degrees.',
      '# TYPE temperature gauge',
      'temperature{room="kitchen"} 21.5',
      '',
    ].join('\n');
    const pushed = await run(['push', 'metrics', `${app.url}/api/v1/write`], metrics);
    expect(pushed).toMatchObject({ code: 0 });
  }, 60_000);

  afterAll(async () => {
    await app?.stop();
    folder.remove();
  });

  async function run(args: readonly string[], input = ''): Promise<Outcome> {
    const child = spawn(peer!.path, args, { stdio: 'pipe' });
    let [output, errors] = ['', ''];
    child.stdout.on('data', (data) => {
      output += String(data);
    });
    child.stderr.on('data', (data) => {
      errors += String(data);
    });
    child.stdin.end(input);
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { code, output, errors };
  }

  /** Lines of a query's output, without their times. */
  async function query(...args: string[]): Promise<string[]> {
    const { code, output, errors } = await run(['query', ...args]);
    expect([code, errors]).toEqual([0, '']);
    return output
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/@\[[\d.]+\]/g, '@'))
      .sort();
  }

  test('query instant', async () => {
    expect(await query('instant', app.url, 'requests_total')).toEqual([
      'requests_total{code="200", exported_job="api", job="promtool"} => 1027 @',
      'requests_total{code="500", exported_job="api", job="promtool"} => 3 @',
    ]);
    expect(await query('instant', app.url, 'sum(requests_total)')).toEqual(['{} => 1030 @']);
    expect(await query('instant', app.url, '1 + 1')).toEqual(['scalar: 2 @']);
  });

  test('query range', async () => {
    const now = Math.ceil(Date.now() / 1000);
    const range = [`--start=${now}`, `--end=${now + 30}`, '--step=15s'];
    const lines = await query('range', ...range, app.url, 'max(temperature)');
    expect(lines).toEqual(['21.5 @', '21.5 @', '21.5 @', '{} =>']);
  });

  test('query series', async () => {
    const lines = await query('series', '--match=temperature', app.url);
    expect(lines).toEqual([
      expect.stringMatching(/^\{__name__="temperature", .*room="kitchen"\}$/),
    ]);
  });

  test('query labels', async () => {
    expect(await query('labels', app.url, 'room')).toEqual(['kitchen']);
    expect(await query('labels', '--match=requests_total', app.url, 'code')).toEqual([
      '200',
      '500',
    ]);
  });

  test('a mistake in a query is told as Prometheus tells it', async () => {
    const { code, errors } = await run(['query', 'instant', app.url, 'sum(']);
    expect(code).not.toBe(0);
    expect(errors).toContain(
      'bad_data: invalid parameter "query": 1:5: parse error: unclosed left parenthesis',
    );
  });

  test('check metrics finds nothing to say about our own', async () => {
    const response = await fetch(`${app.url}/metrics`);
    expect(await run(['check', 'metrics'], await response.text())).toEqual({
      code: 0,
      output: '',
      errors: '',
    });
  });
});
