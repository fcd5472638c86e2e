// What may stand between a binary operator and its right operand, in this order: `bool`,
// `on (…)` or `ignoring (…)`, `group_left (…)` or `group_right (…)`, `fill…(…)`.

import type { Cardinality, VectorMatching } from './ast.ts';
import { parseGrouping } from './grouping-parser.ts';
import { signedNumber } from './literals.ts';
import { canStartExpression } from './token.ts';
import type { TokenStream } from './token-stream.ts';

export interface BinaryModifiers {
  readonly bool: boolean;
  /** As if both sides were vectors: the type checker drops or adapts it. */
  readonly matching: VectorMatching;
}

export function parseBinaryModifiers(stream: TokenStream): BinaryModifiers {
  const bool = stream.accept('bool') !== undefined;
  const keyword = stream.accept('on') ?? stream.accept('ignoring');
  const labels = keyword === undefined ? [] : parseGrouping(stream);
  let card: Cardinality = 'one-to-one';
  let include: readonly string[] = [];
  const group =
    keyword === undefined
      ? undefined
      : (stream.accept('group_left') ?? stream.accept('group_right'));
  if (group !== undefined) {
    card = group.kind === 'group_left' ? 'many-to-one' : 'one-to-many';
    include = canStartExpression(stream.peek()) && !stream.is('(') ? [] : parseGrouping(stream);
  }
  const fill = parseFill(stream);
  return { bool, matching: { card, labels, on: keyword?.kind === 'on', include, ...fill } };
}

type Fill = Pick<VectorMatching, 'fillLeft' | 'fillRight'>;

function parseFill(stream: TokenStream): Fill {
  if (stream.accept('fill') !== undefined) {
    const value = fillValue(stream);
    return { fillLeft: value, fillRight: value };
  }
  let fillLeft: number | undefined;
  let fillRight: number | undefined;
  if (stream.accept('fill_left') !== undefined) {
    fillLeft = fillValue(stream);
    if (stream.accept('fill_right') !== undefined) fillRight = fillValue(stream);
  } else if (stream.accept('fill_right') !== undefined) {
    fillRight = fillValue(stream);
    if (stream.accept('fill_left') !== undefined) fillLeft = fillValue(stream);
  }
  return { fillLeft, fillRight };
}

function fillValue(stream: TokenStream): number {
  stream.expect('(');
  const { value } = signedNumber(stream);
  stream.expect(')');
  return value;
}
