/**
 * Several hosts on one machine: network namespaces on a bridge, each with its own address, sshd and cache. They share the
 * file system and the processors. Needs root, iproute2 and OpenSSH's server.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listenersIn, processesIn } from './proc.ts';

const SSHD = '/usr/sbin/sshd';

const ip = (...args: readonly string[]) => execFileSync('ip', args, { encoding: 'utf8', stdio: 'pipe' });

/** @returns one line that says why they are impossible here; null if they are possible */
export function namespacesMissing(): string | null {
  if (process.getuid?.() !== 0) return 'namespaces need root';
  if (!existsSync(SSHD)) return `there is no ${SSHD}: npm run setup -- sshd`;
  const name = `tg${process.pid}-try`;
  try {
    ip('netns', 'add', name);
    ip('netns', 'del', name);
    return null;
  } catch (error) {
    return `namespaces cannot be made: ${error instanceof Error ? error.message.split('\n')[0] : error}`;
  }
}

/** Whether this kernel can delay packets. */
export function canDelay(): boolean {
  const name = `tg${process.pid}-net`;
  ip('netns', 'add', name);
  try {
    ip('netns', 'exec', name, 'tc', 'qdisc', 'replace', 'dev', 'lo', 'root', 'netem', 'delay', '1ms');
    return true;
  } catch {
    return false;
  } finally {
    ip('netns', 'del', name);
  }
}

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

function removeNamespace(name: string): void {
  for (const pid of processesIn(name)) kill(pid);
  ip('netns', 'del', name);
}

/** Removes what killed tests have left: names contain the number of their process. */
export function removeStale(): void {
  const namespaces = ip('netns', 'list')
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '');
  for (const name of namespaces) {
    const pid = /^tg(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) removeNamespace(name);
  }
  for (const [, name = '', pid] of ip('-o', 'link', 'show').matchAll(/^\d+: (tg(\d+)br)[:@]/gm))
    if (!isAlive(Number(pid))) ip('link', 'del', name);
}

export interface TestHost {
  readonly name: string;
  readonly address: string;
  /** The folder in which it keeps the package. */
  readonly cache: string;
  /** Command lines of all its processes except those of its sshd. */
  processes(): string[];
  /** TCP listening addresses, except that of its sshd; one entry per socket. */
  listeners(): string[];
  /** Kills its processes whose command lines match. */
  kill(command: RegExp): void;
  /** Runs a command there as root. */
  run(program: string, ...args: readonly string[]): string;
  /** Disconnects its network cable. */
  cut(): void;
  reconnect(): void;
  /** Delays everything that it sends. */
  delay(ms: number): void;
  /** Drops packets to an address, as a firewall does. */
  drop(address: string): void;
  /** Limits the space for the package; existing files are hidden. */
  fill(megabytes: number): void;
}

export interface Network {
  readonly hosts: readonly TestHost[];
  /** An ssh configuration file with these hosts. */
  readonly sshConfig: string;
  /** For files of a test; removed with the network. */
  readonly folder: string;
  /** The address of this machine on the bridge. */
  readonly here: string;
  /** Tollgate processes on any of them. */
  left(): string[];
  remove(): void;
}

interface Started extends TestHost {
  /** Its sshd, whose file systems the host sees. */
  daemon: ChildProcess | null;
}

function host(name: string, index: number, address: string, folder: string): Started {
  const namespace = `tg${process.pid}-${index}`;
  const cable = `tg${process.pid}v${index}`;
  const run = (program: string, ...args: readonly string[]) => {
    const inside = ['--target', String(host.daemon?.pid), '--net', '--mount', program, ...args];
    return execFileSync('nsenter', inside, { encoding: 'utf8', stdio: 'pipe' });
  };
  const commandOf = (pid: number) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
    } catch {
      return '';
    }
  };
  const host: Started = {
    daemon: null,
    name,
    address,
    cache: join(folder, `cache-${name}`),
    processes: () =>
      processesIn(namespace)
        .map(commandOf)
        .filter((command) => command !== '' && !/sshd/.test(command)),
    listeners: () => ['tcp', 'tcp6'].flatMap((kind) => listenersIn(`/proc/${host.daemon?.pid}/net/${kind}`)),
    kill: (command) => {
      for (const pid of processesIn(namespace)) if (command.test(commandOf(pid))) kill(pid);
    },
    run,
    cut: () => void ip('link', 'set', cable, 'down'),
    reconnect: () => void ip('link', 'set', cable, 'up'),
    delay: (ms) => void run('tc', 'qdisc', 'replace', 'dev', 'eth0', 'root', 'netem', 'delay', `${ms}ms`),
    drop: (other) => void run('ip', 'route', 'add', 'blackhole', `${other}/32`),
    fill: (megabytes) => void run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', host.cache),
  };
  return host;
}

/** A network of 16 addresses in the range for benchmarks (RFC 2544), which no real network uses. */
const PREFIX = 28;

/** Concurrent networks may not share an address, so each process has its own block: there are 8,192. */
function addressesOf(pid: number): (index: number) => string {
  const first = 16 * (pid % 8_192);
  return (index) => [198, 18 + (first >> 16), (first >> 8) % 256, (first % 256) + index].join('.');
}

/** Makes one host for each name, at most 13. @throws Error if an sshd does not start in time */
export async function makeNetwork(names: readonly string[]): Promise<Network> {
  if (names.length > 13) throw new Error(`${names.length} hosts are more than a network has addresses for`);
  removeStale();
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-test-hosts-'));
  const addressOf = addressesOf(process.pid);
  const bridge = `tg${process.pid}br`;
  const here = addressOf(14);
  const hosts = names.map((name, i) => host(name, i, addressOf(i + 1), folder));
  const remove = () => {
    for (const { daemon } of hosts) daemon?.kill('SIGKILL');
    for (const [i] of names.entries()) {
      const name = `tg${process.pid}-${i}`;
      if (existsSync(`/run/netns/${name}`)) removeNamespace(name);
    }
    if (existsSync(`/sys/class/net/${bridge}`)) ip('link', 'del', bridge);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    mkdirSync('/run/sshd', { recursive: true });
    const key = join(folder, 'key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    ip('link', 'add', bridge, 'type', 'bridge');
    ip('addr', 'add', `${here}/${PREFIX}`, 'dev', bridge);
    ip('link', 'set', bridge, 'up');
    for (const [i, made] of hosts.entries()) {
      const { address, cache } = made;
      const namespace = `tg${process.pid}-${i}`;
      const cable = `tg${process.pid}v${i}`;
      ip('netns', 'add', namespace);
      ip('link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
      ip('link', 'set', cable, 'master', bridge, 'up');
      ip('-n', namespace, 'addr', 'add', `${address}/${PREFIX}`, 'dev', 'eth0');
      for (const device of ['lo', 'eth0']) ip('-n', namespace, 'link', 'set', device, 'up');
      mkdirSync(cache);
      made.daemon = startSshd(namespace, made, folder);
    }
    const known = hosts.map(({ name, address }) => {
      const [type, text] = readFileSync(join(folder, `host-${name}.pub`), 'utf8').split(' ');
      return `${address} ${type} ${text}`;
    });
    writeFileSync(join(folder, 'known'), `${known.join('\n')}\n`);
    const sshConfig = join(folder, 'ssh-config');
    writeFileSync(
      sshConfig,
      [
        ...hosts.map(({ name, address }) => `Host ${name}\n  HostName ${address}`),
        'Host *',
        '  User root',
        `  IdentityFile ${key}`,
        '  IdentitiesOnly yes',
        `  UserKnownHostsFile ${join(folder, 'known')}`,
        '  GlobalKnownHostsFile /dev/null',
        '',
      ].join('\n'),
    );
    await Promise.all(hosts.map(({ address }) => reachable(address)));
    const left = () => hosts.flatMap((each) => each.processes().map((command) => `${each.name}: ${command}`));
    return { hosts, sshConfig, folder, here, left, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function startSshd(namespace: string, { name, address, cache }: TestHost, folder: string): ChildProcess {
  const hostKey = join(folder, `host-${name}`);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', hostKey]);
  const config = join(folder, `sshd-${name}`);
  writeFileSync(
    config,
    [
      `ListenAddress ${address}:22`,
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${join(folder, 'key.pub')}`,
      'PidFile none',
      'UsePAM no',
      'StrictModes no',
      'PasswordAuthentication no',
      'PermitRootLogin prohibit-password',
      `SetEnv XDG_CACHE_HOME=${cache}`,
      '',
    ].join('\n'),
  );
  return spawn('ip', ['netns', 'exec', namespace, SSHD, '-D', '-e', '-f', config], { stdio: 'ignore' });
}

const UP_WITHIN_MS = 20_000;

async function reachable(address: string): Promise<void> {
  for (const until = performance.now() + UP_WITHIN_MS; performance.now() < until; ) {
    const isUp = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: address, port: 22, timeout: 500 });
      const end = (up: boolean) => {
        socket.destroy();
        resolve(up);
      };
      socket.once('connect', () => end(true));
      for (const event of ['error', 'timeout']) socket.once(event, () => end(false));
    });
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no sshd answers at ${address}`);
}
