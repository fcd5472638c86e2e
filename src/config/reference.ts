// docs/reference/flags.md, written from the table of settings.

import { environmentName, SETTING_NAMES, SETTINGS, type Setting } from './settings.ts';

/** The whole page. */
export function renderFlagReference(): string {
  const rows = SETTING_NAMES.map((name) => {
    const { type, fallback, help } = SETTINGS[name] as Setting<unknown>;
    const value = type.print(fallback);
    const shown = value === '' ? 'none' : code(value);
    const flag = code(`--${name} ${type.placeholder}`);
    return `| ${flag} | ${code(environmentName(name))} | ${shown} | ${cell(help)} |`;
  });
  return `${INTRODUCTION}\n${rows.join('\n')}\n`;
}

const INTRODUCTION = `# Flags of \`tidemark serve\`

Generated from \`src/config/settings.ts\` by \`node scripts/gen-docs.mjs\`; do not edit.

A flag, its environment variable and its key in \`tidemark.yaml\` are the same setting. Flags win over
variables, variables over the file. In the file, dots become levels:

\`\`\`yaml
retention: 400d
wal:
  sync: always
external-labels:
  region: eu
\`\`\`

\`--config.file FILE\` (\`TIDEMARK_CONFIG_FILE\`) names the file; without it \`./tidemark.yaml\` is read if there is one.
Settings that can be repeated are lists in the file and separated by commas in a variable.

| flag | variable | default | meaning |
|---|---|---|---|`;

function code(text: string): string {
  return `\`${cell(text)}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
