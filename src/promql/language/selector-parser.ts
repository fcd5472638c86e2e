// Label matchers in braces, and label sets that look like them.

import { type Label, type Labels, METRIC_NAME, normalizeLabels } from '../../model/labels.ts';
import type { Matcher, MatchType } from '../../model/matcher.ts';
import { errorMessage } from '../../runtime/error.ts';
import { compileAnchored } from '../../runtime/regexp.ts';
import { parseSimplePattern } from '../../storage/simple-pattern.ts';
import type { VectorSelector } from './ast.ts';
import { canNameMetric, type Token } from './token.ts';
import type { Place, TokenStream } from './token-stream.ts';
import { unquote } from './unquote.ts';

const MATCHER_START: Place = { context: 'label matching', expected: 'identifier or "}"' };
const MATCHER_OPERATOR: Place = {
  context: 'label matching',
  expected: 'label matching operator',
};
const MATCHER_VALUE: Place = { context: 'label matching', expected: 'string' };
const MATCHER_END: Place = { context: 'label matching', expected: '"," or "}"' };

const LABEL_START: Place = { context: 'label set', expected: 'identifier or "}"' };
const LABEL_EQUALS: Place = { context: 'label set', expected: '"="' };
const LABEL_VALUE: Place = { context: 'label set', expected: 'string' };
const LABEL_END: Place = { context: 'label set', expected: '"," or "}"' };

/** A selector without range and time modifiers: `up`, `up{job="a"}`, `{"my.metric"}`. */
export function parseVectorSelector(stream: TokenStream): VectorSelector {
  const nameToken = canNameMetric(stream.peek()) ? stream.next() : undefined;
  if (nameToken === undefined && !stream.is('{')) throw stream.unexpected();
  return vectorSelectorAfter(stream, nameToken);
}

/** The same when the name, if there is one, has been taken. */
export function vectorSelectorAfter(
  stream: TokenStream,
  nameToken: Token | undefined,
): VectorSelector {
  const start = nameToken?.start ?? stream.peek().start;
  let end = nameToken?.end ?? start;
  const matchers: Matcher[] = [];
  if (stream.is('{')) {
    stream.next();
    end = listInBraces(stream, MATCHER_END, () => {
      matchers.push(parseMatcher(stream));
    });
  }
  const name = nameToken?.text ?? '';
  if (name !== '') matchers.push({ type: '=', name: METRIC_NAME, value: name });
  return {
    kind: 'vectorSelector',
    span: { start, end },
    name,
    matchers,
    anchored: false,
    smoothed: false,
    offsetMs: 0,
    offsetExpr: undefined,
    atT: undefined,
    atBound: undefined,
  };
}

/** A series as people write it, `up{job="a"}`, without any check; `{}` and nothing are no labels. */
export function parseLabelSet(stream: TokenStream): Labels {
  const nameToken = canNameMetric(stream.peek()) ? stream.next() : undefined;
  const labels: Label[] = [];
  if (stream.accept('{') !== undefined) {
    listInBraces(stream, LABEL_END, () => {
      labels.push(parseLabel(stream));
    });
  }
  if (nameToken === undefined) return normalizeLabels(labels);
  const others = labels.filter(({ name }) => name !== METRIC_NAME);
  return normalizeLabels([...others, { name: METRIC_NAME, value: nameToken.text }]);
}

/** Takes items up to and with the closing brace, whose end it returns. A comma may stand before it. */
function listInBraces(stream: TokenStream, endPlace: Place, item: () => void): number {
  while (!stream.is('}')) {
    item();
    if (stream.accept(',') === undefined && !stream.is('}')) throw stream.unexpected(endPlace);
  }
  return stream.next().end;
}

function parseMatcher(stream: TokenStream): Matcher {
  const nameToken = stream.accept('string') ?? stream.expect('identifier', MATCHER_START);
  const isQuoted = nameToken.kind === 'string';
  const name = isQuoted ? unquote(nameToken.text) : nameToken.text;
  if (!isMatchType(stream.peek().kind)) {
    if (!isQuoted) throw stream.unexpected(MATCHER_OPERATOR);
    return { type: '=', name: METRIC_NAME, value: name };
  }
  const type = stream.next().text as MatchType;
  const value = unquote(stream.expect('string', MATCHER_VALUE).text);
  if (type === '=~' || type === '!~') checkRegexp(stream, nameToken.start, value);
  return { type, name, value };
}

function isMatchType(kind: string): kind is MatchType {
  return kind === '=' || kind === '!=' || kind === '=~' || kind === '!~';
}

function checkRegexp(stream: TokenStream, offset: number, pattern: string): void {
  // Lists of literals, which can be long, are matched without the library and its limits.
  if (parseSimplePattern(pattern) !== undefined) return;
  stream.countRegexp(pattern);
  try {
    compileAnchored(pattern);
  } catch (error) {
    throw stream.error(offset, `error parsing regexp: ${errorMessage(error)}`);
  }
}

function parseLabel(stream: TokenStream): Label {
  const nameToken = stream.accept('string') ?? stream.expect('identifier', LABEL_START);
  const isQuoted = nameToken.kind === 'string';
  const name = isQuoted ? unquote(nameToken.text) : nameToken.text;
  if (stream.accept('=') === undefined) {
    if (!isQuoted) throw stream.unexpected(LABEL_EQUALS);
    return { name: METRIC_NAME, value: name };
  }
  return { name, value: unquote(stream.expect('string', LABEL_VALUE).text) };
}
