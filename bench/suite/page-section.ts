// The section of docs/benchmarks.md that a whole run writes.

import { AXES } from '../axes/index.ts';
import { FIRST_HEADING } from '../page.ts';
import { renderSuite, type SuiteResults } from './table.ts';

export function renderSuiteSection(results: SuiteResults): string {
  return `${FIRST_HEADING}

All servers on the same machine, with the same bodies and queries, in turns within every round. \`npm run bench\`
makes the data, runs every server that is on \`PATH\` and writes this section.

${renderSuite(results)}
### What each axis measures

${AXES.map(({ name, measures }) => `- **${name}**: ${measures}`).join('\n')}
`;
}
