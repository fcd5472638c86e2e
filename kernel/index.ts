// The kernel: hot loops over one linear memory. Rules that keep it safe (ARCHITECTURE.md, "Kernel"):
// no allocation, no mutable static state; every function gets its scratch and every length as a
// parameter, checks `length > end - p` before it touches bytes, and answers errors as negative codes.

export { aliasClear, aliasInsert } from './alias-table';
export { chunkDecode } from './chunk-decode';
export {
  groupAvg,
  groupCount,
  groupFinishAvg,
  groupFinishSum,
  groupMark,
  groupMax,
  groupMin,
  groupSum,
} from './group';
export { headAppend, headAppendExemplar, headAppendHistogram, headStage } from './head';
export { headDecode } from './head-decode';
export { writePoints, writeStepTexts } from './json-points';
export { countPresent, dropStale, firstStale, lookbackLast } from './lookback';
export { encodeScratchBytes, maxBlockBytes } from './residuals';
export { snappyDeclaredLength, snappyDecode } from './snappy';
export { decodeTimes, encodeTimes } from './times';
export { decodeValues, encodeValues } from './values';
export { version } from './version';
export { countWindowRows, findWindows } from './window';
export {
  windowChanges,
  windowCount,
  windowFirst,
  windowLast,
  windowPresent,
  windowResets,
} from './window-count';
export { windowMax, windowMin } from './window-extremes';
export { windowInstantRate, windowRate } from './window-rate';
export { windowAvg, windowSum, windowVariance } from './window-sum';
export { scanWriteRequest, seriesLabelsLength } from './write-request';
export { learnSeriesV2, scanWriteRequestV2 } from './write-request-v2';
export { xxh64 } from './xxh64';
