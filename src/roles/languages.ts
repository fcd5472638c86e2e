// The languages besides PromQL that queries are evaluated in.

import { evaluateExport } from '../api/export/evaluate-export.ts';
import { EXPORT } from '../api/export/export-body.ts';
import { evaluateStatement } from '../api/influx/evaluate-statement.ts';
import { INFLUXQL } from '../api/influx/statement-body.ts';
import { evaluateListing } from '../api/prometheus/listing/evaluate-listing.ts';
import { LISTING } from '../api/prometheus/listing/listing-body.ts';
import { evaluateTsdbQuery, OPENTSDB } from '../opentsdb/index.ts';
import type { StatementEvaluators } from '../query/statement.ts';

export const EVALUATORS: StatementEvaluators = {
  [EXPORT]: evaluateExport,
  [INFLUXQL]: evaluateStatement,
  [LISTING]: evaluateListing,
  [OPENTSDB]: evaluateTsdbQuery,
};
