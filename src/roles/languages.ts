// The languages besides PromQL that queries are evaluated in.

import { evaluateStatement } from '../api/influx/evaluate-statement.ts';
import { INFLUXQL } from '../api/influx/statement-body.ts';
import { evaluateTsdbQuery, OPENTSDB } from '../opentsdb/index.ts';
import type { StatementEvaluators } from '../query/statement.ts';

export const EVALUATORS: StatementEvaluators = {
  [INFLUXQL]: evaluateStatement,
  [OPENTSDB]: evaluateTsdbQuery,
};
