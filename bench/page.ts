// docs/benchmarks.md: the results of a whole run with what a reader must know to judge them.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Results } from './results.ts';
import { renderResults } from './table.ts';

/** Overwrites the page of the repository. */
export function writePage(repository: string, results: Results): void {
  writeFileSync(join(repository, 'docs/benchmarks.md'), renderPage(results));
}

export function renderPage(results: Results): string {
  return `# Benchmarks

<!-- Written by \`npm run bench:ingest\`; edit bench/page.ts instead. -->

## Ingest

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
  last answer, and *settled*, when everything has been flushed and merged.
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
