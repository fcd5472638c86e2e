// Tokens of InfluxQL, by the names that its messages use.

/** Reserved words. In lists of what was expected they appear in capitals. */
export const KEYWORDS = [
  'ALL',
  'ALTER',
  'ANALYZE',
  'AND',
  'ANY',
  'AS',
  'ASC',
  'BEGIN',
  'BY',
  'CARDINALITY',
  'CONTINUOUS',
  'CREATE',
  'DATABASE',
  'DATABASES',
  'DEFAULT',
  'DELETE',
  'DESC',
  'DESTINATIONS',
  'DIAGNOSTICS',
  'DISTINCT',
  'DROP',
  'DURATION',
  'END',
  'EVERY',
  'EXACT',
  'EXPLAIN',
  'FALSE',
  'FIELD',
  'FOR',
  'FROM',
  'GRANT',
  'GRANTS',
  'GROUP',
  'GROUPS',
  'IN',
  'INF',
  'INSERT',
  'INTO',
  'KEY',
  'KEYS',
  'KILL',
  'LIMIT',
  'MEASUREMENT',
  'MEASUREMENTS',
  'NAME',
  'OFFSET',
  'ON',
  'OR',
  'ORDER',
  'PASSWORD',
  'POLICIES',
  'POLICY',
  'PRIVILEGES',
  'QUERIES',
  'QUERY',
  'READ',
  'REPLICATION',
  'RESAMPLE',
  'RETENTION',
  'REVOKE',
  'SELECT',
  'SERIES',
  'SET',
  'SHARD',
  'SHARDS',
  'SHOW',
  'SLIMIT',
  'SOFFSET',
  'STATS',
  'SUBSCRIPTION',
  'SUBSCRIPTIONS',
  'TAG',
  'TO',
  'TRUE',
  'USER',
  'USERS',
  'VALUES',
  'WHERE',
  'WITH',
  'WRITE',
] as const;

export type Keyword = (typeof KEYWORDS)[number];

/** Binary operators, loosest first; those of one row bind alike and to the left. */
const OPERATORS = [
  ['OR'],
  ['AND'],
  ['=', '!=', '=~', '!~', '<', '<=', '>', '>='],
  ['+', '-', '|', '^'],
  ['*', '/', '%', '&'],
] as const;

export type BinaryOperator = (typeof OPERATORS)[number][number];

export type TokenKind =
  | Keyword
  | BinaryOperator
  | '('
  | ')'
  | ','
  | ':'
  | '::'
  | ';'
  | '.'
  | 'IDENT'
  | 'BOUNDPARAM'
  | 'NUMBER'
  | 'INTEGER'
  | 'DURATIONVAL'
  | 'STRING'
  | 'BADSTRING'
  | 'BADESCAPE'
  | 'REGEX'
  | 'BADREGEX'
  | 'WS'
  | 'COMMENT'
  | 'ILLEGAL'
  | 'EOF';

export interface Token {
  readonly kind: TokenKind;
  /** Content without quotes; empty for keywords, operators and punctuation. */
  readonly text: string;
  /** Where messages say it is: an index of characters, see `Lexer.position`. */
  readonly at: number;
}

const KEYWORD_SET: ReadonlySet<string> = new Set(KEYWORDS);
const PRECEDENCE: ReadonlyMap<string, number> = new Map(
  OPERATORS.flatMap((row, i) => row.map((operator) => [operator, i + 1] as const)),
);

/** The reserved word that `text` is, in whatever case. */
export function keywordOf(text: string): Keyword | undefined {
  const upper = text.toUpperCase();
  // Only ASCII: `ſ` in capitals is `S`.
  return KEYWORD_SET.has(upper) && upper.length === text.length && /^[A-Za-z]+$/.test(text)
    ? (upper as Keyword)
    : undefined;
}

/** From 1, loosest, to 5; 0 if it is not a binary operator. */
export function precedence(kind: TokenKind): number {
  return PRECEDENCE.get(kind) ?? 0;
}

export function isBinaryOperator(kind: TokenKind): kind is BinaryOperator {
  return PRECEDENCE.has(kind);
}

/** What a message says was found. */
export function describeToken({ kind, text }: Token): string {
  if (text !== '') return text;
  // InfluxDB has no names for these.
  return kind === 'COMMENT' || kind === 'BOUNDPARAM' || kind === 'INTEGER' ? '' : kind;
}
