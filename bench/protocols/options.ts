// Arguments of the protocols' bench.

import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { LANES } from '../corpus.ts';
import { listOf, parsePeer, parseServer } from '../options.ts';
import { HOSTS_PER_BODY } from './bodies.ts';
import { FORMATS, type Format } from './formats.ts';

export interface ProtocolBenchOptions {
  readonly quick: boolean;
  /** Whether the run is whole: only then it goes into the page. */
  readonly isWhole: boolean;
  readonly formats: readonly Format[];
  readonly hosts: number;
  readonly ticks: number;
  readonly rounds: number;
  /** Names of servers to run; empty for all that are there. */
  readonly servers: readonly string[];
  readonly peers: ReadonlyMap<string, string>;
  readonly folder: string;
  /** Results to print and to put into the page instead of measuring anything. */
  readonly render: string | undefined;
}

const HOST_UNIT = LANES * HOSTS_PER_BODY;
const [TICKS, QUICK_TICKS] = [100, 10];

export const USAGE: string = `npm run bench:protocols -- [options]
Sends the same samples in every protocol to Tidemark and VictoriaMetrics in turns, and writes docs/benchmarks.md where
neither protocols nor servers are chosen by hand.

  --quick              ${QUICK_TICKS} ticks instead of ${TICKS}
  --formats LIST       of ${FORMATS.map(({ name }) => name).join(',')}
  --hosts N            of ten series each, a multiple of ${HOST_UNIT} (3200)
  --rounds N           repeats of every protocol, interleaved (3; quick 2)
  --servers LIST       only these
  --peer NAME=PATH     the program of a peer, instead of the one on PATH
  --dir FOLDER         for bodies and data, on the disk to be measured (${tmpdir()})
  --render FILE        write the page from an earlier run
`;

/** Throws an Error that says what is wrong. */
export function parseProtocolOptions(args: readonly string[]): ProtocolBenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      formats: { type: 'string' },
      hosts: { type: 'string', default: '3200' },
      rounds: { type: 'string' },
      servers: { type: 'string', default: '' },
      peer: { type: 'string', multiple: true, default: [] },
      dir: { type: 'string', default: tmpdir() },
      render: { type: 'string' },
    },
  });
  const { quick, formats, servers } = values;
  const rounds = Number(values.rounds ?? (quick ? 2 : 3));
  if (!(Number.isInteger(rounds) && rounds > 0)) throw new Error('--rounds: want a number from 1');
  const hosts = Number(values.hosts);
  if (!(hosts > 0 && hosts % HOST_UNIT === 0)) {
    throw new Error(`--hosts: want a multiple of ${HOST_UNIT}`);
  }
  return {
    quick,
    isWhole: !quick && formats === undefined && servers === '' && values.hosts === '3200',
    formats: formats === undefined ? FORMATS : listOf(formats).map(formatNamed),
    hosts,
    ticks: quick ? QUICK_TICKS : TICKS,
    rounds,
    servers: listOf(servers).map(parseServer),
    peers: new Map(values.peer.map(parsePeer)),
    folder: values.dir,
    render: values.render,
  };
}

function formatNamed(name: string): Format {
  const found = FORMATS.find((format) => format.name === name);
  if (found === undefined) throw new Error(`--formats: ${name} is none of them`);
  return found;
}
