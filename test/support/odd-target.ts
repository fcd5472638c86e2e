// A scrape target with what ordinary ones do not have: exemplars, series that come and go, values that
// are no numbers, and label values from all over Unicode. No -0: Prometheus itself sends it as 0.

import { createServer } from 'node:http';

export interface OddTarget {
  readonly address: string;
  readonly close: () => void;
}

export async function startOddTarget(): Promise<OddTarget> {
  let scrapes = 0;
  const server = createServer((_, response) => {
    response.setHeader('Content-Type', 'application/openmetrics-text; version=1.0.0');
    response.end(exposition(++scrapes));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    address: `127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function exposition(scrape: number): string {
  const now = Date.now() / 1000;
  return [
    '# TYPE odd_requests counter',
    '# HELP odd_requests Requests, each with an exemplar.',
    `odd_requests_total ${scrape} # {trace_id="trace-${scrape}"} ${scrape / 8} ${now}`,
    '# TYPE odd_value gauge',
    'odd_value{kind="not a number"} NaN',
    'odd_value{kind="infinite"} -Inf',
    'odd_value{kind="größer → 🌊"} 5e-324',
    // Prometheus writes a stale marker whenever it is gone.
    ...(scrape % 4 < 2 ? [`odd_value{kind="comes and goes"} ${scrape}`] : []),
    '# EOF',
    '',
  ].join('\n');
}
