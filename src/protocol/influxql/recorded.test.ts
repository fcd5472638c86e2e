// Everything that InfluxDB was asked once: what it parses, prints, refuses, and what it says.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseStatements } from './parser.ts';
import { printStatement } from './printer.ts';
import { type RequiredPrivilege, requiredPrivileges } from './privileges.ts';
import { validateSelect } from './validate-select.ts';

interface Recorded {
  readonly text: string;
  readonly error?: string;
  readonly printed?: string;
  readonly requires?: string;
}

const { statements, selects } = JSON.parse(
  readFileSync(new URL('testdata/recorded.json', import.meta.url), 'utf8'),
) as { statements: Recorded[]; selects: Recorded[] };

/** 2026-11-26T11:00:00Z; no message depends on it. */
const NOW_NS = 1_795_690_800_000_000_000n;

/** What InfluxDB prints and cannot read again: names unquoted, durations in Go's form, exponents. */
const LOSSY =
  /^SELECT DISTINCT a b |FROM $|fill\([\d.]+e|DURATION [\d.]+(ms|µs)|DURATION \d+\.\d+s|WITH$|^SHOW MEASUREMENTS ON x y/;

/** Regular expressions that only newer releases of Go take. */
const NEWER_SYNTAX = 'SELECT /(?<n>a)/ FROM cpu';

it.each(statements)('$text', ({ text: sent, error, printed, requires }) => {
  const text = sent.trim();
  if (error !== undefined) {
    const message = messageOf(() => parseStatements(text));
    expect(message).toBe(text === NEWER_SYNTAX ? undefined : error);
    return;
  }
  const parsed = parseStatements(text);
  if (printed === undefined) return;
  const [first] = parsed;
  expect(printStatement(first!)).toBe(printed);
  expect(requirementsOf(requiredPrivileges(first!))).toContain(requires);
  // Passwords are the one thing that does not come back.
  if (printed.includes('[REDACTED]') || LOSSY.test(printed)) return;
  expect(parseStatements(printed).map(printStatement)).toEqual([printed]);
});

it.each(selects)('$text', ({ text, error }) => {
  const message = messageOf(() => {
    const [statement] = parseStatements(text);
    if (statement?.kind !== 'select') throw new Error('no SELECT');
    validateSelect(statement, NOW_NS);
  });
  expect(message).toBe(error);
});

function messageOf(run: () => void): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function requirementsOf(required: readonly RequiredPrivilege[]): string[] {
  return required.map((one) =>
    one.kind === 'admin'
      ? 'admin privilege'
      : `${one.privilege} on ${one.database === '' ? 'empty' : one.database}`,
  );
}
