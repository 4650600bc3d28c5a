/**
 * Checks the documentation: its tables are current, its links, paths and scripts exist, and its sentences are short.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../bench/gate/registry.ts';
import { ARMS } from '../../servers/arms.ts';
import { ServerSettings } from '../../servers/configuration.ts';
import { DEFAULT_SETTINGS } from '../../servers/scheme.ts';
import { COMMANDS } from '../registry.ts';
import { ROOT } from '../root.ts';
import { blocksIn, fillBlocks } from './blocks.ts';
import { flagTables } from './flag-tables.ts';
import { blocksOf, GENERATED_PAGES, renderPages } from './pages.ts';
import {
  anchorsIn,
  pathsIn,
  relativeLinksIn,
  scriptsIn,
  sentencesIn,
  shownCommandsIn,
  wordsIn,
} from './testing/prose.ts';

const PAGES = globSync(['*.md', 'docs/*.md'], { cwd: ROOT }).toSorted();
const MOST_README_LINES = 200;
const MOST_WORDS = 35;
/** A file that the worked example tells the reader to create. */
const WRITTEN_BY_THE_READER = ['servers/schemes/opaque.ts'];

/** The system sets the first; the others pass between the containers of one run. */
const SET_BY_OTHERS = ['PATH', 'TOLLGATE_PLAN_FILE', 'TOLLGATE_SHARD_INDEX', 'TOLLGATE_FLEET_FILE'];

const sources = { arms: ARMS.map(({ info }) => info), commandFlags: await flagTables(COMMANDS) };
const flagsOf = new Map(
  await Promise.all(
    COMMANDS.map(async ({ name, load }) => {
      const names = Object.keys((await load()).flags).map((flag) => `--${flag}`);
      return [name, new Set([...names, '--help'])] as const;
    }),
  ),
);
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts);

it('finds the pages', () => {
  expect(PAGES).toEqual(expect.arrayContaining(['README.md', 'docs/targets.md']));
});

describe('generated parts', () => {
  it.each(renderPages(sources))('$path is current: npm run docs writes it again', ({ before, after }) => {
    expect(before).toBe(after);
  });

  it('every block is on a page, and an unknown block is an error', () => {
    const used = GENERATED_PAGES.flatMap((path) => blocksIn(read(path)));
    expect(used.toSorted()).toEqual(Object.keys(blocksOf(sources)).toSorted());
    expect(() => fillBlocks('<!-- generated: x --><!-- /generated -->', {})).toThrow('nothing makes the block x');
  });
});

describe('README.md', () => {
  it(`has at most ${MOST_README_LINES} lines`, () => {
    expect(read('README.md').split('\n').length).toBeLessThanOrEqual(MOST_README_LINES + 1);
  });

  it('names every npm script', () => {
    expect(scripts.filter((script) => !scriptsIn(read('README.md')).includes(script))).toEqual([]);
  });
});

describe.each(PAGES)('%s', (path) => {
  const page = read(path);

  it(`has no sentence over ${MOST_WORDS} words`, () => {
    expect(sentencesIn(page).filter((sentence) => wordsIn(sentence) > MOST_WORDS)).toEqual([]);
  });

  it('links only to existing targets', () => {
    const broken = relativeLinksIn(page).filter((target) => {
      const [file = '', anchor] = target.split('#');
      const full = file === '' ? join(ROOT, path) : join(ROOT, dirname(path), file);
      if (!existsSync(full)) return true;
      return anchor !== undefined && !anchorsIn(readFileSync(full, 'utf8')).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('names only existing paths and npm scripts', () => {
    const missing = pathsIn(page).filter((named) => !existsSync(join(ROOT, named)));
    expect(missing.filter((named) => !WRITTEN_BY_THE_READER.includes(named))).toEqual([]);
    expect(scriptsIn(page).filter((script) => !scripts.includes(script))).toEqual([]);
  });

  it('shows only flags that the command has', () => {
    const unknown = shownCommandsIn(page).flatMap(({ name, flags }) =>
      flags.filter((flag) => flagsOf.get(name)?.has(flag) === false).map((flag) => `${name} ${flag}`),
    );
    expect(unknown).toEqual([]);
  });
});

it('docs/security-checks.md lists exactly the checks that cite each requirement', () => {
  const rows = [...read('docs/security-checks.md').matchAll(/^\| (\d+\.\d+\.\d+) \| [^|]+ \| ([\d, ]+|none) \|/gm)];
  const documented = rows
    .map(([, id = '', checks = '']) => [id, checks === 'none' ? [] : checks.split(', ').map(Number)] as const)
    .filter(([, checks]) => checks.length > 0);
  const cited = Map.groupBy(
    CHECKS.flatMap(({ id, refs }) => refs.map((ref) => ({ id, ref: ref.replace('ASVS ', '') }))),
    ({ ref }) => ref,
  );
  const concerns = /^(3|4|6|7|9|10|11|13)\.\d+\.\d+$/;
  const expected = [...cited].filter(([ref]) => concerns.test(ref)).map(([ref, all]) => [ref, all.map(({ id }) => id)]);
  expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(expected));
});

it('docs/settings.md has every setting of a server with its default', () => {
  const rows = [...read('docs/settings.md').matchAll(/^\| `(\w+)` \| ([^|]+) \| [^|]+ \|$/gm)];
  const documented = Object.fromEntries(rows.map(([, name = '', value = '']) => [name, value]));
  const { secureCookies: _, ...settings } = DEFAULT_SETTINGS;
  const shown = (value: unknown) =>
    value === null || (Array.isArray(value) && value.length === 0) ? 'none' : String(value);
  const defaults = Object.entries(settings).map(([name, value]) => [name, shown(value)]);
  expect(documented).toEqual(Object.fromEntries(defaults));
  expect(Object.keys(documented).toSorted()).toEqual(Object.keys(ServerSettings.properties).toSorted());
});

it('docs/settings.md has every environment variable that a command or a server reads', () => {
  const files = globSync('{cli,bench,core,regression,servers,containers,target}/**/*.{ts,js}', { cwd: ROOT }).filter(
    (path) => !/\.test\.ts$|\/testing\//.test(path),
  );
  const named = files.flatMap((path) =>
    [...read(path).matchAll(/\benv\.([A-Z][A-Z0-9_]+)\b|'((?:TOLLGATE|TARGET)_[A-Z_]+)'/g)].map(
      ([, own, constant]) => own ?? constant ?? '',
    ),
  );
  const page = read('docs/settings.md');
  const missing = [...new Set(named)].filter((name) => !SET_BY_OTHERS.includes(name) && !page.includes(`\`${name}\``));
  expect(named).toContain('TARGET_PASSWORD');
  expect(missing).toEqual([]);
});

it('docs/package.md names every command that needs a checkout', () => {
  const [, sentence = ''] =
    /^These commands work on the repository itself: ([\s\S]*?)\./m.exec(read('docs/package.md')) ?? [];
  const named = [...sentence.matchAll(/`([\w:]+)`/g)].map(([, name]) => name);
  // compare works on folders too, and asks later.
  const expected = COMMANDS.filter(({ name, needsCheckout }) => needsCheckout || name === 'compare');
  expect(named.toSorted()).toEqual(expected.map(({ name }) => name).toSorted());
});
