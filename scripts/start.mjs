// `npm start [-- [serve] FLAGS]`: sets up what is missing, then runs the server.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root, setUp } from './setup.mjs';

setUp();

const given = process.argv.slice(2);
const args = given[0] === 'serve' ? given.slice(1) : given;
const program = join(root, 'bin/tidemark.js');
const server = spawn(process.execPath, [program, 'serve', ...args], {
  cwd: process.env.INIT_CWD ?? process.cwd(),
  stdio: 'inherit',
});

// A terminal sends Ctrl-C to the whole group: the server gets that one by itself, and a second copy
// would make it leave without finishing.
process.on('SIGINT', () => {
  if (!process.stdin.isTTY) server.kill('SIGINT');
});
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => server.kill(signal));

// A signal to npm ends the shell between it and us, and does not reach us: our parent has changed then.
const parent = process.ppid;
if (process.env.npm_lifecycle_event === 'start') {
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    server.kill('SIGTERM');
  }, 200);
  watch.unref();
}
server.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
server.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === null ? 1 : 128);
});
