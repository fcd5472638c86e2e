// Programs that send metrics in protocols other than Prometheus' own, found where peers are; each from its own folder
// of packages, whether that is the system's or one where they were only unpacked.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Child } from './child.ts';
import { peerProgram } from './prometheus.ts';

/** Debian's folder for libraries of this machine. */
const LIBRARIES = 'lib/x86_64-linux-gnu';

/** Where collectd is: `usr` of a system, or of packages that were unpacked. */
export function collectd(): string | undefined {
  return peerProgram('collectd');
}

/** Starts collectd with plugins that are loaded and configured so; it sends every second, and the rest when it ends. */
export async function startCollectd(
  program: string,
  folder: string,
  plugins: readonly string[],
): Promise<Child> {
  const usr = dirname(dirname(program));
  const file = join(folder, 'collectd.conf');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    file,
    `Hostname "web-1"
FQDNLookup false
Interval 1
BaseDir "${folder}"
PIDFile "${folder}/collectd.pid"
PluginDir "${usr}/lib/collectd"
TypesDB "${usr}/share/collectd/types.db"
${plugins.join('\n')}
`,
  );
  return Child.start(program, ['-f', '-C', file], {
    env: { ...process.env, LD_LIBRARY_PATH: join(usr, LIBRARIES) },
  });
}

/** carbon-relay, if it can be run. */
export function carbonRelay(): string | undefined {
  const program = peerProgram('carbon-relay');
  if (program === undefined || python() === undefined) return undefined;
  try {
    execFileSync('/usr/bin/python3', ['-c', 'import carbon, twisted'], {
      env: carbonEnvironment(program),
      stdio: 'ignore',
    });
    return program;
  } catch {
    return undefined;
  }
}

function carbonEnvironment(program: string): NodeJS.ProcessEnv {
  const packages = join(dirname(dirname(program)), 'lib/python3/dist-packages');
  return { ...process.env, PYTHONPATH: packages };
}

/** Starts carbon-relay: lines that it takes on `linePort` it sends as pickles to `destinationPort`. */
export async function startCarbonRelay(
  program: string,
  folder: string,
  ports: {
    readonly linePort: number;
    readonly picklePort: number;
    readonly destinationPort: number;
  },
): Promise<Child> {
  const file = join(folder, 'carbon.conf');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    file,
    `[relay]
STORAGE_DIR = ${folder}
LOCAL_DATA_DIR = ${folder}
CONF_DIR = ${folder}
LOG_DIR = ${folder}
PID_DIR = ${folder}
USER =
LINE_RECEIVER_INTERFACE = 127.0.0.1
LINE_RECEIVER_PORT = ${ports.linePort}
PICKLE_RECEIVER_INTERFACE = 127.0.0.1
PICKLE_RECEIVER_PORT = ${ports.picklePort}
RELAY_METHOD = consistent-hashing
REPLICATION_FACTOR = 1
DESTINATIONS = 127.0.0.1:${ports.destinationPort}:a
DESTINATION_PROTOCOL = pickle
MAX_QUEUE_SIZE = 10000
`,
  );
  // It reads them, and has no use for them.
  writeFileSync(join(folder, 'storage-schemas.conf'), '[all]\npattern = .*\nretentions = 60s:1d\n');
  writeFileSync(join(folder, 'storage-aggregation.conf'), '[all]\npattern = .*\n');
  const args = [program, '--config', file, '--nodaemon', '--logdir', folder, 'start'];
  return Child.start('/usr/bin/python3', args, {
    cwd: folder,
    env: { ...carbonEnvironment(program), GRAPHITE_ROOT: folder },
  });
}

/** The system's Python 3. */
export function python(): string | undefined {
  return existsSync('/usr/bin/python3') ? '/usr/bin/python3' : undefined;
}
