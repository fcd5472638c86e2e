export { noSuchName } from './errors.ts';
export { type EvaluationBody, evaluateTsdbQuery, OPENTSDB, readRange } from './evaluate.ts';
export { quoteMeta } from './select.ts';
