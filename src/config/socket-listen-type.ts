// --graphite.listen and its like: an address, and what becomes of what arrives there: `HOST:PORT[,db=NAME][,transport=…]`.

import {
  groupOptions,
  type ListenAddress,
  parseAddress,
  printAddress,
  splitOption,
} from './listen-type.ts';
import type { ValueType } from './value-types.ts';

export type Transport = 'tcp' | 'udp';

export interface SocketListenEntry extends ListenAddress {
  /** Where samples are stored; undefined for the database that always exists. */
  readonly database?: string;
  readonly transports: readonly Transport[];
}

/** The type of listeners that speak at most `transports`, and all of them unless an entry names one. */
export function socketListenType(
  transports: readonly Transport[],
): ValueType<readonly SocketListenEntry[]> {
  const choices = transports.length > 1 ? `, transport=${transports.join('|')}` : '';
  return {
    placeholder: 'HOST:PORT[,OPTION=VALUE…]',
    expects: `an address such as 127.0.0.1:2003, [::1]:2003 or :2003, with db=NAME${choices} after it or not`,
    isList: true,
    parse: (texts) => {
      const groups = groupOptions(texts.flatMap((text) => text.split(',')));
      const entries = groups.map(([address = '', ...options]) =>
        parseEntry(address, options, transports),
      );
      return entries.every((entry) => entry !== undefined) ? entries : undefined;
    },
    print: (entries) => entries.map((entry) => printEntry(entry, transports)).join(','),
  };
}

function parseEntry(
  addressText: string,
  optionTexts: readonly string[],
  transports: readonly Transport[],
): SocketListenEntry | undefined {
  const address = parseAddress(addressText);
  const options = new Map(optionTexts.map(splitOption));
  const database = options.get('db');
  const named = options.get('transport');
  options.delete('db');
  options.delete('transport');
  const transport = transports.find((one) => one === named);
  const isKnown = named === undefined || transport !== undefined;
  if (address === undefined || options.size > 0 || database === '' || !isKnown) return undefined;
  return {
    ...address,
    ...(database === undefined ? {} : { database }),
    transports: transport === undefined ? transports : [transport],
  };
}

function printEntry(
  { host, port, database, transports }: SocketListenEntry,
  all: readonly Transport[],
): string {
  const options = [
    ...(database === undefined ? [] : [`db=${database}`]),
    ...(transports.length < all.length ? [`transport=${transports[0]}`] : []),
  ];
  return [printAddress({ host, port }), ...options].join(',');
}
