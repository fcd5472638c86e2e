// The program's own log: one JSON object a line on standard error.

import { pino } from 'pino';

export type LogSeverity = 'debug' | 'info' | 'warn' | 'error';

/** What the rest of the program logs through; a message, then facts by name. */
export interface Logger {
  log(severity: LogSeverity, message: string, fields?: LogFields): void;
}

/** One whose level can be changed. */
export interface LeveledLogger extends Logger {
  setLevel(least: LogSeverity): void;
}

export type LogFields = Readonly<Record<string, unknown>>;

/** Writes to standard error at once, so that the last line before a crash is not lost. */
export function createLogger(least: LogSeverity): LeveledLogger {
  const target = pino(
    {
      level: least,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ fd: 2, sync: true }),
  );
  return {
    log(severity, message, fields) {
      if (fields === undefined) target[severity](message);
      else target[severity](describeErrors(fields), message);
    },
    setLevel(level) {
      target.level = level;
    },
  };
}

/** Drops everything. */
export const SILENT_LOGGER: Logger = { log: () => {} };

/** Errors as text with their codes: JSON has no form for them. */
function describeErrors(fields: LogFields): LogFields {
  const described: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    described[name] = value instanceof Error ? describeError(value) : value;
  }
  return described;
}

function describeError(error: Error): unknown {
  const { code } = error as { code?: unknown };
  const cause = error.cause instanceof Error ? describeError(error.cause) : undefined;
  return { code, message: error.message, stack: error.stack, cause };
}
