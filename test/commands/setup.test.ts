import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const MAIN = join(import.meta.dirname, '../..', 'cli', 'main.ts');
const REDIS_VERSION = 'Redis server v=7.0.0 sha=00000000:0 malloc=libc bits=64 build=0';

/** A folder that is the whole PATH: a program outside it cannot be found. */
let bin: string;
let log: string;

beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), 'tollgate-setup-test-'));
  log = join(bin, 'calls.log');
});
afterEach(() => rmSync(bin, { recursive: true, force: true }));

/** Puts a shell script on the fake PATH. It may use only built-in commands of sh, or full paths. */
function program(name: string, body: string): void {
  const path = join(bin, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
}

function start(words: readonly string[], env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [MAIN, 'setup', ...words], {
    // TMPDIR separates the lock of this test from that of a real setup.
    env: { PATH: bin, TMPDIR: bin, HOME: bin, LOG: log, BIN: bin, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function finish(child: ChildProcess) {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

const setup = (words: readonly string[], env: Record<string, string> = {}) => finish(start(words, env));
const calls = (): string[] => (existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : []);

/** An apt-get that records its calls and, if asked to install redis-server, creates one that prints a version. */
const APT_GET = `echo "$DEBIAN_FRONTEND $RUNLEVEL $*" >> "$LOG"
for last; do :; done
if [ "$1" = install ] && [ "$last" = redis-server ]; then
  printf '#!/bin/sh\\necho "${REDIS_VERSION}"\\n' > "$BIN/redis-server"
  /bin/chmod 755 "$BIN/redis-server"
fi`;

/** Puts an apt-get on the fake PATH, and a sudo that keeps the user, for when the tests do not run as root. */
function installer(body: string): void {
  program('apt-get', body);
  program('sudo', '[ "$2" = env ] || exit 1; shift 2; exec /usr/bin/env "$@"');
}

describe('npm run setup', () => {
  it('installs nothing if everything is present, and says where it is', async () => {
    program('valkey-server', 'echo called >> "$LOG"');
    installer(APT_GET);
    const path = join(bin, 'valkey-server');
    expect(await setup(['redis'])).toEqual({ code: 0, stdout: '', stderr: `redis is present: ${path}\n` });
    expect(calls()).toEqual([]);
  });

  it('checks for Redis if nothing is named', async () => {
    const { code, stderr } = await setup([]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^setup: no Redis or Valkey server found .*\n$/);
  });

  it('needs no server if REDIS_URL names one, and does not repeat the URL', async () => {
    const { code, stdout } = await setup(['redis', '--json'], { REDIS_URL: 'redis://:hunter2@localhost:1' });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ needs: [{ need: 'redis', status: 'present', where: 'REDIS_URL' }] });
  });

  it('installs what is missing, in one line, after one refresh, without starting a service', async () => {
    installer(APT_GET);
    const { code, stdout, stderr } = await setup(['redis', '--json']);
    expect(stderr).toBe('setup: installing redis-server with apt-get (needed for sessions; done once)\n');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      needs: [{ need: 'redis', status: 'installed', where: join(bin, 'redis-server') }],
    });
    expect(calls().map((call) => call.split(' ').slice(0, 3).join(' '))).toEqual([
      'noninteractive 1 update',
      'noninteractive 1 install',
    ]);
    expect(calls().at(-1)).toMatch(/ --no-install-recommends .* redis-server$/);
  });

  it('installs once if two run at the same time', async () => {
    installer(APT_GET);
    const both = await Promise.all([setup(['redis']), setup(['redis'])]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(calls().filter((call) => call.includes(' install '))).toHaveLength(1);
  });

  it('takes over the lock of a setup that has ended', async () => {
    installer(APT_GET);
    const gone = spawn('/bin/true');
    await once(gone, 'exit');
    writeFileSync(join(bin, `tollgate-setup-${process.getuid?.() ?? -1}.lock`), String(gone.pid));
    expect((await setup(['redis'])).code).toBe(0);
  });

  it('shows what a failing installer said, then one line that says what to do', async () => {
    installer('echo "E: Unable to locate package: $1" >&2; exit 100');
    const { code, stderr } = await setup(['redis']);
    expect(code).toBe(3);
    expect(stderr).toContain('E: Unable to locate package: install');
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
      /^setup: no Redis .* run ".*apt-get install redis-server", or set/,
    );
  });

  it('retries if the installer is blocked by a lock', async () => {
    installer(`if [ "$1" = install ] && [ ! -e "$BIN/tried" ]; then
  : > "$BIN/tried"; echo "E: Could not get lock /var/lib/dpkg/lock-frontend"; exit 100
fi
${APT_GET}`);
    expect(await setup(['redis'])).toMatchObject({ code: 0 });
  });

  it('reports an installer that installs a program which does not run', async () => {
    installer(`${APT_GET}
printf '#!/bin/sh\\necho "cannot open shared object"; exit 127\\n' > "$BIN/redis-server"`);
    const { code, stderr } = await setup(['redis']);
    expect(code).toBe(3);
    expect(stderr).toContain('cannot open shared object');
  });

  it('ends with 3 and one line for each missing thing if there is no package manager', async () => {
    const { code, stdout, stderr } = await setup(['redis', 'chromium', 'wrk', '--json']);
    expect(code).toBe(3);
    expect(stderr.trimEnd().split('\n')).toHaveLength(3);
    expect(JSON.parse(stdout).needs.map((need: { status: string }) => need.status)).toEqual(Array(3).fill('missing'));
  });

  it('only reports what is missing with TOLLGATE_NO_INSTALL=1', async () => {
    installer(APT_GET);
    const { code, stderr } = await setup(['redis'], { TOLLGATE_NO_INSTALL: '1' });
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /^setup: no Redis .* run ".*apt-get install redis-server", or set REDIS_URL to one that runs\n$/,
    );
    expect(calls()).toEqual([]);
  });

  it('reports a CHROMIUM_PATH that does not exist', async () => {
    installer(APT_GET);
    const { code, stderr } = await setup(['chromium'], { CHROMIUM_PATH: '/nowhere/chromium' });
    expect(code).toBe(3);
    expect(stderr).toContain('CHROMIUM_PATH is "/nowhere/chromium"');
    expect(calls()).toEqual([]);
  });

  it('ends with 2 and the nearest name for each unknown word', async () => {
    const { code, stderr } = await setup(['rediss', '--jsn']);
    expect(code).toBe(2);
    expect(stderr).toContain('"rediss": did you mean redis?');
    expect(stderr).toContain('--jsn: did you mean --json?');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('stops the installer on %s, and leaves no lock', async (name) => {
    const pidFile = join(bin, 'installer.pid');
    // Renamed into place, so that a reader always sees the complete number.
    installer(`echo $$ > "$BIN/pid.new"; /bin/mv "$BIN/pid.new" "${pidFile}"; exec /bin/sleep 600`);
    const child = start(['redis']);
    const end = finish(child);
    await appearance(pidFile);
    const pid = Number(readFileSync(pidFile, 'utf8'));
    child.kill(name);
    expect((await end).code).toBe(130);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(existsSync(join(bin, `tollgate-setup-${process.getuid?.() ?? -1}.lock`))).toBe(false);
  });
});

function appearance(path: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(bin, () => check());
    function check(): void {
      if (!existsSync(path)) return;
      watcher.close();
      resolve();
    }
    check();
  });
}

it('accepts wrk, which prints its version and ends with 1', async () => {
  program(
    'apt-get',
    `if [ "$1" = install ]; then
  printf '#!/bin/sh\\necho "wrk 4.1.0 [epoll]"\\nexit 1\\n' > "$BIN/wrk"
  /bin/chmod 755 "$BIN/wrk"
fi`,
  );
  program('sudo', '[ "$2" = env ] || exit 1; shift 2; exec /usr/bin/env "$@"');
  expect((await setup(['wrk'])).code).toBe(0);
});
