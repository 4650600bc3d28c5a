/** The layout that CONTRIBUTING.md describes: which room may import which, no circles, and no overfull folder. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** The most source files in one folder that a reader can take in at a glance. */
const MOST_IN_A_FOLDER = 20;

const CORE = ['core/stats', 'core/levels', 'core/results', 'core/model', 'core/text', 'core/thresholds', 'core/advise'];
const LOADING = ['bench/processes', 'bench/load'];
const STARTING = [...LOADING, 'bench/fleet'];
/** What measures whole runs may import: all of core/ and bench/. */
const ALL_OF_BENCH = [
  ...CORE,
  ...STARTING,
  'bench/hiccup',
  'bench/measuring',
  'bench/hosts',
  'bench/analysis',
  'bench/profiler',
  'bench/micro',
  'bench/gate',
  'bench/browser',
  'bench/calibrate',
  'bench/experiments/toll',
  'bench/run',
];

/** Each room with the rooms that it may import. What is not listed is forbidden. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'core/stats': [],
  'core/levels': ['core/stats'],
  'core/results': ['core/stats', 'core/levels'],
  'core/model': ['core/results', 'core/levels', 'core/stats'],
  'core/text': ['core/results', 'core/levels', 'core/stats'],
  'core/advise': ['core/model', 'core/text', 'core/results', 'core/levels', 'core/stats'],
  'core/thresholds': CORE,
  'servers/stores': [],
  'servers/schemes': ['servers/stores'],
  'servers/http': ['servers/schemes', 'servers/stores'],
  'servers/process': ['servers/http', 'servers/schemes', 'servers/stores'],
  'bench/processes': CORE,
  'bench/micro': [...CORE, 'bench/processes'],
  'bench/load': [...CORE, 'bench/processes'],
  'bench/hiccup': [...CORE, ...LOADING],
  'bench/fleet': [...CORE, ...LOADING],
  'bench/measuring': [...CORE, ...STARTING, 'bench/hiccup'],
  'bench/hosts': [...CORE, ...STARTING, 'bench/hiccup', 'bench/measuring'],
  'bench/analysis': [...CORE, 'bench/measuring'],
  'bench/profiler': [...CORE, ...STARTING, 'bench/measuring', 'bench/analysis'],
  'bench/gate': [...CORE, ...STARTING],
  'bench/browser': [...CORE, ...STARTING, 'bench/gate'],
  'bench/calibrate': [...CORE, ...LOADING, 'bench/hiccup'],
  'bench/experiments/toll': [
    ...CORE,
    ...STARTING,
    'bench/hiccup',
    'bench/measuring',
    'bench/analysis',
    'bench/profiler',
    'bench/micro',
    'bench/browser',
  ],
  'bench/run': [
    ...CORE,
    ...STARTING,
    'bench/hiccup',
    'bench/measuring',
    'bench/hosts',
    'bench/analysis',
    'bench/experiments/toll',
    'bench/calibrate',
    'bench/gate',
  ],
  'regression/compare': [...ALL_OF_BENCH],
  target: [...ALL_OF_BENCH],
  library: [...ALL_OF_BENCH, 'target'],
  published: [...ALL_OF_BENCH],
  containers: [...ALL_OF_BENCH],
  'reports/claims': CORE,
  'reports/view': [...CORE, 'reports/claims'],
  'reports/charts': [...CORE, 'reports/view'],
  'reports/page': [...CORE, 'reports/claims', 'reports/view', 'reports/charts'],
  'reports/exporters': [...CORE, 'reports/claims', 'reports/view', 'reports/charts', 'reports/page', 'reports/history'],
};
/** A second experiment, which the first must not know; else it is what the first is. */
const SIBLING = 'bench/experiments/latency';
/** What only tests may import. */
const TESTS = 'test/support';
const ROOMS = [...Object.keys(MAY_IMPORT), SIBLING, 'reports/history', 'scripts', 'cli', TESTS];

interface Planted {
  readonly file: string;
  /** The file that it imports. */
  readonly target: string;
}

const inRoom = (room: string, target: string): Planted => ({
  file: `${room}/planted-${target.replaceAll('/', '-')}`,
  target,
});

/** An import of each room from each other one. */
const BETWEEN_ROOMS = Object.entries(MAY_IMPORT).flatMap(([room, allowed]) =>
  ROOMS.filter((other) => other !== room).map((other) => ({
    ...inRoom(room, `${other}/target.ts`),
    isAllowed: allowed.includes(
      other === SIBLING && !room.startsWith('bench/experiments/') ? 'bench/experiments/toll' : other,
    ),
  })),
);

const OF_TESTS = ['cli', 'scripts'].map((room) => inRoom(room, `${TESTS}/target.ts`));

const ACROSS_THE_CONTRACT: readonly Planted[] = [
  ...['core/results', 'bench/load', 'reports/view', 'cli'].map((room) => inRoom('servers/http', `${room}/x.ts`)),
  ...['bench/run', 'bench/experiments/toll', 'regression/compare', 'scripts', 'reports/view', 'core/model'].flatMap(
    (room) => ['servers/arms.ts', 'servers/arms/x.ts'].map((to) => inRoom(room, to)),
  ),
];

const OF_THE_CONTRACT = ['bench/run', 'bench/fleet', 'bench/experiments/toll', 'regression/compare', 'scripts'].flatMap(
  (room) =>
    ['argon2', 'contract', 'configuration', 'messages', 'proxy-headers', 'redis-address'].map((name) =>
      inRoom(room, `servers/${name}.ts`),
    ),
);

function importOf({ file, target }: Planted): string {
  const path = posix.relative(posix.dirname(file), target);
  return `import { planted } from '${path.startsWith('.') ? path : `./${path}`}';\n\nconsole.log(planted);\n`;
}

/** Two files that import each other, one of them for a type. */
const CIRCLE = {
  'core/stats/one.ts': "import type { Two } from './two.ts';\n\nexport type One = Two | 1;\n",
  'core/stats/two.ts': "import type { One } from './one.ts';\n\nexport type Two = One | 2;\n",
};

describe('the linter', () => {
  /** `file rule` of every fault that it finds in a checkout with our lint configuration, and nothing but these files. */
  let found: ReadonlySet<string>;
  beforeAll(() => {
    const copy = mkdtempSync(join(tmpdir(), 'tollgate-test-layout-'));
    try {
      for (const name of ['biome.json', '.gitignore', 'package.json']) cpSync(join(ROOT, name), join(copy, name));
      symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
      spawnSync('git', ['init', '--quiet'], { cwd: copy });
      const imports = [...BETWEEN_ROOMS, ...OF_TESTS, ...ACROSS_THE_CONTRACT, ...OF_THE_CONTRACT];
      const texts = imports.map((one) => [one.file, importOf(one)] as const);
      for (const [file, text] of [...texts, ...Object.entries(CIRCLE)]) {
        mkdirSync(dirname(join(copy, file)), { recursive: true });
        writeFileSync(join(copy, file), text);
      }
      found = faultsIn(copy);
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  });
  const isRefused = ({ file }: Planted) => found.has(`${file} style/noRestrictedImports`);

  it('allows each room the imports that it may have, and no others', () => {
    expect(BETWEEN_ROOMS.filter((one) => isRefused(one) === one.isAllowed)).toEqual([]);
    expect(BETWEEN_ROOMS.filter(({ isAllowed }) => !isAllowed).length).toBeGreaterThan(200);
  });

  it('allows no imports of tests', () => {
    expect(OF_TESTS.filter((one) => !isRefused(one))).toEqual([]);
  });

  it('keeps the servers and the rest apart, except for the contract', () => {
    expect(ACROSS_THE_CONTRACT.filter((one) => !isRefused(one))).toEqual([]);
    expect(OF_THE_CONTRACT.filter(isRefused)).toEqual([]);
  });

  it('refuses two files that import each other, be it for a type', () => {
    for (const file of Object.keys(CIRCLE)) expect(found).toContain(`${file} suspicious/noImportCycles`);
  });
});

function faultsIn(folder: string): Set<string> {
  const biome = join(ROOT, 'node_modules/.bin/biome');
  const args = ['lint', '--reporter=json', '--max-diagnostics=none', '.'];
  const { stdout } = spawnSync(biome, args, { cwd: folder, encoding: 'utf8', maxBuffer: 1e8 });
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: { category: string; location: { path: string | { file: string } } }[];
  };
  return new Set(
    diagnostics.map(({ category, location: { path } }) => {
      const file = typeof path === 'string' ? path : path.file;
      return `${file} ${category.replace('lint/', '')}`;
    }),
  );
}

it('has no folder with more source files than a reader can take in', () => {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const sources = files.split('\n').filter((file) => file !== '' && !file.endsWith('.test.ts'));
  const full = [...Map.groupBy(sources, (file) => posix.dirname(file))]
    .filter(([, inside]) => inside.length > MOST_IN_A_FOLDER)
    .map(([folder, inside]) => `${folder}: ${inside.length}`);
  expect(full).toEqual([]);
});
