export { LineMetricsDecoder } from './decoder.ts';
export type { LineFields } from './line-fields.ts';
export type { FieldNaming, LineMetricsOptions } from './options.ts';
