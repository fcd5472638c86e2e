// Graphite over sockets: lines on one port, pickles on another.

import type { GraphiteOptions } from '../../protocol/graphite/options.ts';
import { GraphitePickleDecoder } from '../../protocol/graphite/pickle.ts';
import { GraphitePlaintextDecoder } from '../../protocol/graphite/plaintext.ts';
import type { ApiContext } from '../context.ts';
import type { SocketInput, SocketProtocol } from './protocol.ts';

export function graphitePlaintext(context: ApiContext): SocketProtocol {
  return {
    name: 'graphite',
    open: (input) =>
      new GraphitePlaintextDecoder(input.collector, input.maxLineBytes, optionsOf(context, input)),
  };
}

export function graphitePickle(context: ApiContext): SocketProtocol {
  return {
    name: 'graphite_pickle',
    open: (input) =>
      new GraphitePickleDecoder(input.collector, input.maxFrameBytes, optionsOf(context, input)),
  };
}

function optionsOf({ settings }: ApiContext, { seriesTable, now }: SocketInput): GraphiteOptions {
  return { isSanitized: settings['graphite.sanitize-names'], seriesTable: seriesTable(''), now };
}
