// Parts of a date, in UTC, of Unix times in seconds. Own arithmetic and not `Date`: PromQL values reach
// far beyond the years that one knows.

import { newStepSeries, Presence, type StepSeries } from '../eval/step-series.ts';
import { stepT } from '../eval/steps.ts';
import type { FunctionCall, VectorFunction } from './interface.ts';
import { dropHistograms } from './math.ts';

const SECONDS_PER_DAY = 86_400;

/** Part of a date from seconds since 1970, an integer. */
export type DatePart = (seconds: number) => number;

/** Applies `part` to each float of the argument or, without one, to the time of each step. */
export function datePart(part: DatePart): VectorFunction {
  return (call, vectors) => {
    const rows = vectors[0];
    if (rows === undefined) return [partOfSteps(call, part)];
    for (const row of rows) {
      dropHistograms(row);
      const { present, values } = row;
      for (let i = 0; i < present.length; i++) {
        if (present[i] === Presence.float) values[i] = part(toWholeSeconds(values[i]!));
      }
    }
    return [...rows];
  };
}

function partOfSteps(call: FunctionCall, part: DatePart): StepSeries {
  const { steps } = call;
  const out = newStepSeries([], steps.count);
  out.present.fill(Presence.float);
  for (let i = 0; i < steps.count; i++) {
    out.values[i] = part(Math.trunc(stepT(steps, i) / 1000));
  }
  return out;
}

/**
 * Prometheus converts to a 64-bit integer, which makes the smallest one of everything that does not fit,
 * NaN too, and then overflows to the time one beyond the largest.
 */
function toWholeSeconds(value: number): number {
  const whole = Math.trunc(value);
  return whole > -(2 ** 63) && whole < 2 ** 63 ? whole : 2 ** 63;
}

export const minute: DatePart = (seconds) => Math.floor(secondOfDay(seconds) / 60) % 60;

export const hour: DatePart = (seconds) => Math.floor(secondOfDay(seconds) / 3600);

/** 0 is Sunday. 1970 began on a Thursday. */
export const dayOfWeek: DatePart = (seconds) => modulo(dayNumber(seconds) + 4, 7);

export const dayOfMonth: DatePart = (seconds) => civilDate(seconds).day;

export const dayOfYear: DatePart = (seconds) =>
  dayNumber(seconds) - daysBeforeYear(civilDate(seconds).year) + 1;

export const daysInMonth: DatePart = (seconds) => {
  const { year, month } = civilDate(seconds);
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
};

/** 1 to 12 */
export const month: DatePart = (seconds) => civilDate(seconds).month;

export const year: DatePart = (seconds) => civilDate(seconds).year;

function modulo(a: number, b: number): number {
  return ((a % b) + b) % b;
}

function secondOfDay(seconds: number): number {
  return modulo(seconds, SECONDS_PER_DAY);
}

/** Days since 1970-01-01. */
function dayNumber(seconds: number): number {
  return Math.floor(seconds / SECONDS_PER_DAY);
}

function isLeapYear(year: number): boolean {
  return modulo(year, 4) === 0 && (modulo(year, 100) !== 0 || modulo(year, 400) === 0);
}

/** Days from 1970-01-01 to the first of January, negative before 1970. */
function daysBeforeYear(year: number): number {
  const past = year - 1;
  return 365 * (year - 1970) + leapDaysUntil(past) - leapDaysUntil(1969);
}

function leapDaysUntil(year: number): number {
  return Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400);
}

interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/**
 * The Gregorian date. Counts in years that begin in March, so that the leap day is a year's last, and in
 * cycles of 400 years, which all have the same number of days.
 */
function civilDate(seconds: number): CivilDate {
  const daysPerCycle = 146_097;
  /** From 0000-03-01 to 1970-01-01. */
  const daysToEpoch = 719_468;
  const days = dayNumber(seconds) + daysToEpoch;
  const cycle = Math.floor(days / daysPerCycle);
  const dayOfCycle = days - cycle * daysPerCycle;
  // A leap day every 4 years (1460 days + 1) but not every 100 (36524) and not at the cycle's end.
  const yearOfCycle = Math.floor(
    (dayOfCycle -
      Math.floor(dayOfCycle / 1460) +
      Math.floor(dayOfCycle / 36_524) -
      Math.floor(dayOfCycle / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfCycle - (365 * yearOfCycle + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100));
  // March to July and August to December have 153 days each: 31 30 31 30 31.
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return { year: cycle * 400 + yearOfCycle + (month <= 2 ? 1 : 0), month, day };
}
