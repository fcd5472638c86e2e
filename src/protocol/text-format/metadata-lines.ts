// Comment lines that say something: HELP, TYPE, UNIT and the end of OpenMetrics.

import { METRIC_TYPES, type MetricMetadata, type MetricType } from '../../model/metadata.ts';
import type { RowCollector } from '../row-collector.ts';
import { decodeUtf8 } from '../string-cache.ts';
import { quote, quoteEnd, skipBlanks, unescapeText, unquote, wordEnd } from './sample-line.ts';

/** Families whose metadata is held back until everything about them has come. */
const MAX_HELD = 10_000;
/** Longer texts are cut: they are shown to people. */
const MAX_TEXT_LENGTH = 4096;

/** What is known of families; given to the collector at the end, or before there are too many. */
export class MetadataLines {
  readonly #collector: RowCollector;
  readonly #families = new Map<string, MetricMetadata>();
  /** True once `# EOF` has come. */
  isAtEnd = false;

  constructor(collector: RowCollector) {
    this.#collector = collector;
  }

  /** Type of a family as said in this text; undefined if nothing was. */
  typeOf(family: string): MetricType | undefined {
    return this.#families.get(family)?.type;
  }

  /** Reads a line whose first byte is `#`; answers what is wrong with it. Anything else is a comment. */
  read(bytes: Uint8Array, start: number, end: number): string | undefined {
    const wordAt = skipBlanks(bytes, start + 1, end);
    const keyEnd = wordEnd(bytes, wordAt, end);
    const keyword = decodeUtf8(bytes, wordAt, keyEnd);
    if (keyword === 'EOF') this.isAtEnd = true;
    // `#HELP` is a comment.
    const isMeant = wordAt > start + 1 && isKeyword(keyword);
    if (!isMeant) return undefined;
    const nameAt = skipBlanks(bytes, keyEnd, end);
    const isQuoted = nameAt < end && bytes[nameAt] === 0x22;
    const nameEnd = isQuoted ? quoteEnd(bytes, nameAt, end) : wordEnd(bytes, nameAt, end);
    if (nameEnd <= nameAt) return `no metric name after ${keyword}`;
    const name = isQuoted ? unquote(bytes, nameAt, nameEnd) : decodeUtf8(bytes, nameAt, nameEnd);
    const text = decodeUtf8(bytes, skipBlanks(bytes, nameEnd, end), end);
    if (name === undefined || text === undefined) return 'not valid UTF-8';
    if (keyword === 'TYPE') return this.#readType(name, text, quote(bytes, start, end));
    const shown = text.slice(0, MAX_TEXT_LENGTH);
    this.#merge(name, keyword === 'HELP' ? { help: unescapeText(shown) } : { unit: shown });
    return undefined;
  }

  end(): void {
    for (const entry of this.#families.values()) this.#collector.addMetadata(entry);
    this.#families.clear();
  }

  #readType(name: string, text: string, line: string): string | undefined {
    const word = text.trimEnd();
    const type = METRIC_TYPES.find((known) => known === (word === 'untyped' ? 'unknown' : word));
    if (type === undefined) return `unknown type: ${line}`;
    this.#merge(name, { type });
    return undefined;
  }

  #merge(metric: string, part: Partial<MetricMetadata>): void {
    const known = this.#families.get(metric) ?? { metric, type: 'unknown', help: '', unit: '' };
    if (this.#families.size >= MAX_HELD) this.end();
    this.#families.set(metric, { ...known, ...part });
  }
}

function isKeyword(word: string | undefined): word is 'HELP' | 'TYPE' | 'UNIT' {
  return word === 'HELP' || word === 'TYPE' || word === 'UNIT';
}
