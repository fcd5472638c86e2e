// Figures of a crash run and the table that is printed.

import { ACTIVITIES, type Activity, type BackgroundWork } from './activity.ts';
import type { Findings } from './ledger.ts';
import type { WriterStats } from './writer.ts';

interface Figures {
  cycles: number;
  requests: number;
  rows: number;
  unanswered: number;
  lost: number;
  duplicated: number;
  invented: number;
  failedStarts: number;
}

/** Findings of one kind told one by one; the rest is counted. */
const MAX_TOLD = 8;

const COLUMNS: readonly (readonly [title: string, key: keyof Figures])[] = [
  ['cycles', 'cycles'],
  ['requests', 'requests'],
  ['rows', 'rows'],
  ['in flight', 'unanswered'],
  ['lost', 'lost'],
  ['duplicated', 'duplicated'],
  ['invented', 'invented'],
  ['failed starts', 'failedStarts'],
];

export class Report {
  readonly #byActivity = new Map<Activity, Figures>();
  readonly #startupsMs: number[] = [];
  readonly #told: string[] = [];
  #unexpected = 0;
  #turnedAway = 0;
  #rowsAudited = 0;
  readonly #work: BackgroundWork = { flushes: 0, merges: 0, replayedRecords: 0 };
  #retentions = 0;

  of(activity: Activity): Figures {
    let figures = this.#byActivity.get(activity);
    if (figures === undefined) {
      figures = {
        cycles: 0,
        requests: 0,
        rows: 0,
        unanswered: 0,
        lost: 0,
        duplicated: 0,
        invented: 0,
        failedStarts: 0,
      };
      this.#byActivity.set(activity, figures);
    }
    return figures;
  }

  addStartup(ms: number): void {
    this.#startupsMs.push(ms);
  }

  addWrites(activity: Activity, stats: WriterStats): void {
    const figures = this.of(activity);
    figures.requests += stats.acknowledgedRequests;
    figures.rows += stats.acknowledgedRows;
    figures.unanswered += stats.unanswered;
    this.#turnedAway += stats.turnedAway;
    this.addUnexpected(stats.unexpected);
  }

  /** What the server did besides, and how often retention removed something. */
  addWork({ flushes, merges, replayedRecords }: BackgroundWork, retentions: number): void {
    this.#work.flushes += flushes;
    this.#work.merges += merges;
    this.#work.replayedRecords += replayedRecords;
    this.#retentions += retentions;
  }

  /** `activity` is what went on when the server was struck. */
  addFindings(activity: Activity, findings: Findings): void {
    const figures = this.of(activity);
    figures.lost += findings.lost.length;
    figures.duplicated += findings.duplicated.length;
    figures.invented += findings.invented.length;
    this.#rowsAudited += findings.rows;
    this.#tell('lost', findings.lost);
    this.#tell('duplicated', findings.duplicated);
    this.#tell('invented', findings.invented);
  }

  addFailedStart(activity: Activity, message: string): void {
    this.of(activity).failedStarts++;
    this.#tell('failed start', [message]);
  }

  /** Answers and ends of the process that should not be. */
  addUnexpected(messages: readonly string[]): void {
    this.#unexpected += messages.length;
    this.#tell('unexpected', messages);
  }

  get total(): Figures {
    const total: Figures = {
      cycles: 0,
      requests: 0,
      rows: 0,
      unanswered: 0,
      lost: 0,
      duplicated: 0,
      invented: 0,
      failedStarts: 0,
    };
    for (const figures of this.#byActivity.values()) {
      for (const [, key] of COLUMNS) total[key] += figures[key];
    }
    return total;
  }

  /** True if nothing was found. */
  get isClean(): boolean {
    const { lost, duplicated, invented, failedStarts } = this.total;
    return lost + duplicated + invented + failedStarts + this.#unexpected === 0;
  }

  /** The first findings, one a line. */
  get findings(): readonly string[] {
    return this.#told;
  }

  /** The table and a last line of totals. */
  print(): string {
    const total = this.total;
    const rows = ACTIVITIES.flatMap((activity) => {
      const figures = this.#byActivity.get(activity);
      return figures === undefined ? [] : [[activity, figures] as const];
    });
    const cells = [
      ['struck during', ...COLUMNS.map(([title]) => title)],
      ...[...rows, ['all', total] as const].map(([name, figures]) => [
        name,
        ...COLUMNS.map(([, key]) => figures[key].toLocaleString('en')),
      ]),
    ];
    const { flushes, merges, replayedRecords } = this.#work;
    const starts = this.#startupsMs.toSorted((a, b) => a - b);
    const at = (share: number): number =>
      Math.round(starts[Math.floor(share * starts.length)] ?? 0);
    return [
      ...(this.#told.length > 0 ? [...this.#told, ''] : []),
      ...alignColumns(cells),
      '',
      `at least ${flushes} flushes, ${merges} merges, ${this.#retentions} removals by retention, ${replayedRecords} log records replayed`,
      `${starts.length} starts, median ${at(0.5)} ms, longest ${at(0.999)} ms; ${this.#rowsAudited.toLocaleString('en')} rows compared; ${this.#turnedAway} requests turned away with 503`,
      `${total.cycles} cycles: ${total.lost} lost, ${total.duplicated} duplicated, ${total.invented} invented, ${total.failedStarts} failed starts, ${this.#unexpected} unexpected answers`,
    ].join('\n');
  }

  #tell(kind: string, messages: readonly string[]): void {
    const told = this.#told.filter((line) => line.startsWith(`${kind}: `)).length;
    const lines = messages.slice(0, Math.max(0, MAX_TOLD - told));
    this.#told.push(...lines.map((message) => `${kind}: ${message}`));
  }
}

/** First column to the left, numbers to the right. */
function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
}
