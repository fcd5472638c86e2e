// The real `influx` shell: single statements, and sessions typed into a terminal.

import { execFile, execFileSync, spawn } from 'node:child_process';
import { URL } from 'node:url';

const TIMEOUT_MS = 120_000;
/** A session ends a line when the prompt is back. */
const PROMPT = '> ';

const TERMINAL_CODES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, 'g');

export interface ShellAnswer {
  readonly code: number;
  readonly output: string;
}

/** `InfluxDB shell version: 1.6.7~rc0`, undefined if there is no such program or no `script` to give it a terminal. */
export function influxShellVersion(): string | undefined {
  try {
    execFileSync('script', ['--version'], { stdio: 'ignore' });
    return execFileSync('influx', ['-version'], { stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  } catch {
    return undefined;
  }
}

export class InfluxShell {
  readonly #args: readonly string[];
  readonly #env: NodeJS.ProcessEnv;

  /** `options` go before all others, such as `-username`; `env` is added to ours. */
  constructor(url: string, options: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
    const { protocol, hostname, port } = new URL(url);
    const secure = protocol === 'https:' ? ['-ssl'] : [];
    this.#args = ['-host', hostname, '-port', port, ...secure, ...options];
    this.#env = { ...process.env, ...env };
  }

  /** `influx -execute`, with more options perhaps. */
  execute(statement: string, options: readonly string[] = []): Promise<ShellAnswer> {
    return this.run([...options, '-execute', statement]);
  }

  /** The shell with any arguments, such as `-import`. */
  run(args: readonly string[]): Promise<ShellAnswer> {
    const options = { timeout: TIMEOUT_MS, env: this.#env };
    return new Promise((resolve) => {
      execFile('influx', [...this.#args, ...args], options, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ code, output: `${stdout}${stderr}` });
      });
    });
  }

  /** Lines typed one after another, each when the prompt is there; answers what each of them printed. */
  session(lines: readonly string[]): Promise<string[]> {
    const command = ['influx', ...this.#args].map((arg) => `'${arg}'`).join(' ');
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      env: { ...this.#env, TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    return new Promise((resolve, reject) => {
      const printed: string[] = [];
      let output = '';
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        reject(new Error(`the shell did not answer:\n${output}`));
      }, TIMEOUT_MS);
      child.on('error', reject);
      child.on('close', () => {
        clearTimeout(timer);
        reject(new Error(`the shell ended early:\n${output}`));
      });
      child.stdout.on('data', (data: Buffer) => {
        output += data.toString().replaceAll('\r', '').replaceAll(TERMINAL_CODES, '');
        // The shell draws its line anew with each letter, prompt and all.
        const typed = lines[printed.length - 1];
        const entered = typed === undefined ? 0 : output.indexOf(`${typed}\n`);
        if (entered < 0 || !output.endsWith(PROMPT)) return;
        printed.push(output.slice(0, -PROMPT.length));
        output = '';
        const next = lines[printed.length - 1];
        if (next !== undefined) {
          child.stdin.write(`${next}\n`);
          return;
        }
        clearTimeout(timer);
        child.removeAllListeners('close');
        child.stdin.end('exit\n');
        // The first is the banner; the rest begin with what was typed.
        resolve(printed.slice(1).map((text, i) => withoutEcho(text, lines[i]!)));
      });
    });
  }
}

function withoutEcho(text: string, line: string): string {
  const at = text.indexOf(line);
  return (at < 0 ? text : text.slice(at + line.length)).replace(/^\n+/, '').trimEnd();
}
