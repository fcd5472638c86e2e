// Writes the generated pages of docs/reference/ from the built program. Tests compare them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { renderFlagReference } = await import(join(root, 'dist/src/config/reference.js'));

mkdirSync(join(root, 'docs/reference'), { recursive: true });
writeFileSync(join(root, 'docs/reference/flags.md'), renderFlagReference());
