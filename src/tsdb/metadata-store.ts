// Metadata of one database: type, help and unit by metric name, last write wins. Small (thousands of
// metrics), so it is one JSON file that each flush replaces; between flushes the log holds the changes.

import { compareStrings } from '../model/labels.ts';
import type { MetricMetadata } from '../model/metadata.ts';
import { replaceFile } from '../runtime/atomic-file.ts';
import { checksumProblem, withChecksum } from '../runtime/checked-json.ts';
import { errorMessage } from '../runtime/error.ts';
import type { FileSystem } from '../runtime/file-system.ts';

const FORMAT_VERSION = 1;

/** A flood of made-up metric names must not fill memory: past this many, new names are not kept. */
const MAX_METRICS = 100_000;

export class MetadataStore {
  readonly #byMetric = new Map<string, MetricMetadata>();
  #dirty = false;
  /** In order, as long as nothing changes. */
  #sorted: readonly MetricMetadata[] | undefined;

  /** Reads the file; a missing or damaged one leaves the store empty and returns what was wrong. */
  load(fs: FileSystem, path: string): string | undefined {
    if (!fs.exists(path)) return undefined;
    try {
      const text = Buffer.from(fs.readFile(path)).toString('utf8');
      const problem = checksumProblem(text);
      if (problem !== undefined) return problem;
      const file = JSON.parse(text) as { formatVersion: number; metrics: MetricMetadata[] };
      if (file.formatVersion !== FORMAT_VERSION) return `format version ${file.formatVersion}`;
      for (const entry of file.metrics) this.#byMetric.set(entry.metric, entry);
      this.#sorted = undefined;
      return undefined;
    } catch (error) {
      return errorMessage(error);
    }
  }

  /** Takes entries in order of arrival. */
  put(entries: readonly MetricMetadata[]): void {
    for (const entry of entries) {
      const old = this.#byMetric.get(entry.metric);
      if (old === undefined && this.#byMetric.size >= MAX_METRICS) continue;
      const { metric, type, help, unit } = entry;
      if (old?.type === type && old.help === help && old.unit === unit) continue;
      this.#byMetric.set(metric, { metric, type, help, unit });
      this.#dirty = true;
      this.#sorted = undefined;
    }
  }

  /** Sorted by metric name: all, the same list until something changes, or one. */
  list(metric?: string): readonly MetricMetadata[] {
    if (metric !== undefined) {
      const entry = this.#byMetric.get(metric);
      return entry === undefined ? [] : [entry];
    }
    this.#sorted ??= [...this.#byMetric.values()].sort((a, b) =>
      compareStrings(a.metric, b.metric),
    );
    return this.#sorted;
  }

  /** Makes the present state durable if anything changed since the last time. */
  save(fs: FileSystem, path: string): void {
    if (!this.#dirty) return;
    const metrics = this.list().map((entry) => JSON.stringify(entry));
    const body = `{\n"formatVersion": ${FORMAT_VERSION},\n"metrics": [\n${metrics.join(',\n')}\n],`;
    replaceFile(fs, path, Buffer.from(withChecksum(body)));
    this.#dirty = false;
  }
}
