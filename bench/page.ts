// docs/benchmarks.md: the results of whole runs with what a reader must know to judge them. Each bench
// writes its own section and leaves the others alone; that of all axes comes first.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ProtocolResults, renderProtocols } from './protocols/table.ts';
import type { QueryResults } from './query/results.ts';
import { renderQueries } from './query/table.ts';
import type { Results } from './results.ts';
import { renderResults } from './table.ts';

const TITLE = `# Benchmarks

<!-- Written by \`npm run bench\`, \`bench:ingest\`, \`bench:query\` and \`bench:protocols\`; edit bench/ instead. -->
`;

/** Of the section about all axes. */
export const FIRST_HEADING = '## Every axis';

/** Replaces the section that starts with the same heading on the page of the repository, or adds it. */
export function writeSection(repository: string, section: string): void {
  const path = join(repository, 'docs/benchmarks.md');
  writeFileSync(path, withSection(readFileSync(path, 'utf8'), section));
}

/** The page with one section replaced; sections start with `## `. */
export function withSection(page: string, section: string): string {
  const headingOf = (text: string): string => text.slice(0, text.indexOf('\n'));
  const sections = page.split(/^(?=## )/m).slice(1);
  const at = sections.findIndex((other) => headingOf(other) === headingOf(section));
  if (at >= 0) sections[at] = section;
  else if (headingOf(section) === FIRST_HEADING) sections.unshift(section);
  else sections.push(section);
  return [TITLE, ...sections.map((text) => `${text.trimEnd()}\n`)].join('\n');
}

export function renderQuerySection(results: QueryResults): string {
  return `## Queries

All servers hold the same data, are up together and are asked the same queries in turns by one client
over a connection that stays open. \`npm run bench:query\` makes the data, loads the servers and writes
this section.

${renderQueries(results)}
### What is measured

- **Data**: as above, loaded over remote write, then flushed and merged where a server can be told to.
- **Uncached**: \`nocache=1\` for Tidemark and VictoriaMetrics; Prometheus has no cache of results. Each query
  has been asked for a second before, at least three times, all of them before the first is measured. **Wall** is from the request to the last byte of the answer; **CPU** is
  what the server's process spent meanwhile, all threads, in steps of 10 ms.
- **Answers**: Tidemark's are compared with Prometheus' point by point, to 1e-9; differences are listed.
  VictoriaMetrics computes \`rate\` by rules of its own, so its values differ by design.
- **÷**: the median over all rounds of Tidemark's wall by the peer's in the same round.
`;
}

export function renderProtocolSection(results: ProtocolResults): string {
  return `## Protocols

The same samples in every protocol, one server after the other in every round. \`npm run bench:protocols\` makes the
bodies, runs Tidemark and VictoriaMetrics and writes this section.

${renderProtocols(results)}
### What is measured

- **Data**: 3,200 hosts with ten tags and ten values each, every 10 s; half of the values are whole numbers, half have two
  decimals.
- **Sending**: bodies of 2,000 samples over four keep-alive connections, or the same over four connections of lines.
- **CPU s/M**: user and system time of the server's process, all threads, for a million samples, up to the last answer;
  *steady*: of the second half of the bytes alone, when series are known and code is compiled; *settled*: when everything
  has been flushed and merged. **÷**: Tidemark's by VictoriaMetrics' in the same round, median (least–most).
- Tidemark answers when the samples are on disk, VictoriaMetrics when they are in memory. DataDog's tags are written
  without the host's name, which is a member of its own there.
`;
}

export function renderIngestSection(results: Results): string {
  return `## Ingest

Tidemark, VictoriaMetrics and Prometheus take the same remote-write 1.0 bodies, one after the other in
every round, with default settings but for the flags below. \`npm run bench:ingest\` makes the bodies,
runs every server that is on \`PATH\` and writes this page.

${renderResults(results)}
### What is measured

- **Data**: targets of 500 series with 9.7 labels each, a node exporter and a web service: 144 constants,
  81 integer counters, 104 histogram buckets and counts, 71 counters with decimals, 80 gauges, 19 values
  with all bits of the mantissa in use, and the clock. Increments are uniform noise, harsher than real
  data. Ticks every 15 s ending now, every target at its own moment of the interval.
- **Sending**: bodies of 2,000 samples, snappy, over four keep-alive connections; each has a quarter of the
  targets and sends them in order. The loader is a process of its own, on the same machine.
- **CPU s/M**: user and system time of the server's process, all threads, for a million samples: up to the
  last answer; *steady*, of the second half of the bytes alone, when series are known and code is compiled; and *settled*,
  when everything has been flushed and merged.
- **peak**: the largest resident memory, pages of mapped files included.
- **bytes/sample**: all files but the log. VictoriaMetrics: \`vm_data_size_bytes\` after
  \`/internal/force_flush\` and \`/internal/force_merge\`. Tidemark: its databases after the same two. Prometheus:
  a snapshot including the head.
- **Start after kill -9**: from the start of the process until it is ready, with all data of the cell in the
  log and the files in the page cache. *lost*: how many seconds of the sending
  before it, all acknowledged, are not there after.

### What the servers promise

The figures do not stand for the same promises:

- Tidemark answers when the samples are on disk (\`fdatasync\`), and gives every float64 back bit by bit.
  With \`--wal.sync=interval\` it answers before.
- VictoriaMetrics has no log: what came in the last seconds before a crash is gone, and there is nothing to
  replay. It keeps about twelve significant decimal digits of a value.
- Prometheus writes its log without syncing it before it answers.
`;
}
