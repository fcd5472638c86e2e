// Turns a request into a prepared write: refs resolved, verdicts taken, log record chosen. Nothing
// here is visible or durable yet; see ARCHITECTURE.md, "The life of a sample".

import { snappyDeclaredLength, snappyDecode } from '../../codec/snappy.ts';
import { encodeHistogramPayload } from '../../model/histogram-payload.ts';
import type { Labels } from '../../model/labels.ts';
import { printLabels } from '../../model/labels.ts';
import type { MetricMetadata } from '../../model/metadata.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { SampleColumns } from '../../model/sample.ts';
import { STALE_NAN_HIGH, STALE_NAN_LOW } from '../../model/stale.ts';
import { MAX_SERIES_PER_REQUEST, tooManySeries } from '../../protocol/remote-write/limits.ts';
import {
  decodeMetadataV1,
  decodeTimeSeriesV1,
  decodeWriteRequestV1,
} from '../../protocol/remote-write/v1.ts';
import { decodeWriteRequestV2 } from '../../protocol/remote-write/v2.ts';
import {
  type AdmissionLimits,
  admitLabels,
  admitSeries,
  refuseForQuota,
} from '../../storage/admission.ts';
import { type Rejection, unavailable } from '../../storage/errors.ts';
import type {
  BatchSeries,
  EncodedWrite,
  WriteBatch,
  WriteResult,
} from '../../storage/interface.ts';
import { RejectionCollector } from '../../storage/rejections.ts';
import { groupRows, type RowBatch, type RowSeries } from '../../storage/rows.ts';
import type { SeriesRegistry } from '../index/series-registry.ts';
import { RecordKind } from '../wal/record.ts';
import { CanonicalEncoder, decodeCanonicalRecord } from './canonical-record.ts';
import { encodeExemplarPayload } from './exemplar-payload.ts';
import { RowResolver } from './row-resolver.ts';
import { decodeRestV2 } from './scanned-rest.ts';
import {
  RemoteWriteScanner,
  type ScanLimits,
  type ScannedWrite,
  type ScannerOptions,
  SLOW_TIME_SERIES,
} from './scanner.ts';
import type { TimeJudge } from './time-judge.ts';
import { WriteColumns } from './write-columns.ts';

/** Version of the way bodies are interpreted, kept in every log record. */
export const PARSER_VERSION = 1;

/** What one database takes. */
export interface WriteRules {
  readonly limits: AdmissionLimits;
  /**
   * Asked for each series that is not known: why it is refused for good, if it is. Throws `unavailable` where it may
   * come later. Undefined where any number may come.
   */
  readonly admitNewSeries: (() => string | undefined) | undefined;
  /** Told of each that has been added. */
  readonly seriesAdded: () => void;
}

/** Rules that refuse nothing: replay applies verdicts, it takes none. */
export const NO_RULES: WriteRules = {
  limits: {
    maxLabels: Number.POSITIVE_INFINITY,
    maxLabelNameBytes: Number.POSITIVE_INFINITY,
    maxLabelValueBytes: Number.POSITIVE_INFINITY,
    maxFutureMs: Number.POSITIVE_INFINITY,
    retentionMs: 0,
  },
  admitNewSeries: undefined,
  seriesAdded: () => {},
};

/** From this many samples on, a body that is mostly "in the future" makes us doubt our own clock. */
const DOUBT_FROM_SAMPLES = 10;

export interface PreparedWrite {
  readonly columns: WriteColumns;
  /** The registry that names `columns.refs`. */
  readonly registry: SeriesRegistry;
  readonly recordKind: number;
  readonly recordBody: Uint8Array;
  readonly result: WriteResult;
}

/** Remote-write 1.0 bodies that another thread has scanned already. */
export interface ScannedBodies {
  /** Adds the rows of a body, under the refs of `registry`; false if it has to be scanned in the usual way. */
  addRows(body: Uint8Array, columns: WriteColumns, registry: SeriesRegistry): boolean;
  /** Told what the usual way made of the body for which `addRows` was last asked in vain. */
  learn(columns: WriteColumns): void;
}

export class WritePath {
  readonly #judge: TimeJudge;
  readonly #scanner: RemoteWriteScanner;
  readonly #scanLimits: ScanLimits;
  readonly #rows = new RowResolver();
  readonly #encoder = new CanonicalEncoder();
  readonly #pool: WriteColumns[] = [];
  #registry: SeriesRegistry;

  constructor(
    scanLimits: ScanLimits,
    judge: TimeJudge,
    registry: SeriesRegistry,
    scannerOptions?: ScannerOptions,
  ) {
    this.#judge = judge;
    this.#scanner = new RemoteWriteScanner(scanLimits, scannerOptions);
    this.#scanLimits = scanLimits;
    this.#registry = registry;
  }

  /** The registry that names the refs of what is prepared now. */
  get registry(): SeriesRegistry {
    return this.#registry;
  }

  /** Uses another registry from now on; what the scanner had learned named refs of the old one. */
  useRegistry(registry: SeriesRegistry): void {
    this.#registry = registry;
    this.#scanner.clear();
  }

  /** A body in a wire format. Throws `bad_data` or `limit` if it cannot be decoded. */
  prepareEncoded(dbId: number, write: EncodedWrite, rules: WriteRules): PreparedWrite {
    const rejections = new RejectionCollector();
    const columns = this.#take();
    try {
      if (write.format === 'remote-write-1') {
        this.#scanV1(dbId, write.body, columns, rejections, rules);
        return this.#finish(dbId, columns, rejections, RecordKind.remoteWrite1, write.body);
      }
      const { maxDecodedBytes } = this.#scanLimits;
      this.#addV2(dbId, write.body, maxDecodedBytes, columns, rejections, rules);
      return this.#finish(dbId, columns, rejections, RecordKind.remoteWrite2, write.body);
    } catch (error) {
      this.recycle(columns);
      throw error;
    }
  }

  /** A decoded batch of any protocol. */
  prepareBatch(dbId: number, batch: WriteBatch, rules: WriteRules): PreparedWrite {
    const rejections = new RejectionCollector();
    const columns = this.#take();
    try {
      this.#addBatch(dbId, batch, columns, rejections, rules);
      return this.#finish(dbId, columns, rejections, RecordKind.canonical, undefined);
    } catch (error) {
      this.recycle(columns);
      throw error;
    }
  }

  /** What a log record adds; the record's verdicts stand whatever the limits and the clock are now. */
  replay(
    dbId: number,
    recordKind: number,
    body: Uint8Array,
    scanned?: ScannedBodies,
  ): WriteColumns {
    const columns = this.#take();
    const rejections = new RejectionCollector();
    if (recordKind === RecordKind.remoteWrite1 && this.#fitsScanner(body)) {
      if (scanned?.addRows(body, columns, this.#registry)) return columns;
      this.#scanV1(dbId, body, columns, rejections, NO_RULES);
      scanned?.learn(columns);
    } else if (recordKind === RecordKind.remoteWrite1) {
      const decoded = snappyDecode(body, Number.MAX_SAFE_INTEGER);
      this.#addBatch(dbId, decodeWriteRequestV1(decoded), columns, rejections, NO_RULES);
    } else if (recordKind === RecordKind.remoteWrite2) {
      this.#addV2(dbId, body, Number.MAX_SAFE_INTEGER, columns, rejections, NO_RULES);
    } else {
      const register = (labels: Labels): number => this.#registry.register(dbId, labels);
      decodeCanonicalRecord(body, columns, register);
    }
    return columns;
  }

  /** Gives the buffers of a write back once it has been applied or given up. */
  recycle(columns: WriteColumns): void {
    columns.reset();
    if (this.#pool.length < 64) this.#pool.push(columns);
  }

  /** False for a record that was written when the limits were larger than they are now. */
  #fitsScanner(body: Uint8Array): boolean {
    const { maxCompressedBytes, maxDecodedBytes } = this.#scanLimits;
    return body.length <= maxCompressedBytes && snappyDeclaredLength(body) <= maxDecodedBytes;
  }

  #take(): WriteColumns {
    return this.#pool.pop() ?? new WriteColumns();
  }

  #finish(
    dbId: number,
    columns: WriteColumns,
    rejections: RejectionCollector,
    kind: number,
    body: Uint8Array | undefined,
  ): PreparedWrite {
    this.#doubtOwnClock(columns, rejections);
    // A body of which a part was refused is logged as what was accepted, so that replay has no choice.
    const isWhole = body !== undefined && rejections.total === 0;
    const registry = this.#registry;
    return {
      columns,
      registry,
      recordKind: isWhole ? kind : RecordKind.canonical,
      recordBody: isWhole ? body : this.#encoder.encode(columns, registry.pairsOf(dbId)),
      result: {
        samplesWritten: columns.rows,
        histogramsWritten: columns.histograms,
        exemplarsWritten: columns.exemplars,
        ...rejections.result(),
      },
    };
  }

  /**
   * A 400 makes Prometheus drop data for good. If samples seem to be outside of the accepted time while
   * our clocks disagree, or most of a large body is in the future, the fault may be ours: ask the
   * sender to come again.
   */
  #doubtOwnClock(columns: WriteColumns, rejections: RejectionCollector): void {
    const newest = columns.rows > 0 ? columns.t[columns.rows - 1]! : undefined;
    if (newest !== undefined) this.#judge.heardOf(newest);
    const future = rejections.countOf('too_far_in_future');
    const old = rejections.countOf('outside_retention');
    if (future === 0 && old === 0) return;
    const all = columns.rows + columns.histograms + rejections.total;
    const mostly = all >= DOUBT_FROM_SAMPLES && future * 2 > all;
    if (!mostly && this.#judge.isTrustworthy()) return;
    throw unavailable(
      'TSDB_CLOCK_SUSPECT',
      `of ${all} samples ${future} are too far in the future and ${old} older than the retention: ` +
        'the clock of this server or of the sender is wrong; nothing was stored, check the clocks',
    );
  }

  #scanV1(
    dbId: number,
    body: Uint8Array,
    columns: WriteColumns,
    rejections: RejectionCollector,
    rules: WriteRules,
  ): void {
    const scanned = this.#scanner.scan(dbId, body);
    if (scanned.slow > MAX_SERIES_PER_REQUEST) throw tooManySeries();
    const bounds = this.#timeBounds(rules.limits);
    const inBounds = scanned.minT >= bounds.minT && scanned.maxT <= bounds.maxT;
    let row = 0;
    for (let i = 0; i < scanned.slow; i++) {
      const before = scanned.slowRow[i]!;
      this.#addScannedRows(scanned, row, before, inBounds, bounds, columns, rejections);
      row = before;
      this.#addSlowItem(dbId, scanned, i, columns, rejections, rules);
    }
    this.#addScannedRows(scanned, row, scanned.rows, inBounds, bounds, columns, rejections);
  }

  #addScannedRows(
    scanned: ScannedWrite,
    from: number,
    to: number,
    inBounds: boolean,
    bounds: { minT: number; maxT: number },
    columns: WriteColumns,
    rejections: RejectionCollector,
  ): void {
    if (inBounds) {
      columns.addRows(scanned.refs, scanned.t, scanned.v, from, to);
      return;
    }
    for (let i = from; i < to; i++) {
      const t = scanned.t[i]!;
      if (t >= bounds.minT && t <= bounds.maxT) {
        columns.addRows(scanned.refs, scanned.t, scanned.v, i, i + 1);
      } else {
        rejections.add(this.#timeRejection(scanned.refs[i]!, t, bounds));
      }
    }
  }

  #addSlowItem(
    dbId: number,
    scanned: ScannedWrite,
    i: number,
    columns: WriteColumns,
    rejections: RejectionCollector,
    rules: WriteRules,
  ): void {
    const offset = scanned.slowOffset[i]!;
    const payload = scanned.decoded.subarray(offset, offset + scanned.slowLength[i]!);
    if (scanned.slowField[i] !== SLOW_TIME_SERIES) {
      columns.metadata.push(decodeMetadataV1(payload));
      return;
    }
    const series = decodeTimeSeriesV1(payload, (rejection) => rejections.add(rejection));
    if ('reason' in series) {
      rejections.add(series);
      return;
    }
    const ref = this.#addSeries(dbId, series, columns, rejections, rules);
    if (ref !== undefined) this.#scanner.learn(dbId, i, ref);
  }

  /** As `decodeWriteRequestV2` and {@link #addBatch} would, but series that are known take the short way. */
  #addV2(
    dbId: number,
    body: Uint8Array,
    maxDecodedBytes: number,
    columns: WriteColumns,
    rejections: RejectionCollector,
    rules: WriteRules,
  ): void {
    const scanned = this.#scanner.scanV2(dbId, body, this.#timeBounds(rules.limits));
    if (scanned === undefined || scanned.seriesCount > MAX_SERIES_PER_REQUEST) {
      const batch = decodeWriteRequestV2(snappyDecode(body, maxDecodedBytes));
      this.#addBatch(dbId, batch, columns, rejections, rules);
      return;
    }
    const rest = decodeRestV2(scanned);
    rejections.addAll(rest.rejections);
    let row = 0;
    for (const [i, series] of rest.series.entries()) {
      const before = scanned.slowRow[i]!;
      columns.addRows(scanned.refs, scanned.t, scanned.v, row, before, scanned.startT);
      row = before;
      if (series === undefined) continue;
      const ref = this.#addSeries(dbId, series, columns, rejections, rules);
      if (ref !== undefined) this.#scanner.learnV2(dbId, i, ref);
    }
    columns.addRows(scanned.refs, scanned.t, scanned.v, row, scanned.rows, scanned.startT);
    for (const entry of rest.metadata) columns.metadata.push(entry);
  }

  #addBatch(
    dbId: number,
    batch: WriteBatch,
    columns: WriteColumns,
    rejections: RejectionCollector,
    rules: WriteRules,
  ): void {
    for (const rejection of batch.rejections) rejections.add(rejection);
    for (const [i, series] of batch.series.entries()) {
      const before = rejections.rows;
      this.#addSeries(dbId, series, columns, rejections, rules);
      if (rejections.rows > before) rejections.addSeries(i);
    }
    if (batch.rows !== undefined) this.#addRows(dbId, batch.rows, columns, rejections, rules);
    for (const entry of dedupedMetadata(batch.metadata)) columns.metadata.push(entry);
  }

  /** Rows of series that can be had at once take the short way; what may be refused, that of series. */
  #addRows(
    dbId: number,
    rows: RowBatch,
    columns: WriteColumns,
    rejections: RejectionCollector,
    rules: WriteRules,
  ): void {
    const rest = this.#rows.addKnown(
      dbId,
      this.#registry.id,
      rows,
      this.#timeBounds(rules.limits),
      columns,
      (series) => this.#refOfNew(dbId, series, rules),
    );
    if (rest === undefined) return;
    for (const group of groupRows(rest)) {
      const ref = this.#addSeries(dbId, group, columns, rejections, rules);
      if (ref !== undefined) this.#rows.learn(group.rowSeries, dbId, this.#registry.id, ref);
    }
  }

  /** The ref of a series of rows, of which one can enter; -1 if it may be refused: then with all that it costs. */
  #refOfNew(dbId: number, series: RowSeries, rules: WriteRules): number {
    const labels = admitLabels(series.labels, rules.limits);
    if ('reason' in labels) return -1;
    if (rules.admitNewSeries !== undefined && this.#registry.lookup(dbId, labels) < 0) return -1;
    return this.#register(dbId, labels, rules);
  }

  #register(dbId: number, labels: Labels, rules: WriteRules): number {
    const known = this.#registry.seriesCount;
    const ref = this.#registry.register(dbId, labels);
    if (this.#registry.seriesCount > known) rules.seriesAdded();
    return ref;
  }

  /** Adds what may enter of one series; its ref, or undefined if its labels are refused. */
  #addSeries(
    dbId: number,
    series: BatchSeries,
    columns: WriteColumns,
    rejections: RejectionCollector,
    rules: WriteRules,
  ): number | undefined {
    // "Future" is judged by the latest clock, retention by the earliest.
    const { limits, admitNewSeries } = rules;
    const now = this.#judge.earliest();
    const maxFutureMs = limits.maxFutureMs + (this.#judge.latest() - now);
    const admitted = admitSeries(series, { ...limits, maxFutureMs }, now);
    for (const rejection of admitted.rejections) rejections.add(rejection);
    const { samples, exemplars } = admitted;
    if (samples.length === 0 && exemplars.length === 0) return undefined;
    if (admitNewSeries !== undefined && this.#registry.lookup(dbId, admitted.labels) < 0) {
      const refusal = admitNewSeries();
      if (refusal !== undefined) {
        rejections.add(refuseForQuota(admitted, refusal));
        return undefined;
      }
    }
    const ref = this.#register(dbId, admitted.labels, rules);
    if (samples.histograms === undefined) columns.addSeries(ref, samples);
    else addMixed(ref, samples, samples.histograms, columns);
    for (const exemplar of exemplars) {
      columns.addExemplar(ref, exemplar.t, encodeExemplarPayload(exemplar));
    }
    return ref;
  }

  #timeBounds({ maxFutureMs, retentionMs }: AdmissionLimits): { minT: number; maxT: number } {
    return {
      minT: retentionMs > 0 ? this.#judge.earliest() - retentionMs : Number.NEGATIVE_INFINITY,
      maxT: this.#judge.latest() + maxFutureMs,
    };
  }

  #timeRejection(ref: number, t: number, bounds: { minT: number; maxT: number }): Rejection {
    const isFuture = t > bounds.maxT;
    const when = new Date(t).toISOString();
    const limit = new Date(isFuture ? bounds.maxT : bounds.minT).toISOString();
    return {
      reason: isFuture ? 'too_far_in_future' : 'outside_retention',
      series: printLabels(this.#registry.labels(ref)),
      message: isFuture
        ? `timestamp ${when} is too far in the future, the latest accepted is ${limit}`
        : `timestamp ${when} is older than the retention, the earliest accepted is ${limit}`,
      samples: 1,
      histograms: 0,
      exemplars: 0,
    };
  }
}

/** Adds samples of which some are histograms. */
function addMixed(
  ref: number,
  { length, t, v, startT }: SampleColumns,
  histograms: readonly (NativeHistogram | undefined)[],
  columns: WriteColumns,
): void {
  for (let i = 0; i < length; i++) {
    const histogram = histograms[i];
    const start = startT?.[i] ?? 0;
    if (histogram === undefined) columns.addFloat(ref, t[i]!, v, i, start);
    else {
      const { low, high } = histogram.sum;
      const isStale = low === STALE_NAN_LOW && high === STALE_NAN_HIGH;
      columns.addHistogram(ref, t[i]!, start, encodeHistogramPayload(histogram), isStale);
    }
  }
}

/** The last entry of each metric: a 2.0 request repeats it for every series. */
function dedupedMetadata(entries: readonly MetricMetadata[]): MetricMetadata[] {
  return [...new Map(entries.map((entry) => [entry.metric, entry])).values()];
}
