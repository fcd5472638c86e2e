// Everything the engine is told from outside: settings, and the clock, randomness and files that
// tests replace.

import type { Clock } from '../runtime/clock.ts';
import { systemClock } from '../runtime/clock.ts';
import type { FileSystem } from '../runtime/file-system.ts';
import { nodeFileSystem } from '../runtime/file-system.ts';
import type { AdmissionLimits } from '../storage/admission.ts';
import { DEFAULT_LIMITS } from '../storage/admission.ts';

export type EngineLogger = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

/** For tests of the engine only. */
export interface TestingOptions {
  /** Makes all hashes of labels equal: slow, and must change no answer. */
  readonly constantHash?: boolean;
  /** With `inline`: the log writes nothing until `pump` is called. */
  readonly holdLog?: (pump: () => void) => void;
}

export interface TsdbOptions {
  readonly dataDir: string;
  /** Limits of admission; its `retentionMs` is the retention of all databases, 0 keeps everything. */
  readonly limits: AdmissionLimits;
  readonly maxCompressedBytes: number;
  readonly maxDecodedBytes: number;
  /** `always`: fdatasync before a write is answered. `interval`: at most this long afterwards. */
  readonly walSync: 'always' | 'interval';
  readonly walSyncIntervalMs: number;
  /** The log's size at which the head is flushed; bounds memory and the time to replay. */
  readonly walMaxBytes: number;
  readonly walSegmentBytes: number;
  /** Memory of the head at which it is flushed. */
  readonly headMaxBytes: number;
  /** Age of the oldest unflushed sample's arrival at which the head is flushed, in ms. */
  readonly flushIntervalMs: number;
  /** Cache for index pages of parts. */
  readonly indexCacheBytes: number;
  /** Writes get 503 below this much free disk space; 0 switches the check off. */
  readonly minFreeBytes: number;
  /** `worker`: log, flushes and merges on threads of their own. `inline`: on this thread, for tests. */
  readonly threads: 'worker' | 'inline';
  readonly logger: EngineLogger;
  readonly clock: Clock;
  /** A random integer below 2^48: incarnation ids. */
  readonly randomId: () => number;
  readonly fileSystem: FileSystem;
  /** Called once when the log can no longer be trusted; the process should exit non-zero. */
  readonly onFatal: (error: unknown) => void;
  readonly testing?: TestingOptions;
}

const MiB = 1024 * 1024;

/** Sensible values for everything but the folder. */
export function withDefaults(
  given: Partial<TsdbOptions> & Pick<TsdbOptions, 'dataDir'>,
): TsdbOptions {
  const options: TsdbOptions = {
    limits: DEFAULT_LIMITS,
    maxCompressedBytes: 32 * MiB,
    maxDecodedBytes: 64 * MiB,
    walSync: 'always',
    walSyncIntervalMs: 1000,
    walMaxBytes: 1024 * MiB,
    walSegmentBytes: 64 * MiB,
    headMaxBytes: 1536 * MiB,
    flushIntervalMs: 2 * 3_600_000,
    indexCacheBytes: 64 * MiB,
    minFreeBytes: 128 * MiB,
    threads: 'worker',
    logger: () => {},
    clock: systemClock,
    randomId: () => 1 + Math.floor(Math.random() * 2 ** 48),
    fileSystem: nodeFileSystem,
    onFatal: (error) => {
      throw error;
    },
    ...given,
  };
  return options;
}
