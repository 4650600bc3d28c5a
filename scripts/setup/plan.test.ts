import { describe, expect, it } from 'vitest';
import { MANAGER_NAMES, type ManagerName } from './managers.ts';
import { type Manager, plan, type Step } from './plan.ts';

const nothing = { redis: null, chromium: null, wrk: null, valgrind: null, postgres: null, kubectl: null, sshd: null };
const install = { mayInstall: true };
const root = (name: ManagerName): Manager => ({ name, privilege: 'root' });

function wordsOf(steps: readonly Step[]): string[] {
  return steps.flatMap((step) => {
    if (step.kind === 'refresh') return [[step.command.program, ...step.command.args].join(' ')];
    if (step.kind === 'install') {
      return step.attempts.map(({ install: command }) => [command.program, ...command.args].join(' '));
    }
    return [];
  });
}

describe('plan', () => {
  it('has no steps if everything is installed', () => {
    const found = {
      redis: '/usr/bin/redis-server',
      chromium: '/usr/bin/chromium',
      wrk: '/usr/bin/wrk',
      valgrind: '/usr/bin/valgrind',
      postgres: '/usr/lib/postgresql/15/bin/postgres',
      kubectl: '/usr/bin/kubectl',
      sshd: '/usr/sbin/sshd',
    };
    expect(
      plan(['redis', 'chromium', 'wrk', 'valgrind', 'postgres', 'kubectl', 'sshd'], found, root('apt-get'), install),
    ).toEqual([]);
  });

  it('ignores programs that were not requested', () => {
    expect(plan(['redis'], { ...nothing, redis: '/bin/redis-server' }, root('apt-get'), install)).toEqual([]);
  });

  it.each<[ManagerName, string[]]>([
    [
      'apt-get',
      [
        'apt-get update -q -o DPkg::Lock::Timeout=120 -o Acquire::Retries=2',
        'apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=120 -o Acquire::Retries=2 redis-server',
        'apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=120 -o Acquire::Retries=2 valkey-server',
      ],
    ],
    [
      'dnf',
      [
        'dnf install -y -q --setopt=install_weak_deps=False redis',
        'dnf install -y -q --setopt=install_weak_deps=False valkey',
      ],
    ],
    ['yum', ['yum install -y -q redis', 'yum install -y -q valkey']],
    ['apk', ['apk add -q --no-cache --wait 120 redis', 'apk add -q --no-cache --wait 120 valkey']],
    [
      'pacman',
      ['pacman -Sy --noconfirm', 'pacman -S --noconfirm --needed valkey', 'pacman -S --noconfirm --needed redis'],
    ],
    [
      'zypper',
      [
        'zypper --non-interactive --quiet install --no-recommends redis',
        'zypper --non-interactive --quiet install --no-recommends valkey',
      ],
    ],
    ['brew', ['brew install redis', 'brew install valkey']],
  ])('installs Redis with %s', (name, commands) => {
    expect(wordsOf(plan(['redis'], nothing, root(name), install))).toEqual(commands);
  });

  it('knows a package for every need in every manager', () => {
    for (const name of MANAGER_NAMES) {
      const steps = plan(['redis', 'chromium', 'wrk', 'valgrind'], nothing, root(name), install);
      const needs = steps.flatMap((step) => (step.kind === 'install' ? [step.need] : []));
      expect(needs, name).toEqual(['redis', 'chromium', 'wrk', 'valgrind']);
    }
  });

  it('refreshes the package lists once, before all installs, and ignores duplicates', () => {
    const steps = plan(['chromium', 'redis', 'chromium'], nothing, root('apt-get'), install);
    expect(steps.map((step) => step.kind)).toEqual(['refresh', 'install', 'install']);
  });

  it('says in one line what it installs, how and why', () => {
    const [, step] = plan(['redis'], nothing, root('apt-get'), install);
    expect(step).toMatchObject({ line: 'installing redis-server with apt-get (needed for sessions; done once)' });
  });

  it('uses sudo, and env for variables that sudo would clear, if it is not root', () => {
    const steps = plan(['wrk'], nothing, { name: 'apt-get', privilege: 'sudo' }, install);
    for (const words of wordsOf(steps)) {
      expect(words).toMatch(
        /^sudo -n env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 PREVLEVEL=N apt-get (update|install) /,
      );
    }
    expect(steps).toHaveLength(2);
  });

  it('never runs Homebrew through sudo', () => {
    const steps = plan(['wrk'], nothing, { name: 'brew', privilege: 'sudo' }, install);
    expect(wordsOf(steps)).toEqual(['brew install wrk']);
  });

  it('stops the service that apt starts with Redis, and none for other managers', () => {
    const services = (name: ManagerName, need: 'redis' | 'wrk' | 'postgres' | 'sshd') =>
      plan([need], nothing, root(name), install).flatMap((step) =>
        step.kind === 'install' ? step.attempts.map(({ stopService }) => stopService?.args.join(' ') ?? null) : [],
      );
    expect(services('apt-get', 'redis')).toEqual([
      'disable --now --quiet redis-server.service',
      'disable --now --quiet valkey-server.service',
    ]);
    expect(services('apt-get', 'postgres')).toEqual(['disable --now --quiet postgresql.service']);
    expect(services('apt-get', 'sshd')).toEqual(['disable --now --quiet ssh.service']);
    expect(services('apt-get', 'wrk')).toEqual([null]);
    expect(services('dnf', 'redis')).toEqual([null, null]);
  });

  it('installs nothing without permission, and prints what the user could type', () => {
    const steps = plan(['redis'], nothing, { name: 'dnf', privilege: 'none' }, install);
    expect(steps).toEqual([
      {
        kind: 'missing',
        need: 'redis',
        hint: 'no Redis or Valkey server found (needed for sessions): run "sudo dnf install redis", or set REDIS_URL to one that runs',
      },
    ]);
  });

  it('installs nothing if that is forbidden, or there is no package manager', () => {
    const kinds = (manager: Manager | null, mayInstall: boolean) =>
      plan(['redis', 'chromium'], nothing, manager, { mayInstall }).map((step) => step.kind);
    expect(kinds(root('apt-get'), false)).toEqual(['missing', 'missing']);
    expect(kinds(null, true)).toEqual(['missing', 'missing']);
  });

  it('reports a wrong CHROMIUM_PATH instead of installing another one', () => {
    const options = { mayInstall: true, faults: { chromium: 'CHROMIUM_PATH is wrong' } };
    expect(plan(['chromium'], nothing, root('apt-get'), options)).toEqual([
      { kind: 'missing', need: 'chromium', hint: 'CHROMIUM_PATH is wrong' },
    ]);
  });
});
