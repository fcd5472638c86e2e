// Clients that ask one query after the other, each as soon as it has its answer.

import { Agent, request } from 'node:http';
import { quantile } from '../statistics.ts';

export interface ClientsReport {
  readonly queriesPerSecond: number;
  readonly p99Ms: number;
}

/** Asks from `clients` connections until `until` settles. Throws if an answer is no success. */
export async function runClients(
  urls: readonly string[],
  clients: number,
  until: Promise<unknown>,
): Promise<ClientsReport> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const walls: number[] = [];
  let isOver = false;
  const over = until.then(
    () => {
      isOver = true;
    },
    () => {
      isOver = true;
    },
  );
  const begun = performance.now();
  const one = async (first: number): Promise<void> => {
    for (let i = first; !isOver; i++) {
      const sent = performance.now();
      await get(urls[i % urls.length]!, agent);
      walls.push(performance.now() - sent);
    }
  };
  try {
    await Promise.all([over, ...Array.from({ length: clients }, (_, i) => one(i))]);
  } finally {
    agent.destroy();
  }
  const seconds = (performance.now() - begun) / 1000;
  return { queriesPerSecond: walls.length / seconds, p99Ms: quantile(walls, 0.99) };
}

/** Reads the answer without keeping it. */
function get(url: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent }, (response) => {
      const { statusCode } = response;
      response.on('error', reject);
      response.on('end', () => {
        if (statusCode === 200) resolve();
        else reject(new Error(`a query was answered with ${statusCode}`));
      });
      response.resume();
    });
    sent.on('error', reject);
    sent.end();
  });
}
