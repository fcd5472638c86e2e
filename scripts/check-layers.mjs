// Holds the direction of imports in src/: which folder may use which, and which third-party package
// belongs to which folder. A change here is a change of the architecture.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Folder of src/ → folders it may import besides itself. */
const ALLOWED = {
  runtime: [],
  codec: ['runtime'],
  model: ['codec', 'runtime'],
  config: ['model', 'codec', 'runtime'],
  // The seam's types are what decoders produce; they need nothing else of storage.
  protocol: ['storage', 'model', 'codec', 'runtime'],
  storage: ['protocol', 'model', 'codec', 'runtime'],
  // Who may do what.
  access: ['storage', 'model', 'codec', 'runtime'],
  tsdb: ['storage', 'protocol', 'config', 'model', 'codec', 'runtime'],
  promql: ['storage', 'model', 'codec', 'runtime'],
  // InfluxQL executed.
  influxql: ['storage', 'protocol', 'model', 'codec', 'runtime'],
  // OpenTSDB's queries executed.
  opentsdb: ['storage', 'protocol', 'model', 'codec', 'runtime'],
  // How queries run: threads, budgets, cache, the bytes of their answers.
  query: ['promql', 'storage', 'model', 'codec', 'runtime'],
  api: [
    'access',
    'influxql',
    'opentsdb',
    'query',
    'promql',
    'storage',
    'protocol',
    'config',
    'model',
    'codec',
    'runtime',
  ],
  roles: [
    'api',
    'access',
    'influxql',
    'opentsdb',
    'query',
    'promql',
    'tsdb',
    'storage',
    'protocol',
    'config',
    'model',
    'codec',
    'runtime',
  ],
  cli: ['roles', 'config', 'runtime'],
};

/** Package → the one folder that knows it. */
const PACKAGES = {
  '@grpc/grpc-js': 'api',
  commander: 'cli',
  fastify: 'api',
  'hyparquet-writer': 'protocol',
  pino: 'runtime',
  'prom-client': 'runtime',
  re2js: 'runtime',
  yaml: 'config',
  zod: 'config',
};

/** Folders and files that do no I/O and read no clock. */
const PURE = ['protocol', 'model', 'promql'];
const IMPURE_MODULES = /^node:(fs|net|http|https|dgram|child_process|worker_threads|os|timers)/;

/** Offsets and codes that a kernel and its twin share; the only files of kernel/ for src/ to read. */
const KERNEL_LAYOUT = /^kernel\/[\w-]+-layout\.ts$/;
const KERNEL_USERS = ['codec', 'tsdb'];

/** Tests and what only tests use: shared suites, generators of random values, data. */
const TEST_FILES = /\.(test|bench|arbitrary)\.ts$|\/(testdata|conformance)\/|\/conformance\.ts$/;

const problems = [];
for (const file of sourceFiles(join(root, 'src'))) {
  const path = relative(root, file).split(sep).join('/');
  const folder = path.split('/')[1];
  const isTest = TEST_FILES.test(path);
  for (const { line, specifier } of importsOf(readFileSync(file, 'utf8'))) {
    const problem = judge(path, folder, specifier, isTest);
    if (problem !== undefined) problems.push(`${path}:${line}: ${problem}`);
  }
}
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;

function judge(path, folder, specifier, isTest) {
  if (!Object.hasOwn(ALLOWED, folder)) return `folder ${folder} is not in the table of layers`;
  if (specifier.startsWith('.')) {
    const target = join(dirname(path), specifier).split(sep).join('/');
    const targetFolder = target.split('/')[1];
    if (KERNEL_LAYOUT.test(target) && KERNEL_USERS.includes(folder)) return undefined;
    if (!target.startsWith('src/')) return isTest ? undefined : `${specifier} leaves src/`;
    if (targetFolder === folder || isTest) return undefined;
    return ALLOWED[folder].includes(targetFolder)
      ? undefined
      : `${folder} must not import ${targetFolder} (${specifier})`;
  }
  if (isTest) return undefined;
  if (specifier.startsWith('node:')) {
    return PURE.includes(folder) && IMPURE_MODULES.test(specifier)
      ? `${folder} does no I/O and reads no clock (${specifier})`
      : undefined;
  }
  const home = PACKAGES[specifier];
  if (home === undefined) return `package ${specifier} has no home in the table of packages`;
  return home === folder ? undefined : `package ${specifier} belongs to ${home}`;
}

/** Static and dynamic imports and re-exports with their line numbers. */
function importsOf(source) {
  const statement = /^(?:import|export)\s(?:[^;'"]*?\sfrom\s+)?'([^'\n]+)'/gm;
  const dynamic = /\bimport\('([^'\n]+)'\)/g;
  return [...source.matchAll(statement), ...source.matchAll(dynamic)].map((match) => ({
    line: source.slice(0, match.index).split('\n').length,
    specifier: match[1],
  }));
}

function sourceFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourceFiles(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}
