// The syntax tree of InfluxQL. Plain immutable data; integers, durations and times are bigints because
// nanoseconds of today exceed 2^53. Names are unquoted; '' stands for a name that is not given.

import type { BinaryOperator } from './token.ts';

/** A cast: `value::float`. `field` means any field, but no tag. */
export type DataType = 'float' | 'integer' | 'unsigned' | 'string' | 'boolean' | 'field' | 'tag';

export interface Reference {
  readonly kind: 'reference';
  /** Of a field or tag, or `time`. Segments are joined by dots. */
  readonly name: string;
  readonly type: DataType | undefined;
}

export interface Call {
  readonly kind: 'call';
  /** Lower case. */
  readonly name: string;
  readonly args: readonly Expression[];
}

export interface BinaryExpression {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

export interface RegexpLiteral {
  readonly kind: 'regexp';
  /** RE2, finds anywhere in the text. The parser has checked that it compiles. */
  readonly pattern: string;
}

export interface StringLiteral {
  readonly kind: 'string';
  readonly value: string;
}

/** Names in `WITH KEY IN (…)`. */
export interface ListLiteral {
  readonly kind: 'list';
  readonly values: readonly string[];
}

export interface IntegerLiteral {
  readonly kind: 'integer';
  /** An int64. */
  readonly value: bigint;
}

export interface DurationLiteral {
  readonly kind: 'duration';
  /** An int64. */
  readonly ns: bigint;
}

/** Not written so in the language: what strings become where a time is meant. */
export interface TimeLiteral {
  readonly kind: 'time';
  /** Since 1970; may be outside of int64. */
  readonly ns: bigint;
}

export type Literal =
  | StringLiteral
  | RegexpLiteral
  | ListLiteral
  | IntegerLiteral
  | DurationLiteral
  | TimeLiteral
  | { readonly kind: 'number'; readonly value: number }
  /** An integer above int64's range. */
  | { readonly kind: 'unsigned'; readonly value: bigint }
  | { readonly kind: 'boolean'; readonly value: boolean }
  /** What functions of literals are that have no value. */
  | { readonly kind: 'nil' };

export type Expression =
  | Reference
  | Call
  | BinaryExpression
  | Literal
  | { readonly kind: 'parentheses'; readonly inner: Expression }
  /** `DISTINCT name`, which means `distinct(name)`. */
  | { readonly kind: 'distinct'; readonly name: string }
  | { readonly kind: 'wildcard'; readonly of: 'field' | 'tag' | undefined };

export interface Field {
  readonly expression: Expression;
  /** '' without `AS`. */
  readonly alias: string;
}

/** A measurement, or all those that a regular expression finds. */
export interface Measurement {
  readonly kind: 'measurement';
  readonly database: string;
  readonly retentionPolicy: string;
  /** '' if there is a pattern. As a target '' means `:MEASUREMENT`: the name of the source. */
  readonly name: string;
  readonly regexp: RegexpLiteral | undefined;
}

export interface Subquery {
  readonly kind: 'subquery';
  readonly statement: SelectStatement;
}

export type Source = Measurement | Subquery;

export type Fill =
  | { readonly kind: 'null' | 'none' | 'previous' | 'linear' }
  | { readonly kind: 'number'; readonly value: bigint | number };

/** The only order there is: by time. `name` is `time`, or '' for `ORDER BY ASC`. */
export interface SortField {
  readonly name: string;
  readonly isAscending: boolean;
}

export interface SelectStatement {
  readonly kind: 'select';
  readonly fields: readonly Field[];
  /** INTO. */
  readonly target: Measurement | undefined;
  readonly sources: readonly Source[];
  readonly condition: Expression | undefined;
  readonly dimensions: readonly Expression[];
  readonly fill: Fill;
  readonly sortFields: readonly SortField[];
  /** 0 for no limit, as for all limits here. */
  readonly limit: number;
  readonly offset: number;
  readonly seriesLimit: number;
  readonly seriesOffset: number;
  /** A name of the time zone database; undefined is UTC. */
  readonly timeZone: string | undefined;
}

/** Clauses that statements about the index share. */
export interface IndexClauses {
  readonly database: string;
  readonly sources: readonly Source[];
  readonly condition: Expression | undefined;
  readonly limit: number;
  readonly offset: number;
}

export interface ShowClauses extends IndexClauses {
  readonly sortFields: readonly SortField[];
}

export interface CardinalityClauses extends IndexClauses {
  readonly isExact: boolean;
  readonly dimensions: readonly Expression[];
}

/** `WITH KEY …`. */
export interface KeyFilter {
  readonly operator: '=' | '!=' | '=~' | '!~' | 'IN';
  readonly operand: StringLiteral | RegexpLiteral | ListLiteral;
}

export type Privilege = 'READ' | 'WRITE' | 'ALL PRIVILEGES';

export interface CreateDatabaseStatement {
  readonly kind: 'create database';
  readonly name: string;
  /** WITH: options of the first retention policy. */
  readonly policy:
    | {
        /** 0 for ever (INF), undefined if not given. */
        readonly durationNs: bigint | undefined;
        readonly replication: number | undefined;
        /** 0 if not given. */
        readonly shardDurationNs: bigint;
        readonly name: string;
      }
    | undefined;
}

export interface CreateRetentionPolicyStatement {
  readonly kind: 'create retention policy';
  readonly name: string;
  readonly database: string;
  /** 0 for ever. */
  readonly durationNs: bigint;
  readonly replication: number;
  /** 0 if not given. */
  readonly shardDurationNs: bigint;
  readonly isDefault: boolean;
}

/** undefined: leave as it is. */
export interface AlterRetentionPolicyStatement {
  readonly kind: 'alter retention policy';
  readonly name: string;
  readonly database: string;
  readonly durationNs: bigint | undefined;
  readonly replication: number | undefined;
  readonly shardDurationNs: bigint | undefined;
  readonly isDefault: boolean;
}

export interface CreateContinuousQueryStatement {
  readonly kind: 'create continuous query';
  readonly name: string;
  readonly database: string;
  /** 0 if not given. */
  readonly resampleEveryNs: bigint;
  readonly resampleForNs: bigint;
  readonly select: SelectStatement;
}

export interface SubscriptionName {
  readonly name: string;
  readonly database: string;
  readonly retentionPolicy: string;
}

export type Statement =
  | SelectStatement
  | {
      readonly kind: 'explain';
      readonly isAnalyze: boolean;
      readonly select: SelectStatement;
    }
  | {
      readonly kind: 'delete' | 'drop series';
      readonly sources: readonly Source[];
      readonly condition: Expression | undefined;
    }
  | { readonly kind: 'drop measurement'; readonly name: string }
  | { readonly kind: 'drop shard'; readonly id: bigint }
  | CreateDatabaseStatement
  | { readonly kind: 'drop database'; readonly name: string }
  | CreateRetentionPolicyStatement
  | AlterRetentionPolicyStatement
  | { readonly kind: 'drop retention policy'; readonly name: string; readonly database: string }
  | {
      readonly kind: 'create user';
      readonly name: string;
      readonly password: string;
      readonly isAdmin: boolean;
    }
  | { readonly kind: 'drop user'; readonly name: string }
  | { readonly kind: 'set password'; readonly name: string; readonly password: string }
  | {
      readonly kind: 'grant' | 'revoke';
      readonly privilege: Privilege;
      readonly database: string;
      readonly user: string;
    }
  | { readonly kind: 'grant admin' | 'revoke admin'; readonly user: string }
  | CreateContinuousQueryStatement
  | { readonly kind: 'drop continuous query'; readonly name: string; readonly database: string }
  | (SubscriptionName & {
      readonly kind: 'create subscription';
      readonly mode: 'ALL' | 'ANY';
      readonly destinations: readonly string[];
    })
  | (SubscriptionName & { readonly kind: 'drop subscription' })
  | { readonly kind: 'kill query'; readonly id: bigint; readonly host: string }
  | (ShowClauses & { readonly kind: 'show series' })
  | (ShowClauses & {
      readonly kind: 'show tag keys';
      readonly seriesLimit: number;
      readonly seriesOffset: number;
    })
  | (ShowClauses & { readonly kind: 'show tag values'; readonly keys: KeyFilter })
  | (Omit<ShowClauses, 'condition'> & { readonly kind: 'show field keys' })
  | (Omit<ShowClauses, 'sources'> & {
      readonly kind: 'show measurements';
      /** WITH MEASUREMENT. */
      readonly source: Source | undefined;
    })
  | (CardinalityClauses & {
      readonly kind:
        | 'show series cardinality'
        | 'show measurement cardinality'
        | 'show tag key cardinality'
        | 'show field key cardinality';
    })
  | (CardinalityClauses & {
      readonly kind: 'show tag values cardinality';
      readonly keys: KeyFilter;
    })
  | { readonly kind: 'show retention policies'; readonly database: string }
  | { readonly kind: 'show grants'; readonly user: string }
  | { readonly kind: 'show stats' | 'show diagnostics'; readonly module: string }
  | {
      readonly kind:
        | 'show continuous queries'
        | 'show databases'
        | 'show queries'
        | 'show shard groups'
        | 'show shards'
        | 'show subscriptions'
        | 'show users';
    };

export type StatementOf<Kind extends Statement['kind']> = Extract<
  Statement,
  { readonly kind: Kind }
>;

/** True for what stands for a value and needs no data. */
export function isLiteral(expression: Expression): expression is Literal {
  switch (expression.kind) {
    case 'reference':
    case 'call':
    case 'binary':
    case 'parentheses':
    case 'distinct':
    case 'wildcard':
      return false;
    default:
      return true;
  }
}
