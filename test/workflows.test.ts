/** Workflows, the action and images: what they run is pinned, and no job that runs packages has write access. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '..');
const WORKFLOWS = join(ROOT, '.github/workflows');

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly 'working-directory'?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const files = readdirSync(WORKFLOWS);
const read = (file: string) => parse(readFileSync(join(WORKFLOWS, file), 'utf8')) as Workflow;
const action = parse(readFileSync(join(ROOT, 'action.yml'), 'utf8')) as {
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly steps: Step[] };
};
const runsPackages = ({ steps }: Job) => steps.some(({ run, uses }) => run?.includes('npm ') === true || uses === './');

describe.each(files)('%s', (file) => {
  const { permissions, jobs } = read(file);

  it('pins actions of others by commit', () => {
    const used = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []));
    expect(used.filter((name) => !name.startsWith('./') && !/@[0-9a-f]{40}$/.test(name))).toEqual([]);
  });

  it('has write access to the repository only where only git runs', () => {
    expect(permissions.contents).toBe('read');
    for (const { permissions: own, steps } of Object.values(jobs)) {
      if (own?.contents !== 'write') continue;
      const lines = steps.flatMap(({ run }) => (run ?? '').split('\n').filter((line) => line.trim() !== ''));
      const others = lines.filter((line) => !/^\s*git /.test(line));
      expect(others.filter((line) => !/^ci\/[a-z-]+\.sh /.test(line))).toEqual([]);
      for (const [script = ''] of others.map((line) => line.split(' ')))
        expect(readFileSync(join(ROOT, script), 'utf8')).not.toMatch(/\b(?:npm|npx|node)\b/);
    }
  });

  it('may write nothing in a job that runs packages', () => {
    expect(Object.values(permissions)).not.toContain('write');
    const running = Object.values(jobs).filter(runsPackages);
    expect(running.flatMap(({ permissions: own }) => Object.values(own ?? {}))).not.toContain('write');
  });

  it('leaves no credential in the checkout of a job that runs packages', () => {
    const checkouts = Object.values(jobs)
      .filter(runsPackages)
      .flatMap(({ steps }) => steps.filter(({ uses }) => uses?.startsWith('actions/checkout@') === true));
    expect(checkouts.filter((step) => step.with?.['persist-credentials'] !== false)).toEqual([]);
  });
});

it('takes every image of others at one exact version', () => {
  const ours = ['tollgate-replica', 'tollgate-bench'];
  const list = execFileSync('git', ['ls-files', '*Dockerfile', '*.yml', '*.yaml'], { cwd: ROOT, encoding: 'utf8' });
  const images = list
    .split('\n')
    .flatMap((file) => (file === '' ? [] : imagesOf(readFileSync(join(ROOT, file), 'utf8'))));
  const others = images.filter((image) => !ours.includes(image));
  expect(others.length).toBeGreaterThanOrEqual(8);
  expect(others.filter((image) => !/^[a-z/]+:\d+\.\d+\.\d+(?:-[a-z0-9.-]+)?$/.test(image))).toEqual([]);
});

/** The images that a Dockerfile or a YAML file names, except its own stages. */
function imagesOf(text: string): string[] {
  const values = new Map([...text.matchAll(/^ARG (\w+)=(.+)$/gm)].map(([, name = '', value = '']) => [name, value]));
  const stages = [...text.matchAll(/^FROM \S+ AS (\S+)/gm)].map(([, name]) => name);
  // The last is a patch of kustomize.
  return [...text.matchAll(/(?:^FROM|^ *(?:- )?image:|\/image\n *value:) +(\S+)/gm)]
    .map(([, image = '']) => image.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => values.get(name) ?? ''))
    .filter((image) => !stages.includes(image));
}

it('the action passes on everything that its comparison tells', () => {
  const { run = '' } = action.runs.steps[0] ?? {};
  const told = [...new Set([...run.matchAll(/echo "(\w+)=/g)].map(([, name]) => name))];
  expect(Object.keys(action.outputs).toSorted()).toEqual(told.toSorted());
  for (const [name, { value }] of Object.entries(action.outputs))
    expect(value).toBe(`\${{ steps.compare.outputs.${name} }}`);
});

describe('the comparison of the action', () => {
  const step = action.runs.steps.find(({ env }) => env !== undefined && 'BASE' in env);
  const NOTHING = {
    CONFIRM: '',
    RATES: '',
    CONFIRM_OF: '',
    BASE: '',
    BASE_OF: '',
    HEAD: '',
    ARMS: '',
    METRIC: '',
    CONFIG: '',
    GUARDS_ONLY: 'false',
  };

  /** Runs the step with a fake `npm` that records its arguments. */
  function ran(env: Record<string, string>, hasTollgate = true) {
    const folder = mkdtempSync(join(tmpdir(), 'tollgate-test-action-'));
    try {
      if (hasTollgate) {
        for (const name of ['node_modules', 'cli']) mkdirSync(join(folder, name));
        writeFileSync(join(folder, 'cli/main.ts'), '');
      }
      writeFileSync(
        join(folder, 'npm'),
        '#!/bin/sh\nprintf "%s\\n" "$@" >"$CALLS"\nprintf "%s" "$REPORT"\nexit "$STATUS"\n',
      );
      chmodSync(join(folder, 'npm'), 0o755);
      const [calls, outputs] = [join(folder, 'calls'), join(folder, 'outputs')];
      writeFileSync(calls, '');
      const { status, stdout } = spawnSync('bash', ['--norc', '-eo', 'pipefail', '-c', step?.run ?? 'exit 9'], {
        cwd: folder,
        encoding: 'utf8',
        env: {
          ...NOTHING,
          MARGIN: '',
          BUDGET: '',
          REPORT: '',
          STATUS: '0',
          PATH: `${folder}:${process.env.PATH}`,
          CALLS: calls,
          RUNNER_TEMP: folder,
          GITHUB_OUTPUT: outputs,
          GITHUB_STEP_SUMMARY: join(folder, 'summary'),
          ...env,
        },
      });
      return { status, stdout, args: readFileSync(calls, 'utf8').split('\n'), outputs: readFileSync(outputs, 'utf8') };
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it('passes every input as one argument', () => {
    const asked = { BASE_OF: 'origin/main; x', METRIC: 'cpu_us_per_request', CONFIG: 'a b.json', GUARDS_ONLY: 'true' };
    const { status, args, outputs } = ran(asked);
    expect(args).toEqual(
      expect.arrayContaining(['--base-of', 'origin/main; x', '--metric', '--config', 'a b.json', '--guards-only']),
    );
    expect(args).not.toContain('--base');
    expect(outputs).toContain('verdict=passed');
    expect(status).toBe(0);
    expect(ran({ BASE: 'v1' }).args).toEqual(expect.arrayContaining(['--base', 'v1']));
    expect(ran({ BASE: 'v1' }).args).not.toContain('--guards-only');
  });

  it('confirms as configured, from a copy of the first report, and reports whether it was confirmed', () => {
    expect(ran({ BASE: 'v1' }).args.filter((arg) => arg.includes('confirm'))).toEqual([]);
    expect(ran({ BASE: 'v1', CONFIRM: 'false' }).args).toContain('--no-confirm');
    expect(ran({ BASE: 'v1', CONFIRM: 'true' }).args).toContain('--confirm');
    const first = join(mkdtempSync(join(tmpdir(), 'tollgate-test-first-')), 'tollgate-compare.json');
    writeFileSync(first, '{}');
    const { args, outputs } = ran({ CONFIRM_OF: first, CONFIRM: 'false', REPORT: '{"outcome":"not-confirmed"}' });
    expect(args[args.indexOf('--confirm-of') + 1]).toMatch(/tollgate-first\.json$/);
    expect(args).not.toContain('--no-confirm');
    expect(outputs).toContain('confirmed=not-confirmed\n');
    expect(ran({ BASE: 'v1', REPORT: '{"outcome":null}' }).outputs).toContain('confirmed=\n');
    rmSync(dirname(first), { recursive: true });
  });

  it('states the error rates of its machine, which a monthly run keeps beside the history', () => {
    expect(ran({ BASE: 'v1', RATES: 'a b.json' }).args).toEqual(expect.arrayContaining(['--rates', 'a b.json']));
    expect(ran({ BASE: 'v1' }).args).not.toContain('--rates');
    for (const [name, { steps }] of Object.entries(read('compare.yml').jobs)) {
      const used = steps.find(({ uses }) => uses === './');
      if (used === undefined) continue;
      expect(used.with?.rates, name).toBe(`\${{ runner.temp }}/rates.json`);
      const before = steps.slice(0, steps.indexOf(used)).map(({ run }) => run ?? '');
      expect(before.join('\n')).toContain(
        'git show origin/tollgate-history:compare-rates.json >"$RUNNER_TEMP/rates.json"',
      );
    }
    const { measure, keep } = read('rates.yml').jobs;
    expect(measure?.steps.map(({ run }) => run ?? '').join('\n')).toMatch(/aa -- --compare --rates rates\.json/);
    expect(keep?.steps.at(-1)?.run).toBe('ci/keep-history.sh rates.bundle tollgate-history');
  });

  it('calls a comparison regressed only if there is a report that says so', () => {
    const regressed = ran({ BASE: 'v1', STATUS: '1', REPORT: '{"outcome":null}' });
    expect(regressed.outputs).toContain('verdict=regressed\n');
    expect(regressed.status).toBe(1);
    // A server died, git failed: exit code 1, and nothing on standard output.
    const died = ran({ BASE: 'v1', STATUS: '1' });
    expect(died.outputs).toContain('verdict=failed\n');
    expect(died.status).toBe(1);
    expect(ran({ BASE: 'v1', STATUS: '2' }).outputs).toContain('verdict=failed\n');
  });

  it('lets a second runner repeat what failed on the first', () => {
    const { compare, confirm } = read('compare.yml').jobs as unknown as Record<
      string,
      { readonly if?: string; readonly needs?: string; readonly steps: readonly (Step & Record<string, unknown>)[] }
    >;
    const [first, second] = [compare, confirm].map((job) => job?.steps.find(({ uses }) => uses === './'));
    expect(first).toMatchObject({ 'continue-on-error': true, with: { confirm: 'false' } });
    expect(confirm).toMatchObject({ needs: 'compare', if: "needs.compare.outputs.verdict == 'regressed'" });
    expect(second?.with?.['confirm-of']).toMatch(/first\/tollgate-compare\.json$/);
    expect(second).not.toHaveProperty('continue-on-error');
    expect(compare?.steps.find(({ run }) => run === 'exit 1')).toMatchObject({
      if: "steps.compare.outputs.verdict == 'failed'",
    });
  });

  it('runs in the folder that the workflow names, and reports one without Tollgate', () => {
    expect(step?.['working-directory']).toMatch(/^\$\{\{ inputs\.path \}\}$/);
    const { status, stdout, outputs } = ran({ BASE: 'v1' }, false);
    expect(stdout).toMatch(/^::error title=Tollgate::.*set the input path, and run npm ci/);
    expect(outputs).toContain('verdict=failed');
    expect(status).toBe(3);
  });

  it('uses the merge base for a pull request', () => {
    const steps = Object.values(read('compare.yml').jobs).flatMap((job) => job.steps);
    const used = steps.find(({ uses }) => uses === './');
    expect(used?.with).toMatchObject({ 'base-of': expect.stringMatching(/^origin\/\$\{\{ github\.base_ref \}\}$/) });
    expect(used?.with).not.toHaveProperty('base');
    const checkout = steps.find(({ uses }) => uses?.startsWith('actions/checkout@'));
    expect(checkout?.with?.['fetch-depth']).toBe(0);
  });
});

it('the example for GitLab compares with the merge base too', () => {
  const { compare } = parse(readFileSync(join(ROOT, 'ci/gitlab-ci.yml'), 'utf8')) as Record<
    string,
    { script: string[] }
  >;
  expect(compare?.script.join('\n')).toMatch(
    /git fetch origin "\$CI_MERGE_REQUEST_TARGET_BRANCH_NAME"\n.*--base-of FETCH_HEAD /,
  );
});

describe('the history of a nightly run', () => {
  const ENV = {
    ...process.env,
    ...Object.fromEntries(
      ['GIT_AUTHOR', 'GIT_COMMITTER'].flatMap((who) => [
        [`${who}_NAME`, 't'],
        [`${who}_EMAIL`, 't@example.org'],
      ]),
    ),
  };

  /** A remote and two clones whose history has one line; the first clone has a bundle with another line and a page. */
  function writers() {
    const folder = mkdtempSync(join(tmpdir(), 'tollgate-test-keep-'));
    const git = (where: string, ...args: string[]) =>
      execFileSync('git', args, { cwd: join(folder, where), encoding: 'utf8', env: ENV, stdio: 'pipe' }).trim();
    const commit = (where: string, files: Readonly<Record<string, string>>) => {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, where, name), text);
      git(where, 'add', '.');
      git(where, 'commit', '--quiet', '-m', 'x');
    };
    git('.', 'init', '--quiet', '--bare', 'remote');
    git('.', 'clone', '--quiet', 'remote', 'other');
    git('other', 'checkout', '--quiet', '-b', 'kept');
    commit('other', { 'history.jsonl': 'run 1\n', 'index.html': 'page 1\n' });
    git('other', 'push', '--quiet', 'origin', 'kept');
    for (const name of ['nightly', 'keep']) git('.', 'clone', '--quiet', '--no-checkout', 'remote', name);
    git('nightly', 'checkout', '--quiet', 'kept');
    commit('nightly', { 'history.jsonl': 'run 1\nrun 2\n', 'index.html': 'page 2\n' });
    git('nightly', 'bundle', 'create', '--quiet', '../history.bundle', 'kept');
    const keep = () =>
      spawnSync(join(ROOT, 'ci/keep-history.sh'), ['../history.bundle', 'kept'], {
        cwd: join(folder, 'keep'),
        encoding: 'utf8',
        env: ENV,
      });
    return { folder, git, commit, keep };
  }

  it('is pushed as it is if nobody else wrote', () => {
    const { folder, git, keep } = writers();
    const { status, stderr } = keep();
    expect(status, stderr).toBe(0);
    expect(git('remote', 'rev-parse', 'kept')).toBe(git('nightly', 'rev-parse', 'kept'));
    expect(git('keep', 'worktree', 'list').split('\n')).toHaveLength(1);
    rmSync(folder, { recursive: true });
  });

  it('keeps the lines of both if somebody else was faster, in old files and in new ones', () => {
    const { folder, git, commit, keep } = writers();
    commit('other', {
      'history.jsonl': 'run 1\naccepted\n',
      'history-0002.jsonl': 'later\n',
      'index.html': 'page A\n',
    });
    git('other', 'push', '--quiet', 'origin', 'kept');
    const { status, stderr } = keep();
    expect(status, stderr).toBe(0);
    const lines = git('remote', 'show', 'kept:history.jsonl').split('\n');
    expect(lines[0]).toBe('run 1');
    expect(lines.slice(1).toSorted()).toEqual(['accepted', 'run 2']);
    expect(git('remote', 'show', 'kept:history-0002.jsonl')).toBe('later');
    expect(git('remote', 'show', 'kept:index.html')).toBe('page 2');
    rmSync(folder, { recursive: true });
  });

  it('fails at once if the remote refuses it for another reason', () => {
    const { folder, git, keep } = writers();
    writeFileSync(join(folder, 'remote/hooks/pre-receive'), '#!/bin/sh\necho too large >&2\nexit 1\n', { mode: 0o755 });
    const { status, stderr } = keep();
    expect(status).toBe(1);
    expect(stderr.match(/too large/g)).toHaveLength(1);
    expect(git('remote', 'rev-parse', 'kept')).toBe(git('other', 'rev-parse', 'kept'));
    rmSync(folder, { recursive: true });
  });
});

describe('the comment on a pull request', () => {
  const mark = '<!-- tollgate-compare -->';

  /** Runs the script with a fake `gh` that lists these comments. @returns the arguments of its write */
  function written(
    comments: readonly { id: number; user: { login: string }; body: string }[],
    reports = ['body.md'],
  ): string {
    const folder = mkdtempSync(join(tmpdir(), 'tollgate-test-action-'));
    try {
      const rows = comments.map(({ id, user, body }) => [id, user.login, body.split('\n')[0]].join('\t')).join('\n');
      writeFileSync(join(folder, 'rows'), `${rows}\n`);
      writeFileSync(join(folder, 'body.md'), `${mark}\nnew`);
      const gh = 'case "$*" in *--method*) echo "$*" >>"$CALLS" ;; *) cat "$ROWS" ;; esac';
      writeFileSync(join(folder, 'gh'), `#!/bin/sh\n${gh}\n`);
      chmodSync(join(folder, 'gh'), 0o755);
      const calls = join(folder, 'calls');
      writeFileSync(calls, '');
      execFileSync(
        join(ROOT, 'ci/comment.sh'),
        reports.map((name) => join(folder, name)),
        {
          env: {
            PATH: `${folder}:${process.env.PATH}`,
            ROWS: join(folder, 'rows'),
            CALLS: calls,
            REPOSITORY: 'a/b',
            NUMBER: '7',
            AUTHOR: 'github-actions[bot]',
          },
        },
      );
      return readFileSync(calls, 'utf8');
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it('replaces its own comment, and never a similar one of somebody else', () => {
    const theirs = { id: 1, user: { login: 'somebody' }, body: `${mark}\nold` };
    const other = { id: 2, user: { login: 'github-actions[bot]' }, body: 'another tool' };
    const ours = { id: 3, user: { login: 'github-actions[bot]' }, body: `${mark}\nold` };
    expect(written([theirs, other, ours])).toMatch(/--method PATCH repos\/a\/b\/issues\/comments\/3 /);
    expect(written([theirs, other])).toMatch(/--method POST repos\/a\/b\/issues\/7\/comments /);
  });

  it('replaces its own comment on the first of many pages, and reads the others to their end', () => {
    const ours = { id: 3, user: { login: 'github-actions[bot]' }, body: `${mark}\nold` };
    const theirs = { id: 4, user: { login: 'somebody' }, body: 'a long discussion' };
    // Far more than a pipe holds: a reader that ended early would end gh by SIGPIPE, and the script with it.
    const many = [ours, ...Array.from({ length: 20_000 }, () => theirs), { ...ours, id: 5 }];
    expect(written(many)).toMatch(/--method PATCH repos\/a\/b\/issues\/comments\/3 /);
  });

  it('is the last report that is there, or none', () => {
    expect(written([], ['body.md', 'absent.md'])).toMatch(/body=@\S+\/body\.md /);
    expect(written([], ['absent.md'])).toBe('');
  });

  it('is made by the script where the action is asked for it, and in a job of its own here', () => {
    const step = action.runs.steps.find(({ env }) => env !== undefined && 'GH_TOKEN' in env);
    expect(step?.run).toBe('"$GITHUB_ACTION_PATH/ci/comment.sh" "$MARKDOWN"');
    const { comment, ...others } = read('compare.yml').jobs;
    expect(comment?.steps.at(-1)?.run).toMatch(/^ci\/comment\.sh /);
    const uploaded = Object.values(others).flatMap(({ steps }) => steps.map((one) => String(one.with?.path ?? '')));
    for (const job of ['compare', 'confirm']) expect(uploaded.join('\n')).toContain(`steps.${job}.outputs.markdown`);
  });
});
