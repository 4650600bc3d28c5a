/** docs/libraries.md is up to date: the versions are the installed ones, and the evidence of each row exists. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../../cli/root.ts';

const PAGE = readFileSync(join(ROOT, 'docs/libraries.md'), 'utf8');
const installed = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
};
const versions = { ...installed.dependencies, ...installed.devDependencies };
const rows = PAGE.split('\n')
  .filter((line) => /^\| (?!package|---)/.test(line))
  .map((line) =>
    line
      .split('|')
      .map((cell) => cell.trim())
      .slice(1, -1),
  );

it('has rows of five cells', () => {
  expect(rows.length).toBeGreaterThan(20);
  for (const row of rows) expect(row, row.join('|')).toHaveLength(5);
});

/** What has no version: the behaviour is that of every kernel in use, or of a book. */
const WITHOUT_VERSION = new Set(['Linux', 'USL formulas']);

it.each(rows.map(([name = '', expected = '', , , shown = '']) => [`${name}: ${expected}`, name, shown] as const))(
  '%s has the version that was seen',
  (_, cell, shown) => {
    if (WITHOUT_VERSION.has(cell)) return;
    const [, name = '', version] = /^(.*?)(?: (\d+(?:\.\d+)*))?$/.exec(cell) ?? [];
    expect(version, `${name} needs a version`).toBeDefined();
    const known = versions[name === 'Node.js' ? 'node' : name];
    if (known !== undefined) {
      expect(version, `${name} needs the version that is installed`).toBe(known);
      return;
    }
    const [, path] = /^\[finding\]\(\.\.\/([^ )]+)\)$/.exec(shown) ?? [];
    if (path === undefined) return;
    // A finding names the versions of its packages in its first line.
    const [, first = ''] = readFileSync(join(ROOT, path), 'utf8').split('\n');
    for (const [, part = ''] of cell.matchAll(/(\S+ \d+(?:\.\d+)+|\S+ \d+)(?=,|$)/g)) expect(first).toContain(part);
  },
);

it.each(rows.map(([name = '', , , , shown = '']) => [name, shown] as const))(
  'the evidence of %s exists',
  (_, shown) => {
    const [, kind, path = '', title] = /^\[(finding|test)\]\(\.\.\/([^ )]+)(?: "([^"]+)")?\)$/.exec(shown) ?? [];
    expect(kind, shown).toBeDefined();
    expect(existsSync(join(ROOT, path)), path).toBe(true);
    if (kind === 'test') expect(readFileSync(join(ROOT, path), 'utf8')).toContain(`'${title}'`);
  },
);
