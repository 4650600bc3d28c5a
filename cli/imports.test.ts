/** Which modules a command loads at its start: static imports, transitively. */
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
/** Types are removed before the code is loaded. */
const STATIC = /^(?:import|export) (?!type )(?:[^'"]*? from )?'([^']+)'/gms;

/** @returns the loaded files, and the packages that they import */
function closureOf(entry: string): { readonly files: readonly string[]; readonly packages: readonly string[] } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (path: string): void => {
    if (files.has(path)) return;
    files.add(path);
    if (!path.endsWith('.ts')) return;
    for (const [, specifier = ''] of readFileSync(path, 'utf8').matchAll(STATIC)) {
      if (specifier.startsWith('.')) visit(join(dirname(path), specifier));
      else if (!specifier.startsWith('node:')) packages.add(specifier);
    }
  };
  visit(join(ROOT, entry));
  return { files: [...files].map((path) => relative(ROOT, path)), packages: [...packages] };
}

it.each(['cli/main.ts', 'cli/command-line.ts', 'cli/commands/setup.ts'])(
  '%s needs no package, since setup must run without any',
  (entry) => {
    expect(closureOf(entry).packages).toEqual([]);
  },
);

it.each(['bench', 'micro', 'compare', 'bisect', 'aa', 'history', 'target'])(
  '%s loads no part of the report while it measures',
  (name) => {
    const { files, packages } = closureOf(`cli/commands/${name}.ts`);
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter((file) => file.startsWith('reports/'))).toEqual([]);
    expect(packages.filter((specifier) => specifier.startsWith('vega'))).toEqual([]);
  },
);

it.each(['http/app', 'process/replica', 'schemes/none', 'schemes/jwt'])(
  'servers/%s loads no Redis client, which would slow down each start of an arm without Redis',
  (name) => {
    expect(closureOf(`servers/${name}.ts`).packages).not.toContain('ioredis');
  },
);

it('finds transitive imports', () => {
  expect(closureOf('cli/commands/claims.ts').files).toContain('reports/claims/registry.ts');
  expect(closureOf('cli/commands/claims.ts').packages).toContain('typebox/schema');
});

it('a report loads vega only when it draws its first chart', () => {
  const { files, packages } = closureOf('reports/build.ts');
  expect(files).toContain('reports/charts/shapes/render.ts');
  expect(files).not.toContain('reports/charts/shapes/engine.ts');
  expect(packages.filter((specifier) => specifier.startsWith('vega'))).toEqual([]);
});

it('a report loads nothing that only measuring needs', () => {
  const { files, packages } = closureOf('cli/commands/report.ts');
  expect(files).toContain('bench/experiments/hot-path/index.ts');
  expect(files.filter((file) => /^bench\/(?:fleet\/redis|micro\/tasks|gate|browser)\//.test(file))).toEqual([]);
  expect(packages.toSorted()).toEqual(['hdr-histogram-js', 'typebox/schema', 'typebox/system']);
});

it.each(['cli/commands/bench', 'cli/commands/compare', 'bench/load/process', 'bench/hiccup/process', 'reports/build'])(
  '%s loads only the validator of TypeBox, and not its builder of types, which takes as long as everything else',
  (name) => {
    const { files, packages } = closureOf(`${name}.ts`);
    expect(files.length).toBeGreaterThan(5);
    const ofTypeBox = packages.filter((specifier) => specifier.startsWith('typebox'));
    expect(ofTypeBox).toContain('typebox/schema');
    for (const specifier of ofTypeBox) expect(['typebox/schema', 'typebox/system']).toContain(specifier);
  },
);
