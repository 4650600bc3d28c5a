/** What is compared with what: merge bases, checkouts of all kinds, packages and identical builds. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CompareReport } from '../../regression/compare/report.ts';
import { ARMS } from '../../servers/arms.ts';
import { startBench } from '../support/bench-process.ts';
import { comparisons } from '../support/comparisons.ts';

const { askTwice, clone, leftovers, run, startWith } = comparisons();

/** Copies the clone's repository, with packages. @returns its folder */
function checkout(...args: string[]): string {
  const folder = mkdtempSync(join(clone().temporary, 'checkout-'));
  rmSync(folder, { recursive: true });
  execFileSync('git', ['clone', '--quiet', ...args, `file://${clone().directory}`, folder]);
  symlinkSync(join(clone().directory, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

const runIn = (folder: string, env: Record<string, string>, ...args: string[]) =>
  startBench(args, { TMPDIR: clone().temporary, ...env }, folder, join(folder, 'cli/main.ts')).ended;

describe('the merge base', () => {
  it('excludes commits of others from the comparison of a pull request', async () => {
    const { git, commit } = clone();
    git('checkout', '--quiet', '-b', 'pull');
    writeFileSync(join(clone().directory, 'README.md'), 'changed\n');
    commit('Change the README alone');
    git('checkout', '--quiet', '-b', 'target', 'main');
    askTwice();
    commit('Ask twice, on the target');
    // What a workflow checks out: the target's later commit merged with the pull request.
    git('checkout', '--quiet', '--detach', 'target');
    git('merge', '--quiet', '--no-edit', 'pull');
    const { code, stdout } = await run('compare', '--base-of', 'target');
    expect(stdout).toMatch(/base \(\w+ Ask twice, on the target\)[\s\S]*identical/);
    expect(code).toBe(0);
    for (const branch of ['pull', 'target']) git('branch', '--quiet', '-D', branch);
  });

  it('names the necessary fetch if the clone is too shallow', async () => {
    const { git, commit, patch } = clone();
    git('checkout', '--quiet', '-b', 'other', 'main');
    patch('servers/http/burn.ts', 'export ', '// Elsewhere.\nexport ');
    commit('Go elsewhere');
    git('checkout', '--quiet', '-b', 'own', 'main');
    patch('servers/http/burn.ts', 'export ', '// Here.\nexport ');
    commit('Go here');
    const folder = checkout('--depth', '1', '--no-single-branch', '--branch', 'own');
    const shallow = await runIn(folder, {}, 'compare', '--base-of', 'origin/other');
    expect(shallow.stderr).toMatch(
      /--base-of: this clone is too shallow to hold the merge base[\s\S]*--unshallow.*fetch-depth: 0/,
    );
    expect(shallow.code).toBe(2);
    const unknown = await runIn(folder, {}, 'bisect', '--good', 'origin/other');
    expect(unknown.stderr).toMatch(
      /--good is not an ancestor of --bad, as far as this shallow clone reaches\n.*--unshallow/,
    );
    expect(unknown.code).toBe(2);
    const missing = await runIn(folder, {}, 'compare', '--base', 'main~3');
    expect(missing.stderr).toMatch(/"main~3" is neither[\s\S]*this clone is shallow: git fetch --unshallow/);
    git('checkout', '--quiet', '--force', 'main');
    for (const branch of ['other', 'own']) git('branch', '--quiet', '-D', branch);
  });

  it('cannot be combined with a base, and requires a head', async () => {
    const both = await run('compare', '--base', 'HEAD', '--base-of', 'main');
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('--base and --base-of cannot be combined') });
    const folder = await run('compare', '--base-of', 'main', '--head', clone().directory);
    expect(folder).toMatchObject({ code: 2, stderr: expect.stringMatching(/--base-of needs a commit to judge/) });
  });
});

describe('identical builds', () => {
  it('are reported as identical without starting anything', async () => {
    const [markdown, junit] = [join(clone().temporary, 'i.md'), join(clone().temporary, 'i.xml')];
    writeFileSync(join(clone().directory, 'README.md'), 'changed\n');
    const { code, stdout } = await run('compare', '--base', 'HEAD', '--markdown', markdown, '--junit', junit);
    expect(stdout).toMatch(/identical: there is nothing to compare/);
    expect(stdout).toContain('--anyway');
    expect(code).toBe(0);
    expect(readFileSync(markdown, 'utf8')).toContain('## Tollgate: identical');
    expect(readFileSync(junit, 'utf8')).toMatch(/tests="1" failures="0" errors="0" skipped="0"/);
    rmSync(join(clone().directory, 'README.md'));
  });

  it('have all their arms, and --seconds for each, with --arms all', async () => {
    const { code, stdout } = await run('compare', '--base', 'HEAD', '--arms', 'all', '--seconds', '2s', '--json');
    expect(code).toBe(0);
    const { asked } = JSON.parse(stdout) as CompareReport;
    expect(asked.arms.toSorted()).toEqual(ARMS.map(({ info }) => info.name).toSorted());
    expect(asked.budgetSeconds).toBe(2 * asked.arms.length);
  });

  it('are measured on request', async () => {
    const { code, stdout } = await run('compare', '--base', 'HEAD', '--anyway', '--arms', 'none', '--guards-only');
    expect(stdout).toMatch(/redis_commands_per_request +0 +same/);
    expect(code).toBe(0);
  });
});

describe('packages', () => {
  it('are refused if they differ from the lock file', async () => {
    const { directory, git } = clone();
    const lock = JSON.parse(readFileSync(join(directory, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { version: string }>;
    };
    const fastify = lock.packages['node_modules/fastify'];
    if (fastify) fastify.version = '5.0.0';
    writeFileSync(join(directory, 'package-lock.json'), JSON.stringify(lock));
    const { code, stderr } = await run('compare', '--base', 'HEAD');
    expect(stderr).toMatch(
      /head \(the working tree\) has other packages than its package-lock\.json: fastify 5\.\d+\.\d+ is installed, and the lock file names 5\.0\.0/,
    );
    expect(stderr).toMatch(/run npm ci/);
    expect(code).toBe(3);
    git('checkout', '--quiet', '--force', 'main');
    expect(leftovers()).toEqual([]);
  });
});

describe('errors of git', () => {
  const compare = (env: Record<string, string>, ...args: string[]) => startWith(env, 'compare', ...args).ended;

  it('are shown with a matching hint', async () => {
    const owned = await compare(
      { GIT_TEST_ASSUME_DIFFERENT_OWNER: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
      '--base',
      'HEAD',
    );
    expect(owned).toMatchObject({ code: 2, stderr: expect.stringMatching(/dubious ownership[\s\S]*safe\.directory/) });
    const gitless = await compare({ PATH: clone().temporary }, '--base', 'HEAD');
    expect(gitless).toMatchObject({ code: 2, stderr: expect.stringMatching(/ENOENT[\s\S]*install git/) });
    // In a translation of git, if it is installed.
    const translated = await compare(
      { GIT_TEST_ASSUME_DIFFERENT_OWNER: '1', LC_ALL: 'de_DE.UTF-8', LANGUAGE: 'de' },
      '--base',
      'HEAD',
    );
    expect(translated.stderr).toMatch(/safe\.directory/);
  });

  it('name the remote’s branch if only that exists, as in a detached checkout', async () => {
    const folder = checkout();
    execFileSync('git', ['checkout', '--quiet', '--detach'], { cwd: folder });
    execFileSync('git', ['branch', '--quiet', '-D', 'main'], { cwd: folder });
    const { code, stderr } = await runIn(folder, {}, 'compare', '--base', 'main');
    expect(stderr).toMatch(/"main" is neither[\s\S]*did you mean origin\/main\?/);
    expect(code).toBe(2);
    expect(await runIn(folder, {}, 'compare', '--base', 'origin/main')).toMatchObject({ code: 0 });
  });

  it('name the branch if a folder has the same name', async () => {
    clone().git('branch', 'deploy');
    const deploy = join(clone().directory, 'deploy');
    mkdirSync(deploy);
    const { code, stderr } = await run('compare', '--base', 'deploy');
    expect(stderr).toMatch(/deploy has no servers[\s\S]*refs\/heads\/deploy/);
    expect(code).toBe(2);
    expect(await run('compare', '--base', 'refs/heads/deploy')).toMatchObject({ code: 0 });
    rmSync(deploy, { recursive: true });
    clone().git('branch', '--quiet', '-D', 'deploy');
  });

  it('say how to restore a submodule or worktree whose repository is missing', async () => {
    const folder = checkout();
    rmSync(join(folder, '.git'), { recursive: true });
    writeFileSync(join(folder, '.git'), 'gitdir: ../.git/modules/tollgate\n');
    const submodule = await runIn(folder, {}, 'compare', '--base', 'HEAD');
    expect(submodule).toMatchObject({ code: 2, stderr: expect.stringMatching(/git submodule update --init/) });
    writeFileSync(join(folder, '.git'), 'gitdir: /gone/.git/worktrees/tollgate\n');
    const worktree = await runIn(folder, {}, 'compare', '--base', 'HEAD');
    expect(worktree).toMatchObject({ code: 2, stderr: expect.stringMatching(/git worktree repair/) });
  });
});

describe('a checkout', () => {
  it('may be a worktree, a submodule, or a folder of a larger repository', async () => {
    const { git, temporary } = clone();
    const worktree = join(temporary, 'worktree');
    git('worktree', 'add', '--quiet', '--detach', worktree);
    symlinkSync(join(clone().directory, 'node_modules'), join(worktree, 'node_modules'));
    expect(await runIn(worktree, {}, 'compare', '--base', 'HEAD')).toMatchObject({ code: 0 });
    git('worktree', 'remove', '--force', worktree);

    const outer = mkdtempSync(join(temporary, 'outer-'));
    const gitOuter = (...args: string[]) =>
      execFileSync(
        'git',
        ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'protocol.file.allow=always', ...args],
        { cwd: outer, stdio: 'pipe' },
      );
    gitOuter('init', '--quiet');
    gitOuter('submodule', '--quiet', 'add', `file://${clone().directory}`, 'sub');
    symlinkSync(join(clone().directory, 'node_modules'), join(outer, 'sub/node_modules'));
    expect(await runIn(join(outer, 'sub'), {}, 'compare', '--base', 'HEAD')).toMatchObject({ code: 0 });
    rmSync(join(outer, 'sub'), { recursive: true });

    const inner = join(outer, 'packages/tollgate');
    cpSync(clone().directory, inner, {
      recursive: true,
      filter: (path) => !path.endsWith('/.git') && !path.endsWith('/node_modules'),
    });
    gitOuter('add', 'packages');
    gitOuter('commit', '--quiet', '--message', 'Both');
    symlinkSync(join(clone().directory, 'node_modules'), join(inner, 'node_modules'));
    expect(await runIn(inner, {}, 'compare', '--base', 'HEAD')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/base \(\w+ Both\)[\s\S]*identical/),
    });
    renameSync(join(outer, 'packages'), join(outer, 'modules'));
    const moved = await runIn(join(outer, 'modules/tollgate'), {}, 'compare', '--base', 'HEAD');
    expect(moved).toMatchObject({ code: 2, stderr: expect.stringMatching(/has no folder modules\/tollgate/) });
  });

  it('is that of the working directory, even if a git hook names another repository', async () => {
    const elsewhere = mkdtempSync(join(clone().temporary, 'elsewhere-'));
    execFileSync('git', ['init', '--quiet'], { cwd: elsewhere });
    const hook = { GIT_DIR: join(elsewhere, '.git'), GIT_INDEX_FILE: join(elsewhere, '.git/index') };
    expect(await startWith(hook, 'compare', '--base', 'HEAD').ended).toMatchObject({ code: 0 });
  });
});
