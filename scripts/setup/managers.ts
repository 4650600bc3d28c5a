/** The package managers that setup can use, with their names of the required programs. */

export const NEEDS = ['redis', 'chromium', 'wrk', 'valgrind', 'postgres', 'kubectl', 'sshd'] as const;
export type Need = (typeof NEEDS)[number];

export interface NeedInfo {
  readonly title: string;
  readonly why: string;
  /** An alternative that needs no package, or null. */
  readonly otherwise: string | null;
}

export const NEED_INFO: Readonly<Record<Need, NeedInfo>> = {
  redis: {
    title: 'Redis or Valkey server',
    why: 'needed for sessions',
    otherwise: 'set REDIS_URL to one that runs',
  },
  chromium: {
    title: 'Chromium',
    why: 'needed for the browser tests',
    otherwise: 'set CHROMIUM_PATH to a Chrome or Chromium',
  },
  wrk: { title: 'wrk', why: 'needed to cross-check the load generator', otherwise: null },
  valgrind: { title: 'valgrind', why: 'needed to count instructions', otherwise: null },
  postgres: { title: 'PostgreSQL server', why: 'needed for sessions in PostgreSQL', otherwise: null },
  kubectl: { title: 'kubectl', why: 'needed for bench --fleet kubernetes', otherwise: null },
  sshd: { title: 'OpenSSH server', why: 'needed for the tests of several hosts', otherwise: null },
};

export interface ManagerInfo {
  /** Updates the package lists; null if `install` does that itself. */
  readonly refresh: readonly string[] | null;
  readonly install: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** False for Homebrew, which refuses to run as root. */
  readonly needsRoot: boolean;
  /** Whether installing a server package starts it as a system service, which Tollgate does not need. */
  readonly startsServices: boolean;
  /** The package's names, best first; distributions have been moving from Redis to Valkey. */
  readonly packages: Readonly<Record<Need, readonly string[]>>;
}

const APT_PATIENCE = ['-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=2'];

/** In order of preference: on a machine with Homebrew and a system manager, the latter is used. */
export const MANAGERS = {
  'apt-get': {
    refresh: ['update', '-q', ...APT_PATIENCE],
    install: ['install', '-y', '-q', '--no-install-recommends', ...APT_PATIENCE],
    // With RUNLEVEL 1, invoke-rc.d refuses to start the service (sysvinit); systemd is handled afterwards.
    env: { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1', PREVLEVEL: 'N' },
    needsRoot: true,
    startsServices: true,
    packages: {
      redis: ['redis-server', 'valkey-server'],
      chromium: ['chromium'],
      wrk: ['wrk'],
      valgrind: ['valgrind'],
      postgres: ['postgresql'],
      kubectl: ['kubernetes-client'],
      sshd: ['openssh-server'],
    },
  },
  dnf: {
    refresh: null,
    install: ['install', '-y', '-q', '--setopt=install_weak_deps=False'],
    env: {},
    needsRoot: true,
    startsServices: false,
    packages: {
      redis: ['redis', 'valkey'],
      chromium: ['chromium'],
      wrk: ['wrk'],
      valgrind: ['valgrind'],
      postgres: ['postgresql-server'],
      kubectl: ['kubernetes-client'],
      sshd: ['openssh-server'],
    },
  },
  yum: {
    refresh: null,
    install: ['install', '-y', '-q'],
    env: {},
    needsRoot: true,
    startsServices: false,
    packages: {
      redis: ['redis', 'valkey'],
      chromium: ['chromium'],
      wrk: ['wrk'],
      valgrind: ['valgrind'],
      postgres: ['postgresql-server'],
      kubectl: ['kubernetes-client'],
      sshd: ['openssh-server'],
    },
  },
  apk: {
    refresh: null,
    install: ['add', '-q', '--no-cache', '--wait', '120'],
    env: {},
    needsRoot: true,
    startsServices: false,
    packages: {
      redis: ['redis', 'valkey'],
      chromium: ['chromium'],
      wrk: ['wrk'],
      valgrind: ['valgrind'],
      postgres: ['postgresql'],
      kubectl: ['kubectl'],
      sshd: ['openssh-server'],
    },
  },
  pacman: {
    refresh: ['-Sy', '--noconfirm'],
    install: ['-S', '--noconfirm', '--needed'],
    env: {},
    needsRoot: true,
    startsServices: false,
    packages: {
      redis: ['valkey', 'redis'],
      chromium: ['chromium'],
      wrk: ['wrk'],
      valgrind: ['valgrind'],
      postgres: ['postgresql'],
      kubectl: ['kubectl'],
      sshd: ['openssh'],
    },
  },
  zypper: {
    refresh: null,
    install: ['--non-interactive', '--quiet', 'install', '--no-recommends'],
    env: {},
    needsRoot: true,
    startsServices: false,
    packages: {
      redis: ['redis', 'valkey'],
      chromium: ['chromium'],
      wrk: ['wrk'],
      valgrind: ['valgrind'],
      postgres: ['postgresql-server'],
      kubectl: ['kubernetes-client'],
      sshd: ['openssh-server'],
    },
  },
  brew: {
    refresh: null,
    install: ['install'],
    env: { HOMEBREW_NO_ENV_HINTS: '1', HOMEBREW_NO_INSTALL_CLEANUP: '1' },
    needsRoot: false,
    startsServices: false,
    packages: {
      redis: ['redis', 'valkey'],
      chromium: ['chromium'],
      wrk: ['wrk'],
      valgrind: ['valgrind'],
      postgres: ['postgresql@17'],
      kubectl: ['kubernetes-cli'],
      sshd: ['openssh'],
    },
  },
} as const satisfies Record<string, ManagerInfo>;

export type ManagerName = keyof typeof MANAGERS;
export const MANAGER_NAMES = Object.keys(MANAGERS) as ManagerName[];
