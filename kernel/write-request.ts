// One pass over a decoded `prometheus.WriteRequest` (remote write 1.0). A TimeSeries that is *simple*
// becomes rows: labels first, in a run whose bytes the alias table knows, then at least one sample and
// nothing else. Any other well-formed TimeSeries, and metadata, becomes a slow item for the protocol
// decoder. What is not well-formed protobuf at these levels refuses the whole request; whether it does
// never depends on what the alias table knows.
//
// Up to 8 bytes past the end of the body may be read (never used, never written).

import { aliasFind, aliasPredict, aliasRoot } from './alias-table';
import {
  fieldEnd,
  MAX_FAULT,
  payloadOf,
  tagOf,
  varintBytes,
  varintValue,
  WIRE_BYTES,
} from './protobuf';
import {
  ENTRY_KEY_LENGTH,
  ENTRY_NEXT,
  ENTRY_REF,
  MAX_TIMESTAMP_MS,
  SCAN_BAD_WIRE_TYPE,
  SCAN_FULL,
  STATE_ERROR_OFFSET,
  STATE_LOOKUPS,
  STATE_MAX_ROWS,
  STATE_MAX_SLOW,
  STATE_MAX_T,
  STATE_MIN_T,
  STATE_PREDICT_HITS,
  STATE_PREVIOUS,
  STATE_REFS,
  STATE_ROW_COUNT,
  STATE_SLOW_COUNT,
  STATE_SLOW_FIELDS,
  STATE_SLOW_LENGTHS,
  STATE_SLOW_OFFSETS,
  STATE_SLOW_ROWS,
  STATE_TIMES,
  STATE_VALUES,
} from './write-request-layout';

// Tags (field number << 3 | wire type) in their one-byte form. A tag spelled longer is legal, never
// sent, and makes a series slow.
const SERIES_LABEL: u8 = 0x0a;
const SERIES_SAMPLE: u8 = 0x12;
const SAMPLE_VALUE: u8 = 0x09;
const SAMPLE_TIMESTAMP: u8 = 0x10;

/** Field, length, value and tag of the time: 12 10 09. */
const USUAL_SAMPLE_START: u32 = 0x091012;
const USUAL_SAMPLE_BYTES: usize = 18;

const REQUEST_SERIES_TAG: u8 = 0x0a;
const REQUEST_SERIES: u32 = 1;
const REQUEST_METADATA: u32 = 3;

/** Answer of `scanSeries`: not simple. */
const SLOW: i32 = 1;

/**
 * Scans `length` bytes at `body` for one database. 0, or a negative SCAN_… code with STATE_ERROR_OFFSET.
 * Rows, slow items, counts and bounds are in the state; after an error they mean nothing.
 */
export function scanWriteRequest(state: usize, database: u32, body: usize, length: u32): i32 {
  store<u32>(state, 0, STATE_ROW_COUNT);
  store<u32>(state, 0, STATE_SLOW_COUNT);
  store<u32>(state, 0, STATE_LOOKUPS);
  store<u32>(state, 0, STATE_PREDICT_HITS);
  store<u32>(state, <u32>aliasRoot(state, database), STATE_PREVIOUS);

  const end = body + length;
  let p = body;
  while (p < end) {
    // What senders write is not worth the general way, here and in scanSeries (scanner.bench.ts: 20 ns a sample).
    const usual = usualSeriesEnd(p, end);
    const next = usual != 0 ? usual : fieldEnd(p, end);
    if (next <= MAX_FAULT) return fail(state, -(<i32>next), p - body);
    const tag = usual != 0 ? <u32>REQUEST_SERIES_TAG : tagOf(p, end);
    const field = tag >> 3;
    if (field == REQUEST_SERIES || field == REQUEST_METADATA) {
      if ((tag & 7) != WIRE_BYTES) return fail(state, SCAN_BAD_WIRE_TYPE, p - body);
      const payload = usual != 0 ? p + 3 : payloadOf(p, end);
      let verdict: i32 = SLOW;
      if (field == REQUEST_SERIES) {
        verdict = scanSeries(state, database, body, payload, next);
        if (verdict == SLOW) verdict = checkSeries(state, body, payload, next);
      }
      if (verdict == SLOW) verdict = addSlow(state, field, body, payload, next);
      if (verdict < 0) return verdict;
    }
    p = next;
  }
  storeTimeBounds(state);
  return 0;
}

/**
 * Length of the run of label fields that the TimeSeries begins with, or 0 if it has labels elsewhere
 * too or is malformed, so that the run is not its identity.
 */
export function seriesLabelsLength(series: usize, length: u32): u32 {
  const end = series + length;
  const labels = labelsEnd(series, end);
  for (let p = labels; p < end; ) {
    const next = fieldEnd(p, end);
    if (next <= MAX_FAULT || tagOf(p, end) >> 3 == SERIES_LABEL >> 3) return 0;
    p = next;
  }
  return <u32>(labels - series);
}

/** Rows of one TimeSeries: 0 when they are added, SLOW (with none added), or a SCAN_… code. */
function scanSeries(state: usize, database: u32, body: usize, series: usize, end: usize): i32 {
  const entry = findSeries(state, database, series, end);
  if (entry == 0) return SLOW;
  let p = series + load<u32>(entry, ENTRY_KEY_LENGTH);
  // Without samples the series must be reported.
  if (p == end) return SLOW;

  const ref = load<u32>(entry, ENTRY_REF);
  const refs = <usize>load<u32>(state, STATE_REFS);
  const times = <usize>load<u32>(state, STATE_TIMES);
  const values = <usize>load<u32>(state, STATE_VALUES);
  const maxRows = <usize>load<u32>(state, STATE_MAX_ROWS);
  let row = <usize>load<u32>(state, STATE_ROW_COUNT);
  do {
    let value: u64 = 0;
    let time: i64 = 0;
    let next: usize;
    if (isUsualSample(p, end)) {
      value = load<u64>(p, 3);
      time = <i64>varintValue(p + 12, 6);
      next = p + USUAL_SAMPLE_BYTES;
    } else {
      next = fieldEnd(p, end);
      if (next <= MAX_FAULT || load<u8>(p) != SERIES_SAMPLE) return SLOW;
      // An absent field is 0, the last of several counts.
      for (let q = payloadOf(p, end); q < next; ) {
        const tag = load<u8>(q);
        if (tag == SAMPLE_VALUE && next - q >= 9) {
          value = load<u64>(q, 1);
          q += 9;
        } else if (tag == SAMPLE_TIMESTAMP) {
          const bytes = varintBytes(q + 1, next);
          if (bytes == 0) return SLOW;
          time = <i64>varintValue(q + 1, bytes);
          q += 1 + bytes;
        } else {
          return SLOW;
        }
      }
    }
    if (time > MAX_TIMESTAMP_MS || time < -MAX_TIMESTAMP_MS) return SLOW;
    if (row >= maxRows) return fail(state, SCAN_FULL, p - body);
    store<u32>(refs + (row << 2), ref);
    store<f64>(times + (row << 3), <f64>time);
    // As bits: a float load may not, but a later engine might, touch a NaN's payload.
    store<u64>(values + (row << 3), value);
    row++;
    p = next;
  } while (p < end);
  store<u32>(state, <u32>row, STATE_ROW_COUNT);
  return 0;
}

/**
 * End of a series whose length takes two bytes (128 to 16,383, and what is spelled as long); 0 for any other field, and
 * if it is cut off.
 */
function usualSeriesEnd(p: usize, end: usize): usize {
  if (end - p < 3 || load<u8>(p) != REQUEST_SERIES_TAG) return 0;
  const low = load<u8>(p, 1);
  const high = load<u8>(p, 2);
  if (low < 0x80 || high >= 0x80) return 0;
  const length = <usize>(low & 0x7f) | ((<usize>high) << 7);
  return length <= end - p - 3 ? p + 3 + length : 0;
}

/** True if a field is a sample as senders write it: value, then a time of six bytes (1971 to 2109). */
function isUsualSample(p: usize, end: usize): bool {
  return (
    USUAL_SAMPLE_BYTES <= end - p &&
    (load<u32>(p) & 0xffffff) == USUAL_SAMPLE_START &&
    load<u8>(p, 11) == SAMPLE_TIMESTAMP &&
    (load<u64>(p, 12) & 0x808080808080) == 0x008080808080
  );
}

/** The entry whose key is the run of labels that the series begins with, or 0. */
function findSeries(state: usize, database: u32, series: usize, end: usize): usize {
  const previous = <usize>load<u32>(state, STATE_PREVIOUS);
  store<u32>(state, load<u32>(state, STATE_LOOKUPS) + 1, STATE_LOOKUPS);
  let entry = aliasPredict(previous, database, series, <u32>(end - series));
  // A key is whole label fields, so equal bytes are too; the run is longer only if a label follows.
  if (entry != 0) {
    const after = series + load<u32>(entry, ENTRY_KEY_LENGTH);
    if (after < end && load<u8>(after) != SERIES_LABEL) {
      store<u32>(state, load<u32>(state, STATE_PREDICT_HITS) + 1, STATE_PREDICT_HITS);
      store<u32>(state, <u32>entry, STATE_PREVIOUS);
      return entry;
    }
  }
  const length = <u32>(labelsEnd(series, end) - series);
  if (length == 0) return 0;
  entry = aliasFind(state, database, series, length);
  if (entry == 0) return 0;
  if (previous != 0) store<u32>(previous, <u32>entry, ENTRY_NEXT);
  store<u32>(state, <u32>entry, STATE_PREVIOUS);
  return entry;
}

/** End of the run of well-formed label fields at `p`. */
function labelsEnd(p: usize, end: usize): usize {
  while (p < end && load<u8>(p) == SERIES_LABEL) {
    const next = fieldEnd(p, end);
    if (next <= MAX_FAULT) break;
    p = next;
  }
  return p;
}

/** Looks over the fields of a TimeSeries and of its samples: SLOW, or the code of the first fault. */
function checkSeries(state: usize, body: usize, series: usize, end: usize): i32 {
  for (let p = series; p < end; ) {
    const next = fieldEnd(p, end);
    if (next <= MAX_FAULT) return fail(state, -(<i32>next), p - body);
    if (load<u8>(p) == SERIES_SAMPLE) {
      for (let q = payloadOf(p, end); q < next; ) {
        const r = fieldEnd(q, next);
        if (r <= MAX_FAULT) return fail(state, -(<i32>r), q - body);
        q = r;
      }
    }
    p = next;
  }
  return SLOW;
}

/** Adds the payload of a field of the request to the slow items: 0, or SCAN_FULL. */
export function addSlow(state: usize, field: u32, body: usize, payload: usize, end: usize): i32 {
  const slow = <usize>load<u32>(state, STATE_SLOW_COUNT);
  if (slow >= <usize>load<u32>(state, STATE_MAX_SLOW)) {
    return fail(state, SCAN_FULL, payload - body);
  }
  const at = slow << 2;
  store<u32>(<usize>load<u32>(state, STATE_SLOW_OFFSETS) + at, <u32>(payload - body));
  store<u32>(<usize>load<u32>(state, STATE_SLOW_LENGTHS) + at, <u32>(end - payload));
  store<u32>(<usize>load<u32>(state, STATE_SLOW_ROWS) + at, load<u32>(state, STATE_ROW_COUNT));
  store<u8>(<usize>load<u32>(state, STATE_SLOW_FIELDS) + slow, <u8>field);
  store<u32>(state, <u32>slow + 1, STATE_SLOW_COUNT);
  return 0;
}

/** Notes the bounds of the timestamps of all rows. */
export function storeTimeBounds(state: usize): void {
  const times = <usize>load<u32>(state, STATE_TIMES);
  const rows = <usize>load<u32>(state, STATE_ROW_COUNT);
  let minT: f64 = Infinity;
  let maxT: f64 = -Infinity;
  for (let row: usize = 0; row < rows; row++) {
    const t = load<f64>(times + (row << 3));
    minT = min<f64>(minT, t);
    maxT = max<f64>(maxT, t);
  }
  store<f64>(state, minT, STATE_MIN_T);
  store<f64>(state, maxT, STATE_MAX_T);
}

function fail(state: usize, code: i32, offset: usize): i32 {
  store<u32>(state, <u32>offset, STATE_ERROR_OFFSET);
  return code;
}
