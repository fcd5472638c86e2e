// Reads times in layouts of Go: what `time.Parse` takes, in UTC where no zone is said.

import { type LayoutPart, MONTHS, WEEKDAYS } from './time-layout.ts';

export interface ReadTime {
  /** ms, rounded down. */
  readonly t: number;
  /** True if there is more than `t` says. */
  readonly isCut: boolean;
}

/** The time that a text says in this layout; undefined if it does not fit, or if there is no such time. */
export function readTime(layout: readonly LayoutPart[], text: string): ReadTime | undefined {
  const reader = new LayoutReader(text);
  for (const [i, part] of layout.entries()) {
    if (!reader.read(part, layout[i + 1])) return undefined;
  }
  return reader.time();
}

class LayoutReader {
  readonly #text: string;
  #at = 0;
  #year = 0;
  #month: number | undefined;
  #day: number | undefined;
  #dayOfYear: number | undefined;
  #hour = 0;
  #minute = 0;
  #second = 0;
  /** Digits behind the second. */
  #fraction = '';
  #isAfternoon: boolean | undefined;
  #offsetSeconds = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads one part; `next` is the one behind it. */
  read(part: LayoutPart, next: LayoutPart | undefined): boolean {
    if (part.kind === 'text') return this.#skip(part.text);
    if (part.kind === 'fraction') return this.#readFraction(part.digits, part.isTrimmed);
    if (!this.#readElement(part.element)) return false;
    const isSecond = part.element === '05' || part.element === '5';
    // A fraction behind seconds is taken whether the layout has one or not.
    if (isSecond && next?.kind !== 'fraction') this.#readFraction(0, true);
    return true;
  }

  time(): ReadTime | undefined {
    if (this.#at !== this.#text.length) return undefined;
    const hour = this.#hour24();
    const [month, day] = this.#date();
    if (month === undefined || day === undefined) return undefined;
    if (hour > 23 || this.#minute > 59 || this.#second > 59) return undefined;
    const date = new Date(0);
    date.setUTCFullYear(this.#year, month - 1, day);
    // The 30th of February would be in March.
    if (date.getUTCMonth() !== month - 1) return undefined;
    date.setUTCHours(hour, this.#minute, this.#second);
    const ms = Number(this.#fraction.slice(0, 3).padEnd(3, '0')) - this.#offsetSeconds * 1000;
    return { t: date.getTime() + ms, isCut: /[1-9]/.test(this.#fraction.slice(3)) };
  }

  #hour24(): number {
    if (this.#isAfternoon === undefined) return this.#hour;
    const hour = this.#hour === 12 ? 0 : this.#hour;
    return this.#isAfternoon && hour < 12 ? hour + 12 : hour;
  }

  /** Month and day, by the day of the year where that was said. */
  #date(): [month: number | undefined, day: number | undefined] {
    const days = this.#dayOfYear;
    if (days === undefined) return [this.#month ?? 1, this.#day ?? 1];
    const date = new Date(0);
    date.setUTCFullYear(this.#year, 0, days);
    if (days < 1 || date.getUTCFullYear() !== this.#year) return [undefined, undefined];
    const [month, day] = [date.getUTCMonth() + 1, date.getUTCDate()];
    const fits = (this.#month ?? month) === month && (this.#day ?? day) === day;
    return fits ? [month, day] : [undefined, undefined];
  }

  #readElement(element: string): boolean {
    switch (element) {
      case 'January':
      case 'Jan':
        return this.#readName(MONTHS, element === 'Jan', (i) => {
          this.#month = i + 1;
        });
      case 'Monday':
      case 'Mon':
        return this.#readName(WEEKDAYS, element === 'Mon', () => {});
      case '2006':
        return this.#readNumber(4, 4, (year) => {
          this.#year = year;
          return true;
        });
      case '06':
        return this.#readNumber(2, 2, (year) => {
          this.#year = year >= 69 ? 1900 + year : 2000 + year;
          return true;
        });
      case '01':
      case '1':
        return this.#readNumber(element.length, 2, (month) => {
          this.#month = month;
          return month >= 1 && month <= 12;
        });
      case '_2':
        if (this.#text[this.#at] === ' ') this.#at++;
        return this.#readDay(1);
      case '02':
      case '2':
        return this.#readDay(element.length);
      case '__2':
        for (let i = 0; i < 2 && this.#text[this.#at] === ' '; i++) this.#at++;
        return this.#readDayOfYear(1);
      case '002':
        return this.#readDayOfYear(3);
      case '15':
        return this.#readHour(1, 23);
      case '03':
        return this.#readHour(2, 12);
      case '3':
        return this.#readHour(1, 12);
      case '04':
      case '4':
        return this.#readNumber(element.length, 2, (minute) => {
          this.#minute = minute;
          return minute <= 59;
        });
      case '05':
      case '5':
        return this.#readNumber(element.length, 2, (second) => {
          this.#second = second;
          return second <= 59;
        });
      case 'PM':
      case 'pm':
        return this.#readHalf(element);
      case 'MST':
        return this.#readZoneName();
      default:
        return this.#readOffset(element);
    }
  }

  #readDay(minDigits: number): boolean {
    return this.#readNumber(minDigits, 2, (day) => {
      this.#day = day;
      return day >= 1 && day <= 31;
    });
  }

  #readDayOfYear(minDigits: number): boolean {
    return this.#readNumber(minDigits, 3, (day) => {
      this.#dayOfYear = day;
      return true;
    });
  }

  #readHour(minDigits: number, max: number): boolean {
    return this.#readNumber(minDigits, 2, (hour) => {
      this.#hour = hour;
      return hour <= max;
    });
  }

  #readNumber(minDigits: number, maxDigits: number, take: (value: number) => boolean): boolean {
    const digits = this.#match(new RegExp(`^\\d{${minDigits},${maxDigits}}`));
    return digits !== undefined && take(Number(digits));
  }

  #readName(names: readonly string[], isShort: boolean, take: (index: number) => void): boolean {
    const rest = this.#text.slice(this.#at).toLowerCase();
    const shown = names.map((name) => (isShort ? name.slice(0, 3) : name));
    const index = shown.findIndex((name) => rest.startsWith(name.toLowerCase()));
    if (index < 0) return false;
    this.#at += shown[index]!.length;
    take(index);
    return true;
  }

  #readHalf(element: 'PM' | 'pm'): boolean {
    const half = this.#match(element === 'PM' ? /^[AP]M/ : /^[ap]m/);
    if (half === undefined) return false;
    this.#isAfternoon = half.toLowerCase() === 'pm';
    return true;
  }

  /** A point or comma and digits; may be missing if it is trimmed, of any length then. */
  #readFraction(digits: number, isTrimmed: boolean): boolean {
    const pattern = isTrimmed ? /^[.,]\d+/ : new RegExp(`^[.,]\\d{${digits}}`);
    const found = this.#match(pattern);
    if (found === undefined) return isTrimmed;
    this.#fraction = found.slice(1);
    return true;
  }

  /** A name says nothing about an offset, but for GMT+3; names but UTC are taken for UTC, as Go does where it knows no better. */
  #readZoneName(): boolean {
    const name = this.#match(/^(?:GMT(?:[+-]\d{1,2})?|[+-]\d{2}(?:\d{2})?|[A-Z]{3,5})/);
    if (name === undefined) return false;
    const hours = /^GMT([+-]\d+)$/.exec(name);
    if (hours !== null) this.#offsetSeconds = Number(hours[1]) * 3600;
    return hours === null || Math.abs(Number(hours[1])) < 24;
  }

  #readOffset(element: string): boolean {
    if (element.startsWith('Z') && this.#text[this.#at] === 'Z') {
      this.#at++;
      return true;
    }
    const shape = element.slice(1).replaceAll(/\d\d/g, '(\\d\\d)');
    const match = new RegExp(`^([+-])${shape}`).exec(this.#text.slice(this.#at));
    if (match === null) return false;
    this.#at += match[0].length;
    const [hours = 0, minutes = 0, seconds = 0] = match.slice(2).map(Number);
    if (hours > 24 || minutes > 60 || seconds > 60) return false;
    const offset = hours * 3600 + minutes * 60 + seconds;
    this.#offsetSeconds = match[1] === '-' ? -offset : offset;
    return true;
  }

  /** Text stands for itself, but any number of blanks for any other. */
  #skip(text: string): boolean {
    let i = 0;
    while (i < text.length) {
      if (text[i] === ' ') {
        if (this.#at < this.#text.length && this.#text[this.#at] !== ' ') return false;
        while (text[i] === ' ') i++;
        while (this.#text[this.#at] === ' ') this.#at++;
      } else if (this.#text[this.#at] === text[i]) {
        i++;
        this.#at++;
      } else return false;
    }
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    const found = pattern.exec(this.#text.slice(this.#at))?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}
