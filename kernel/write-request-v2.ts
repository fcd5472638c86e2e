// One pass over a decoded `io.prometheus.write.v2.Request` (remote write 2.0). A TimeSeries that is
// *simple* becomes rows: label references first, in one packed list that the alias table knows, then at
// least one float sample, all in the time that is taken, and nothing but samples, metadata and fields that
// 2.0 does not have. Any other TimeSeries becomes a slow item for the protocol decoder. A request that is
// unusual as a whole (malformed at its top level, symbols behind series, more of anything than there is
// room for) is left to that decoder altogether: only it says what is wrong.
//
// A symbol that the alias table knows is an entry in SYMBOLS_DATABASE. Its address is its number: equal
// numbers are equal bytes, and the other way round. The key of a series is a word of 0 and the numbers of its
// names and values in the order of the wire, so it is as exact as the bytes themselves.
//
// Up to 8 bytes past the end of the body may be read (never used, never written).

import { aliasAdd, aliasFollow } from './alias-table';
import {
  fieldEnd,
  MAX_FAULT,
  payloadOf,
  tagOf,
  varintBytes,
  varintValue,
  WIRE_BYTES,
} from './protobuf';
import { addSlow, storeTimeBounds } from './write-request';
import {
  ENTRY_METADATA,
  ENTRY_METRIC,
  ENTRY_NEXT,
  ENTRY_REF,
  ENTRY_SYMBOL,
  MAX_SERIES_KEY_BYTES,
  MAX_TIMESTAMP_MS,
  SCAN_FULL,
  SCAN_UNUSUAL,
  STATE_HAS_START_TIMES,
  STATE_KEY,
  STATE_LOOKUPS,
  STATE_MAX_METADATA,
  STATE_MAX_ROWS,
  STATE_MAX_START_TIMES,
  STATE_MAX_SYMBOLS,
  STATE_METADATA_COUNT,
  STATE_METADATA_HELPS,
  STATE_METADATA_METRICS,
  STATE_METADATA_SLOW,
  STATE_METADATA_TYPES,
  STATE_METADATA_UNITS,
  STATE_PREDICT_HITS,
  STATE_PREVIOUS,
  STATE_PREVIOUS_SYMBOL,
  STATE_REFS,
  STATE_ROW_COUNT,
  STATE_SERIES_COUNT,
  STATE_SLOW_COUNT,
  STATE_START_TIMES,
  STATE_SYMBOL_COUNT,
  STATE_SYMBOL_ENTRIES,
  STATE_SYMBOL_LENGTHS,
  STATE_SYMBOL_OFFSETS,
  STATE_TIMES,
  STATE_VALUES,
  SYMBOLS_DATABASE,
} from './write-request-layout';

const REQUEST_SYMBOL: u32 = 4;
const REQUEST_SERIES: u32 = 5;
/** Fields of a TimeSeries from 1 up to this mean something. */
const SERIES_LAST_FIELD: u32 = 5;

// Tags in their one-byte form, as in write-request.ts.
const SERIES_LABELS_REFS: u8 = 0x0a;
const SERIES_SAMPLE: u8 = 0x12;
const SERIES_METADATA: u8 = 0x2a;
const SAMPLE_VALUE: u8 = 0x09;
const SAMPLE_TIMESTAMP: u8 = 0x10;
const SAMPLE_START_TIMESTAMP: u8 = 0x18;
const METADATA_TYPE: u8 = 0x08;
const METADATA_HELP: u8 = 0x18;
const METADATA_UNIT: u8 = 0x20;

/** `__name__`, as eight bytes. */
const METRIC_NAME: u64 = 0x5f5f656d616e5f5f;

/** Answer of `scanSeries`: not simple. */
const SLOW: i32 = 1;

/**
 * Scans `length` bytes at `body` for one database, which takes samples from `minT` to `maxT`. 0, or a negative SCAN_… code: then what is in the state means nothing,
 * and the protocol decoder must read the whole body. Symbols, rows, slow items (of which only
 * series are), metadata items, counts and bounds are in the state.
 */
export function scanWriteRequestV2(
  state: usize,
  database: u32,
  body: usize,
  length: u32,
  minT: f64,
  maxT: f64,
): i32 {
  store<u32>(state, 0, STATE_ROW_COUNT);
  store<u32>(state, 0, STATE_SLOW_COUNT);
  store<u32>(state, 0, STATE_SYMBOL_COUNT);
  store<u32>(state, 0, STATE_METADATA_COUNT);
  store<u32>(state, 0, STATE_HAS_START_TIMES);
  store<u32>(state, 0, STATE_LOOKUPS);
  store<u32>(state, 0, STATE_PREDICT_HITS);
  store<u32>(state, 0, STATE_PREVIOUS);
  store<u32>(state, 0, STATE_PREVIOUS_SYMBOL);

  const end = body + length;
  let series: u32 = 0;
  for (let p = body; p < end; ) {
    const next = fieldEnd(p, end);
    if (next <= MAX_FAULT) return SCAN_UNUSUAL;
    const tag = tagOf(p, end);
    const field = tag >> 3;
    if (field == REQUEST_SYMBOL || field == REQUEST_SERIES) {
      if ((tag & 7) != WIRE_BYTES) return SCAN_UNUSUAL;
      const payload = payloadOf(p, end);
      let verdict: i32;
      if (field == REQUEST_SYMBOL) {
        // Series before it may refer to it.
        verdict = series > 0 ? SCAN_UNUSUAL : addSymbol(state, body, payload, next);
      } else {
        series++;
        verdict = scanSeries(state, database, payload, next, minT, maxT);
        if (verdict == SLOW) verdict = addSlow(state, field, body, payload, next);
      }
      if (verdict < 0) return verdict;
    }
    p = next;
  }
  store<u32>(state, series, STATE_SERIES_COUNT);
  storeTimeBounds(state);
  return 0;
}

/**
 * Remembers that the labels of a TimeSeries of the last scan mean `ref`; `body` is where its body is, `offset` and
 * `length` say which bytes of it. True also where such a series is never scanned. False if a limit of the alias
 * table does not allow it: once the table has been cleared it may be tried again.
 */
export function learnSeriesV2(
  state: usize,
  database: u32,
  body: usize,
  offset: u32,
  length: u32,
  ref: u32,
): bool {
  const series = body + offset;
  const end = series + length;
  const labels = onlyLabels(series, end);
  if (labels == 0) return true;
  const key = <usize>load<u32>(state, STATE_KEY);
  const symbols = load<u32>(state, STATE_SYMBOL_COUNT);
  let metric: usize = 0;
  let isMetricName = false;
  let bytes: usize = 4;
  for (let p = payloadOf(series, end); p < labels; ) {
    const size = varintBytes(p, labels);
    if (size == 0 || bytes == MAX_SERIES_KEY_BYTES) return true;
    const symbol = varintValue(p, size);
    if (symbol >= <u64>symbols) return true;
    const at = (<usize>symbol) << 2;
    const text = body + load<u32>(<usize>load<u32>(state, STATE_SYMBOL_OFFSETS) + at);
    const textBytes = load<u32>(<usize>load<u32>(state, STATE_SYMBOL_LENGTHS) + at);
    const entry = aliasAdd(state, SYMBOLS_DATABASE, text, textBytes);
    if (entry == 0) return false;
    if (isMetricName && metric == 0) metric = entry;
    // Names and values in turn: the first word is the zero, the first name the second.
    isMetricName = (bytes & 4) != 0 && textBytes == 8 && load<u64>(text) == METRIC_NAME;
    store<u32>(key + bytes, <u32>entry);
    bytes += 4;
    p += size;
  }
  if (metric == 0) return true;
  store<u32>(key, 0);
  const entry = aliasAdd(state, database, key, <u32>bytes);
  if (entry == 0) return false;
  store<u32>(entry, ref, ENTRY_REF);
  store<u32>(entry, <u32>metric, ENTRY_METRIC);
  return true;
}

/** End of the list of references that a TimeSeries begins with; 0 if it has others too, or is malformed. */
function onlyLabels(series: usize, end: usize): usize {
  if (series == end || load<u8>(series) != SERIES_LABELS_REFS) return 0;
  const labels = fieldEnd(series, end);
  if (labels <= MAX_FAULT) return 0;
  for (let p = labels; p < end; ) {
    const next = fieldEnd(p, end);
    if (next <= MAX_FAULT || tagOf(p, end) >> 3 == <u32>SERIES_LABELS_REFS >> 3) return 0;
    p = next;
  }
  return labels;
}

function addSymbol(state: usize, body: usize, symbol: usize, end: usize): i32 {
  const count = load<u32>(state, STATE_SYMBOL_COUNT);
  if (count >= load<u32>(state, STATE_MAX_SYMBOLS)) return SCAN_FULL;
  const length = <u32>(end - symbol);
  // The first must be empty.
  if (count == 0 && length != 0) return SCAN_UNUSUAL;
  const entry = aliasFollow(state, state + STATE_PREVIOUS_SYMBOL, SYMBOLS_DATABASE, symbol, length);
  if (entry != 0) store<u32>(entry, count, ENTRY_SYMBOL);
  const at = (<usize>count) << 2;
  store<u32>(<usize>load<u32>(state, STATE_SYMBOL_OFFSETS) + at, <u32>(symbol - body));
  store<u32>(<usize>load<u32>(state, STATE_SYMBOL_LENGTHS) + at, length);
  store<u32>(<usize>load<u32>(state, STATE_SYMBOL_ENTRIES) + at, <u32>entry);
  store<u32>(state, count + 1, STATE_SYMBOL_COUNT);
  return 0;
}

/** Rows of one TimeSeries: 0 when they are added, SLOW (with none added), or a SCAN_… code. */
function scanSeries(
  state: usize,
  database: u32,
  series: usize,
  end: usize,
  minT: f64,
  maxT: f64,
): i32 {
  if (series == end || load<u8>(series) != SERIES_LABELS_REFS) return SLOW;
  let p = fieldEnd(series, end);
  if (p <= MAX_FAULT) return SLOW;
  const entry = findSeries(state, database, payloadOf(series, end), p);
  if (entry == 0) return SLOW;

  const ref = load<u32>(entry, ENTRY_REF);
  const refs = <usize>load<u32>(state, STATE_REFS);
  const times = <usize>load<u32>(state, STATE_TIMES);
  const values = <usize>load<u32>(state, STATE_VALUES);
  const startTimes = <usize>load<u32>(state, STATE_START_TIMES);
  const maxRows = <usize>(
    min<u32>(load<u32>(state, STATE_MAX_ROWS), load<u32>(state, STATE_MAX_START_TIMES))
  );
  const firstRow = <usize>load<u32>(state, STATE_ROW_COUNT);
  let row = firstRow;
  let hasStartTimes = false;
  let metadata: usize = 0;
  let metadataEnd: usize = 0;
  while (p < end) {
    const next = fieldEnd(p, end);
    if (next <= MAX_FAULT) return SLOW;
    const tag = load<u8>(p);
    if (tag == SERIES_SAMPLE) {
      // An absent field is 0, the last of several counts.
      let value: u64 = 0;
      let time: i64 = 0;
      let start: i64 = 0;
      for (let q = payloadOf(p, end); q < next; ) {
        const part = load<u8>(q);
        if (part == SAMPLE_VALUE && next - q >= 9) {
          value = load<u64>(q, 1);
          q += 9;
        } else if (part == SAMPLE_TIMESTAMP || part == SAMPLE_START_TIMESTAMP) {
          const bytes = varintBytes(q + 1, next);
          if (bytes == 0) return SLOW;
          const ms = <i64>varintValue(q + 1, bytes);
          if (part == SAMPLE_TIMESTAMP) time = ms;
          else start = ms;
          q += 1 + bytes;
        } else {
          return SLOW;
        }
      }
      const t = <f64>time;
      if (isOutOfRange(time) || t < minT || t > maxT) return SLOW;
      // An odd start timestamp never costs a sample: it counts as unset.
      if (isOutOfRange(start)) start = 0;
      if (start != 0) hasStartTimes = true;
      if (row >= maxRows) return SCAN_FULL;
      store<u32>(refs + (row << 2), ref);
      store<f64>(times + (row << 3), t);
      store<f64>(startTimes + (row << 3), <f64>start);
      // As bits: a float load may not, but a later engine might, touch a NaN's payload.
      store<u64>(values + (row << 3), value);
      row++;
    } else if (tag == SERIES_METADATA) {
      if (metadata != 0) return SLOW;
      metadata = payloadOf(p, end);
      metadataEnd = next;
    } else if (tagOf(p, end) >> 3 <= SERIES_LAST_FIELD) {
      return SLOW;
    }
    p = next;
  }
  // Without samples the series must be reported.
  if (row == firstRow) return SLOW;
  if (metadata != 0) {
    const verdict = addMetadata(state, load<u32>(entry, ENTRY_METRIC), metadata, metadataEnd);
    if (verdict != 0) return verdict;
  }
  if (hasStartTimes) store<u32>(state, 1, STATE_HAS_START_TIMES);
  store<u32>(state, <u32>row, STATE_ROW_COUNT);
  return 0;
}

function isOutOfRange(ms: i64): bool {
  return ms > MAX_TIMESTAMP_MS || ms < -MAX_TIMESTAMP_MS;
}

/** The entry of the series with these references, or 0. */
function findSeries(state: usize, database: u32, references: usize, end: usize): usize {
  const symbols = <u64>load<u32>(state, STATE_SYMBOL_COUNT);
  const entries = <usize>load<u32>(state, STATE_SYMBOL_ENTRIES);
  const key = <usize>load<u32>(state, STATE_KEY);
  const keyLimit = key + MAX_SERIES_KEY_BYTES;
  store<u32>(key, 0);
  let to = key + 4;
  for (let p = references; p < end; ) {
    // References of one or two bytes are not worth the general way (scanner.bench.ts).
    const two = <u32>load<u16>(p);
    let bytes: usize = 1;
    let symbol = <u64>(two & 0x7f);
    if ((two & 0x80) != 0) {
      if ((two & 0x8000) == 0 && p + 2 <= end) {
        bytes = 2;
        symbol |= <u64>((two >> 1) & 0x3f80);
      } else {
        bytes = varintBytes(p, end);
        if (bytes == 0) return 0;
        symbol = varintValue(p, bytes);
      }
    }
    if (symbol >= symbols || to == keyLimit) return 0;
    const entry = load<u32>(entries + ((<usize>symbol) << 2));
    if (entry == 0) return 0;
    store<u32>(to, entry);
    to += 4;
    p += bytes;
  }
  store<u32>(state, load<u32>(state, STATE_LOOKUPS) + 1, STATE_LOOKUPS);
  const before = <usize>load<u32>(state, STATE_PREVIOUS);
  const predicted = before != 0 ? <usize>load<u32>(before, ENTRY_NEXT) : 0;
  const entry = aliasFollow(state, state + STATE_PREVIOUS, database, key, <u32>(to - key));
  if (entry != 0 && entry == predicted) {
    store<u32>(state, load<u32>(state, STATE_PREDICT_HITS) + 1, STATE_PREDICT_HITS);
  }
  return entry;
}

/**
 * Notes what a series says of its metric, unless it is nothing, or what was said last: 0, SLOW (nothing is noted) or
 * a SCAN_… code.
 */
function addMetadata(state: usize, metric: usize, metadata: usize, end: usize): i32 {
  let type: u32 = 0;
  let help: u32 = 0;
  let unit: u32 = 0;
  for (let q = metadata; q < end; ) {
    const tag = load<u8>(q);
    const bytes = varintBytes(q + 1, end);
    if (bytes == 0) return SLOW;
    // Higher bits are cut off, as protobuf asks for.
    const value = <u32>varintValue(q + 1, bytes);
    if (tag == METADATA_TYPE) type = value;
    else if (tag == METADATA_HELP) help = value;
    else if (tag == METADATA_UNIT) unit = value;
    else return SLOW;
    q += 1 + bytes;
  }
  if ((type | help | unit) == 0) return 0;

  const metrics = <usize>load<u32>(state, STATE_METADATA_METRICS);
  const types = <usize>load<u32>(state, STATE_METADATA_TYPES);
  const helps = <usize>load<u32>(state, STATE_METADATA_HELPS);
  const units = <usize>load<u32>(state, STATE_METADATA_UNITS);
  const slowBefore = <usize>load<u32>(state, STATE_METADATA_SLOW);
  const count = load<u32>(state, STATE_METADATA_COUNT);
  const symbol = load<u32>(metric, ENTRY_SYMBOL);
  const slow = load<u32>(state, STATE_SLOW_COUNT);
  // What is left there of earlier requests may be any number, and then names another metric or nothing.
  const last = load<u32>(metric, ENTRY_METADATA);
  if (last < count) {
    const at = (<usize>last) << 2;
    if (
      load<u32>(metrics + at) == symbol &&
      load<u32>(types + at) == type &&
      load<u32>(helps + at) == help &&
      load<u32>(units + at) == unit &&
      // A slow item may have said something else since.
      load<u32>(slowBefore + at) == slow
    ) {
      return 0;
    }
  }
  if (count >= load<u32>(state, STATE_MAX_METADATA)) return SCAN_FULL;
  const at = (<usize>count) << 2;
  store<u32>(metrics + at, symbol);
  store<u32>(types + at, type);
  store<u32>(helps + at, help);
  store<u32>(units + at, unit);
  store<u32>(slowBefore + at, slow);
  store<u32>(metric, count, ENTRY_METADATA);
  store<u32>(state, count + 1, STATE_METADATA_COUNT);
  return 0;
}
