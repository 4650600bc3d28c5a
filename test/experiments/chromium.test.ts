/** A real Chromium as experiments start it: no other process can reach it. */
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningBrowser, startChromium } from '../../bench/browser/chromium.ts';
import { Janitor } from '../../bench/processes/janitor.ts';

let janitor: Janitor;
let running: RunningBrowser;
let temporary: string;
const before = process.env.TMPDIR;

beforeAll(async () => {
  temporary = mkdtempSync(join(tmpdir(), 'tg-'));
  process.env.TMPDIR = temporary;
  janitor = await Janitor.start();
  running = await startChromium(
    { watch: (child) => janitor.watch(child), watchDirectory: (path) => janitor.watchDirectory(path) },
    'allowed',
  );
});

afterAll(async () => {
  await running.stop();
  await janitor.finish();
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  rmSync(temporary, { recursive: true, force: true });
});

/** Inodes of the sockets of processes with this profile. */
function socketsOf(profile: string): Set<string> {
  /** A process or a file may have disappeared. */
  const tried = <T>(read: () => T[]): T[] => {
    try {
      return read();
    } catch {
      return [];
    }
  };
  const own = readdirSync('/proc').filter(
    (pid) =>
      /^\d+$/.test(pid) &&
      tried(() => [readFileSync(`/proc/${pid}/cmdline`, 'utf8')])
        .join()
        .includes(profile),
  );
  const inodes = own.flatMap((pid) =>
    tried(() => readdirSync(`/proc/${pid}/fd`)).flatMap((fd) => tried(() => [readlinkSync(`/proc/${pid}/fd/${fd}`)])),
  );
  return new Set(inodes.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []));
}

/** Inodes of all listening TCP sockets (state 0A in /proc/net/tcp). */
function listening(): string[] {
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .flatMap((fields) => (fields[3] === '0A' ? (fields[9] ?? []) : [])),
  );
}

it('can be driven, and listens on no port', async () => {
  const [context] = running.browser.contexts();
  const page = context?.pages()[0] ?? (await context?.newPage());
  expect(await page?.evaluate('6 * 7')).toBe(42);
  const profile = readdirSync(temporary).find((name) => name.startsWith('tollgate-browser-')) ?? 'none';
  const own = socketsOf(profile);
  expect(own.size).toBeGreaterThan(0);
  expect(listening().filter((inode) => own.has(inode))).toEqual([]);
  expect(readdirSync(join(temporary, profile))).not.toContain('DevToolsActivePort');
});

it('has a profile that only its user can read', () => {
  const profile = readdirSync(temporary).find((name) => name.startsWith('tollgate-browser-')) ?? 'none';
  expect(statSync(join(temporary, profile)).mode & 0o077).toBe(0);
});
