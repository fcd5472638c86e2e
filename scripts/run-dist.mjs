// `node scripts/run-dist.mjs MAIN [arguments]`: sets up what is missing, then runs dist/MAIN.js, a
// compiled program of bench/ or test/.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, setUp } from './setup.mjs';

const [main, ...args] = process.argv.slice(2);
if (main === undefined) {
  process.stderr.write('usage: node scripts/run-dist.mjs MAIN [arguments]\n');
  process.exit(2);
}
setUp();
process.argv = [process.argv[0], join(root, 'dist', `${main}.js`), ...args];
await import(pathToFileURL(process.argv[1]).href);
