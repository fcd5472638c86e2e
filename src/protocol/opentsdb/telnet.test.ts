import { describe, expect, it } from 'vitest';
import {
  type Collected,
  smallSeriesTable,
  takeCollected,
} from '../../../test/support/collected.ts';
import { RowCollector } from '../row-collector.ts';
import { OpentsdbTelnetDecoder } from './telnet.ts';

interface Session extends Collected {
  /** What the client was sent; `exit` where it was let go. */
  readonly answers: string[];
}

function talk(text: string | Uint8Array, isStrict = false): Session {
  const collector = new RowCollector();
  const answers: string[] = [];
  const client = {
    answer: (line: string) => answers.push(line),
    version: () => 'version text\n',
    stats: () => 'tsd.uptime 1700000000 5 host=a\n',
    exit: () => answers.push('exit'),
  };
  const decoder = new OpentsdbTelnetDecoder(
    collector,
    300,
    { isStrict },
    smallSeriesTable(),
    client,
  );
  decoder.push(Buffer.from(text as string));
  decoder.end();
  return { ...takeCollected(collector), answers };
}

describe('put', () => {
  it('takes no number for a value that has something behind it, be the series known', () => {
    const { samples, problems } = talk('put ab 1700000000 1\nput a 1700000000 1b\nput ab 1 2\n');
    expect(samples).toEqual(['ab 1 1700000000000', 'ab 2 1000']);
    expect(problems).toEqual(['2: invalid value: not a number: "1b"']);
  });

  it('refuses what no float can hold, be the series known', () => {
    const { samples, problems } = talk('put a 1 1\nput a 2 1e999\nput a 3 -1e999\n');
    expect(samples).toEqual(['a 1 1000']);
    expect(problems).toEqual([
      '2: illegal argument: value is NaN or Infinite: "1e999"',
      '3: illegal argument: value is NaN or Infinite: "-1e999"',
    ]);
  });

  it.each([
    ['put sys.cpu 1700000000 1.5 host=a', '{"sys.cpu", host="a"} 1.5 1700000000000'],
    ['put up 1700000000 -3 host=a dc=b\r', 'up{host="a", dc="b"} -3 1700000000000'],
    ['put up 1700000000123 1e3 host=a', 'up{host="a"} 1000 1700000000123'],
    ['put up 1700000000.123 1 host=a', 'up{host="a"} 1 1700000000123'],
    ['put up 1700000000.5 1 host=a', 'up{host="a"} 1 1700000000500'],
    ['put up 1700000000 1 host=a  b=c', 'up{host="a", b="c"} 1 1700000000000'],
    ['  put   up  1700000000  1   host=a ', 'up{host="a"} 1 1700000000000'],
    ['put up 1700000000 1', 'up 1 1700000000000'],
    ['put up 1700000000 1 host=', 'up 1 1700000000000'],
    ['put up 1700000000 1 host=a=b', 'up{host="a=b"} 1 1700000000000'],
    ['put up 1700000000 1 host=a host=a', 'up{host="a"} 1 1700000000000'],
    ['put températur 1700000000 1 stadt=köln', '{"températur", stadt="köln"} 1 1700000000000'],
  ])('%j', (line, sample) => {
    // The second time the series is known, the third time it is the last line.
    const session = talk(`${line}\n${line}\n${line}`);
    expect(session).toEqual({
      samples: [sample, sample, sample],
      problems: [],
      losses: {},
      answers: [],
    });
  });

  it.each([
    ['put', 'illegal argument: not enough arguments (need least 3, got 0)'],
    ['put up 1700000000', 'illegal argument: not enough arguments (need least 3, got 2)'],
    ['put up now 1 a=b', 'invalid value: bad timestamp "now"'],
    ['put up 0 1 a=b', 'illegal argument: invalid timestamp: 0'],
    ['put up -1 1 a=b', 'illegal argument: invalid timestamp: -1'],
    ['put up 1700000000 one a=b', 'invalid value: not a number: "one"'],
    ['put up 1700000000 1.2.3 a=b', 'invalid value: not a number: "1.2.3"'],
    ['put up 1700000000 NaN a=b', 'illegal argument: value is NaN or Infinite: "NaN"'],
    ['put up 1700000000 -inf a=b', 'illegal argument: value is NaN or Infinite: "-inf"'],
    ['put up 1700000000 1 a', 'illegal argument: invalid tag: a'],
    ['put up 1700000000 1 a=b a=c', 'illegal argument: duplicate tag: a=c, tags={a=b}'],
  ])('%j is answered', (line, message) => {
    const session = talk(`put a 1700000000 1\n${line}\nput a 1700000000 2\n`);
    expect(session.samples).toEqual(['a 1 1700000000000', 'a 2 1700000000000']);
    expect(session.problems).toEqual([`2: ${message}`]);
    expect(session.answers).toEqual([`put: ${message}\n`]);
  });

  it.each([
    ['put up 1700000000 1', 'not enough arguments (need least 4, got 3)'],
    ['put up 1700000000 1 a=', 'invalid tag: a='],
    ['put up 1700000000 1 a=b=c', 'invalid tag: a=b=c'],
    ['put u:p 1700000000 1 a=b', 'Invalid metric name ("u:p"): illegal character: :'],
    ['put up 1700000000 1 a!=b', 'Invalid tag name with value [b] ("a!"): illegal character: !'],
    ['put up 1700000000 1 a=b,c', 'Invalid tag value with key [a] ("b,c"): illegal character: ,'],
    [
      'put up 1700000000 1 a=1 b=1 c=1 d=1 e=1 f=1 g=1 h=1 i=1',
      'Too many tags: 9 maximum allowed: 8, tags: {a=1, b=1, c=1, d=1, e=1, f=1, g=1, h=1, i=1}',
    ],
  ])('%j is refused as OpenTSDB does, if told to', (line, message) => {
    expect(talk(line).problems).toEqual([]);
    expect(talk(line, true)).toMatchObject({
      samples: [],
      answers: [`put: illegal argument: ${message}\n`],
    });
  });

  it('takes what OpenTSDB takes', () => {
    const line = 'put sys.cpu-0/user_ä 1700000000 1 host=web-1.example a/b=c_d';
    expect(talk(line, true).answers).toEqual([]);
  });

  it('counts what the model cannot hold', () => {
    const lines = 'put a 1700000000.1234 9007199254740993 h=a\n'.repeat(3);
    expect(talk(lines).losses).toEqual({ integer_rounded: 3, time_below_millisecond: 3 });
  });

  it('that is not UTF-8 is refused', () => {
    const { answers } = talk(Buffer.from('put caf\xe9 1700000000 1\n', 'latin1'));
    expect(answers).toEqual(['put: illegal argument: metric name is not valid UTF-8\n']);
  });
});

it('answers commands', () => {
  expect(talk('version\nstats\nhelp\n\nfoo bar\nexit\nversion\nput a 1700000000 1\n')).toEqual({
    answers: [
      'version text\n',
      'tsd.uptime 1700000000 5 host=a\n',
      'available commands: exit help put stats version \n',
      "unknown command: foo.  Try `help'.\n",
      'exit',
    ],
    problems: ['5: unknown command "foo"'],
    samples: [],
    losses: {},
  });
});
