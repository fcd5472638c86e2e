// A sender that pushes at a steady rate whatever the answers take, so that a server that stalls is seen by every
// push that should have come meanwhile.

import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Corpus, LANES, lanePath, readBodyLengths } from '../corpus.ts';

export class SteadySender {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #bodies: Iterator<Uint8Array>;

  constructor(url: string, authorization: string, corpus: Corpus) {
    this.#url = url;
    this.#headers = {
      authorization,
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
    };
    this.#bodies = bodiesOf(corpus);
  }

  /** Latencies in ms, from when a push was due to its answer. Throws for one that was not taken. */
  async run(perSecond: number, seconds: number): Promise<number[]> {
    const begun = performance.now();
    const pushes: Promise<number>[] = [];
    for (let i = 0; i < perSecond * seconds; i++) {
      const due = begun + (i * 1000) / perSecond;
      const early = due - performance.now();
      if (early > 0) await sleep(early);
      const { value, done } = this.#bodies.next();
      if (done === true) throw new Error('there are no more bodies');
      pushes.push(this.#push(value as Uint8Array).then(() => performance.now() - due));
    }
    return Promise.all(pushes);
  }

  close(): void {
    this.#agent.destroy();
  }

  #push(body: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      const sent = request(
        this.#url,
        { method: 'POST', agent: this.#agent, headers: this.#headers },
        (response) => {
          response.resume();
          response.once('end', () => {
            if (response.statusCode === 204) resolve();
            else reject(new Error(`a push was answered with ${response.statusCode}`));
          });
        },
      );
      sent.once('error', reject);
      sent.end(body);
    });
  }
}

/** One of each lane in turn. */
function* bodiesOf({ folder }: Corpus): Generator<Uint8Array, undefined> {
  const lanes = Array.from({ length: LANES }, (_, lane) => ({
    lengths: readBodyLengths(folder, lane),
    bytes: readFileSync(lanePath(folder, lane)),
    offset: 0,
  }));
  for (let i = 0; i < lanes[0]!.lengths.length; i++) {
    for (const lane of lanes) {
      const length = lane.lengths[i]!;
      yield lane.bytes.subarray(lane.offset, lane.offset + length);
      lane.offset += length;
    }
  }
  return undefined;
}
