/** A clone of this checkout that a test may break: a separate repository, so that nothing of it reaches ours. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const KEPT = [
  'bench',
  'cli',
  'core',
  'regression',
  'target',
  'servers',
  'scripts',
  'reports',
  'package.json',
  'package-lock.json',
  '.npmrc',
];

export interface Clone {
  readonly directory: string;
  readonly cli: string;
  /** Where its commands put their temporary files. */
  readonly temporary: string;
  git(...args: string[]): string;
  /** Replaces text that must be present. */
  patch(file: string, from: string, to: string): void;
  /** Commits everything. @returns the commit */
  commit(message: string): string;
  remove(): void;
}

/** The current files, in one commit; packages are shared with this checkout. */
export function makeClone(): Clone {
  const root = mkdtempSync(join(tmpdir(), 'tollgate-test-clone-'));
  const directory = join(root, 'clone');
  const temporary = mkdtempSync(join(root, 'tmp-'));
  // No command of a clone runs its tests, and every file is copied, committed and checked out again.
  const filter = (path: string) => !path.endsWith('.test.ts');
  for (const name of KEPT) cpSync(join(ROOT, name), join(directory, name), { recursive: true, filter });
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
      cwd: directory,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  writeFileSync(join(directory, '.gitignore'), 'node_modules\n');
  git('init', '--quiet', '--initial-branch=main');
  const commit = (message: string) => {
    git('add', '--all');
    git('commit', '--quiet', '--message', message);
    return git('rev-parse', 'HEAD');
  };
  commit('The first');
  return {
    directory,
    cli: join(directory, 'cli/main.ts'),
    temporary,
    git,
    patch: (file, from, to) => {
      const path = join(directory, file);
      const text = readFileSync(path, 'utf8');
      if (!text.includes(from)) throw new Error(`${file} does not contain ${from}: fix the test`);
      writeFileSync(path, text.replace(from, to));
    },
    commit,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
