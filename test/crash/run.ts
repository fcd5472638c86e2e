// The cycles: start, audit, write while something goes on, strike; again and again on the same folder.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { App, AppStartError } from '../support/app.ts';
import { freePort, removeFolder } from '../support/child.ts';
import { READ_FORMS, type ReadForm } from '../support/client.ts';
import { Random } from '../support/random.ts';
import {
  type Activity,
  act,
  LONG_RETENTION_DAYS,
  type MadeSnapshot,
  type Outcome,
  SHORT_RETENTION_DAYS,
  visibleFrom,
} from './activity.ts';
import type { Ground } from './ground.ts';
import { Ledger } from './ledger.ts';
import { Report } from './report.ts';
import { type Target, Writer } from './writer.ts';

export interface CrashOptions {
  readonly cycles: number;
  readonly seed: number;
  /** Makes a new, empty place for the data. */
  readonly newGround: () => Ground;
  /** Drawn from for every cycle; name one twice to have it more often. */
  readonly activities: readonly Activity[];
  readonly flags: readonly string[];
  /** Cycles on one folder; more data makes audits longer. */
  readonly cyclesPerGround: number;
  /** Ends the run with the first cycle that finds something. */
  readonly stopsAtFinding: boolean;
  readonly log: (line: string) => void;
}

/** Small limits, so that flushes, merges and the end of segments happen all the time. */
export const BUSY_FLAGS: readonly string[] = [
  '--wal.max-size=64KiB',
  '--web.enable-admin-api=true',
  // Little is asked, and each cycle starts its threads.
  '--query.threads=1',
];

const DEFAULT_TARGET: Target = { database: 'default', path: '/api/v1/write' };
const NAMED_TARGET: Target = { database: 'named', path: '/api/v1/write?db=named' };
/** A new tenant, made by its first write, every so many cycles. */
const TENANT_EVERY = 5;

/** Runs all cycles; the last one ends with an audit as well. */
export async function runCrashCycles(options: CrashOptions): Promise<Report> {
  const report = new Report();
  const random = new Random(options.seed);
  for (let done = 0; done < options.cycles; ) {
    const life = new Life(options, random, report);
    try {
      const end = Math.min(options.cycles, done + options.cyclesPerGround);
      for (; done < end; done++) {
        if (!(await life.cycle(done))) return report;
      }
      await life.audit();
    } finally {
      await life.end();
    }
  }
  return report;
}

/** Cycles on one folder. */
class Life {
  readonly #options: CrashOptions;
  readonly #random: Random;
  readonly #report: Report;
  readonly #ground: Ground;
  readonly #ledger = new Ledger();
  readonly #writer: Writer;
  readonly #targets: Target[] = [DEFAULT_TARGET];
  #port: number | undefined;
  #app: App | undefined;
  /** What went on when the server was struck last. */
  #struckDuring: Activity = 'ingest';
  #reads = 0;

  constructor(options: CrashOptions, random: Random, report: Report) {
    this.#options = options;
    this.#random = random;
    this.#report = report;
    this.#ground = options.newGround();
    this.#writer = new Writer(this.#ledger, random);
  }

  /** False if the run must end. */
  async cycle(number: number): Promise<boolean> {
    const activity = this.#random.pick(this.#options.activities);
    const app = await this.#start(activity);
    if (app === undefined) return false;
    await this.#auditAll(app, activity);
    await this.#prepareTargets(app, number);

    this.#struckDuring = activity;
    this.#report.of(activity).cycles++;
    const work = { flushes: 0, merges: 0, replayedRecords: 0 };
    const outcome: Outcome = { work, unexpected: [], isStruck: false };
    const struck = new AbortController();
    const stop = new AbortController();
    const options = {
      targets: this.#targets,
      writesExpiring: activity !== 'retention',
      stop: stop.signal,
      struck: struck.signal,
    };
    const writing = this.#writer.run(app.client, options);
    await act(activity, app, this.#ledger, this.#random, outcome);
    if (app.status !== undefined && activity !== 'stop') {
      outcome.unexpected.push(`the server ended by itself: ${app.output}`);
    }
    await this.#ground.strike(app, () => {
      outcome.isStruck = true;
      struck.abort();
    });
    stop.abort();
    const stats = await writing;

    this.#report.addWrites(activity, stats);
    this.#report.addWork(work, app.output.split('retention removed').length - 1);
    this.#report.addUnexpected(outcome.unexpected);
    if (outcome.snapshot !== undefined) await this.#auditSnapshot(outcome.snapshot, activity);
    this.#options.log(
      `cycle ${number + 1}: ${activity}, ${stats.acknowledgedRequests} requests with ${stats.acknowledgedRows} rows acknowledged`,
    );
    return this.#report.isClean || !this.#options.stopsAtFinding;
  }

  /** Starts once more, compares everything and ends the server in an orderly way. */
  async audit(): Promise<void> {
    const app = await this.#start('ingest');
    if (app === undefined) return;
    await this.#auditAll(app, 'ingest');
    const { code } = await app.stop();
    if (code !== 0) this.#report.addUnexpected([`stopped with code ${code}: ${app.output}`]);
  }

  async end(): Promise<void> {
    await this.#app?.kill();
    this.#ground.remove();
  }

  async #start(activity: Activity): Promise<App | undefined> {
    if (activity === 'retention') this.#ledger.expire(visibleFrom('retention'));
    if (activity === 'start') await this.#strikeWhileStarting();
    const startedAt = performance.now();
    const app = await this.#launch(activity);
    try {
      await app.ready();
    } catch (error) {
      if (!(error instanceof AppStartError)) throw error;
      this.#report.addFailedStart(this.#struckDuring, error.message);
      return undefined;
    }
    this.#report.addStartup(performance.now() - startedAt);
    return app;
  }

  /** Once or twice, at any moment from the first instruction to the first requests. */
  async #strikeWhileStarting(): Promise<void> {
    for (let times = this.#random.between(1, 2); times > 0; times--) {
      const app = await this.#launch('start');
      await sleep(this.#random.between(100, 700));
      await this.#ground.strike(app, () => {});
    }
  }

  async #launch(activity: Activity): Promise<App> {
    this.#port ??= await freePort();
    const days = activity === 'retention' ? SHORT_RETENTION_DAYS : LONG_RETENTION_DAYS;
    this.#app = await App.launch({
      dataDir: this.#ground.dataDir,
      port: this.#port,
      flags: [...this.#options.flags, `--retention=${days}d`],
    });
    return this.#app;
  }

  async #auditAll(app: App, activity: Activity): Promise<void> {
    const from = visibleFrom(activity);
    const form = READ_FORMS[this.#reads++ % READ_FORMS.length]!;
    for (const database of this.#ledger.databases()) {
      const seen = await this.#read(app, form, database);
      const findings = this.#ledger.audit(database, seen, { visibleFrom: from });
      this.#report.addFindings(this.#struckDuring, findings);
      this.#ledger.settle(database, seen, from);
    }
  }

  /** A snapshot is a data folder: it must hold what was acknowledged when it was asked for. */
  async #auditSnapshot({ name, window }: MadeSnapshot, activity: Activity): Promise<void> {
    const dataDir = join(this.#ground.dataDir, 'snapshots', name);
    const flags = [...this.#options.flags, `--retention=${LONG_RETENTION_DAYS}d`];
    let app: App;
    try {
      app = await App.start({ dataDir, flags });
    } catch (error) {
      this.#report.addFailedStart(activity, `snapshot ${name}: ${String(error)}`);
      return;
    }
    try {
      for (const database of this.#ledger.databases()) {
        const seen = await this.#read(app, 'export', database);
        const visible = visibleFrom('snapshot');
        const findings = this.#ledger.audit(database, seen, { window, visibleFrom: visible });
        this.#report.addFindings(activity, findings);
      }
    } finally {
      await app.kill();
      removeFolder(dataDir);
    }
  }

  /** A database that does not exist has no rows. */
  async #read(app: App, form: ReadForm, database: string): ReturnType<App['client']['read']> {
    try {
      return await app.client.read(form, undefined, undefined, database);
    } catch (error) {
      if (!String(error).includes('404')) throw error;
      return { series: new Map(), duplicates: [] };
    }
  }

  async #prepareTargets(app: App, number: number): Promise<void> {
    if (!this.#targets.includes(NAMED_TARGET)) {
      const statement = encodeURIComponent('CREATE DATABASE named');
      const { status, text } = await app.client.send('POST', `/query?q=${statement}`);
      if (status !== 200) this.#report.addUnexpected([`CREATE DATABASE: ${status} ${text}`]);
      this.#targets.push(NAMED_TARGET);
    }
    if (number % TENANT_EVERY === 0) {
      const database = `tenant-${number}`;
      this.#targets.push({ database, path: `/insert/${database}/prometheus/api/v1/write` });
    }
  }
}
