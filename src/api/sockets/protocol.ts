// What a protocol over bare sockets is to the listeners: a decoder for what one sender says.

import type { RowCollector } from '../../protocol/row-collector.ts';
import type { SeriesTable } from '../../protocol/series-table.ts';
import type { StreamDecoder } from '../../protocol/stream-decoder.ts';
import type { RowSeries } from '../../storage/rows.ts';

export interface SocketProtocol {
  /** Names it in counters, in the log and in the ledger of refusals. */
  readonly name: string;
  /** The decoder of one connection, or of one datagram. */
  readonly open: (input: SocketInput) => SocketDecoder;
}

export interface SocketDecoder extends StreamDecoder {
  /** True once nothing more can be read from this sender, or it wants to go: its connection is closed then. */
  readonly isDone?: boolean;
}

/** What a decoder may depend on. */
export interface SocketInput {
  /** Where it puts what it finds. */
  readonly collector: RowCollector;
  readonly maxLineBytes: number;
  readonly maxFrameBytes: number;
  /** ms */
  readonly now: () => number;
  /** What earlier senders have taught about series. `variant` names what a key's labels depend on besides. */
  readonly seriesTable: <T = RowSeries>(variant: string) => SeriesTable<T>;
  /** Text for the sender, if its protocol has answers. Datagrams have none: nothing happens. */
  readonly answer: (text: string) => void;
}
