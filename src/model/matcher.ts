// Label matchers as Prometheus defines them. An absent label has the value ''.

export type MatchType = '=' | '!=' | '=~' | '!~';

export interface Matcher {
  readonly type: MatchType;
  readonly name: string;
  /** The literal value, or an RE2 expression that must match the whole value. */
  readonly value: string;
}
