/** The layout that CONTRIBUTING.md describes: which room may import which, no circles, and no overfull folder. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

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
const ROOMS = [...Object.keys(MAY_IMPORT), SIBLING, 'reports/history', 'scripts', 'cli'];

/** A checkout with our lint configuration, and nothing in it but what a test plants. */
let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'tollgate-test-layout-'));
  for (const name of ['biome.json', '.gitignore', 'package.json']) cpSync(join(ROOT, name), join(copy, name));
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  spawnSync('git', ['init', '--quiet'], { cwd: copy });
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

function plant(file: string, text: string): void {
  mkdirSync(dirname(join(copy, file)), { recursive: true });
  writeFileSync(join(copy, file), text);
}

function importOf(from: string, target: string): string {
  const path = posix.relative(posix.dirname(from), target);
  return `import { planted } from '${path.startsWith('.') ? path : `./${path}`}';\n\nconsole.log(planted);\n`;
}

/** @returns `file rule` of every fault that the linter finds in the copy */
function faults(): Set<string> {
  const biome = join(ROOT, 'node_modules/.bin/biome');
  const args = ['lint', '--reporter=json', '--max-diagnostics=none', '.'];
  const { stdout } = spawnSync(biome, args, { cwd: copy, encoding: 'utf8', maxBuffer: 1e8 });
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

describe('the linter', () => {
  it('allows each room the imports that it may have, and no others', () => {
    const cases = Object.entries(MAY_IMPORT).flatMap(([room, allowed]) =>
      ROOMS.filter((other) => other !== room).map((other) => {
        const file = `${room}/planted-${other.replaceAll('/', '-')}.ts`;
        return {
          file,
          other,
          allowed: allowed.includes(
            other === SIBLING && !room.startsWith('bench/experiments/') ? 'bench/experiments/toll' : other,
          ),
        };
      }),
    );
    for (const { file, other } of cases) plant(file, importOf(file, `${other}/target.ts`));
    const found = faults();
    const wrong = cases
      .filter(({ file, allowed }) => found.has(`${file} style/noRestrictedImports`) === allowed)
      .map(({ file, other, allowed }) => `${file} → ${other}: ${allowed ? 'refused' : 'let pass'}`);
    expect(wrong).toEqual([]);
    expect(cases.filter(({ allowed }) => !allowed).length).toBeGreaterThan(200);
  });

  it('keeps the servers and the rest apart, except for the contract', () => {
    const forbidden = [
      ...['core/results/x.ts', 'bench/load/x.ts', 'reports/view/x.ts', 'cli/x.ts'].map((to) => [
        'servers/http/p.ts',
        to,
      ]),
      ...['bench/run', 'bench/experiments/toll', 'regression/compare', 'scripts', 'reports/view', 'core/model'].flatMap(
        (room) => ['servers/arms.ts', 'servers/arms/x.ts'].map((to) => [`${room}/p.ts`, to]),
      ),
    ] as const;
    const allowed = ['bench/run', 'bench/fleet', 'bench/experiments/toll', 'regression/compare', 'scripts'].flatMap(
      (room) =>
        ['argon2', 'contract', 'configuration', 'messages', 'proxy-headers', 'redis-address'].map((name) => [
          `${room}/p.ts`,
          `servers/${name}.ts`,
        ]),
    ) as [string, string][];
    const named = ([file, to]: readonly string[]) =>
      [`${file}`.replace('p.ts', `p-${`${to}`.replaceAll('/', '-')}`), `${to}`] as const;
    for (const one of [...forbidden, ...allowed].map(named)) plant(one[0], importOf(one[0], one[1]));
    const found = faults();
    const isRefused = (one: readonly string[]) => found.has(`${named(one)[0]} style/noRestrictedImports`);
    expect(forbidden.filter((one) => !isRefused(one))).toEqual([]);
    expect(allowed.filter(isRefused)).toEqual([]);
  });

  it('refuses two files that import each other, be it for a type', () => {
    plant('core/stats/one.ts', "import type { Two } from './two.ts';\n\nexport type One = Two | 1;\n");
    plant('core/stats/two.ts', "import type { One } from './one.ts';\n\nexport type Two = One | 2;\n");
    const found = faults();
    expect(found).toContain('core/stats/one.ts suspicious/noImportCycles');
    expect(found).toContain('core/stats/two.ts suspicious/noImportCycles');
  });
});

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
