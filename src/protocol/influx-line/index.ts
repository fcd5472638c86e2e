export { LineDecoder, type LineSink } from './decoder.ts';
export { encodeLine } from './encode.ts';
export { FieldKind, LinePoint, type LineSeries, reservedName, timeNs } from './point.ts';
export { printSeriesKey } from './series-key.ts';
export { type Precision, parsePrecision } from './timestamp.ts';
