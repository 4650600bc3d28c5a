/** The browser experiment in a real Chromium with real servers: what it is known to protect, and what not. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Factors, Figure, Run } from '../../core/results/schema.ts';

const CLI = new URL('../../cli/main.ts', import.meta.url).pathname;
const ARMS = 'session-redis,jwt-hs256,jwt-cookie,jwt-dpop';
let folder: string;
/** That of the run, short enough for socket paths. */
let temporary: string;
let run: Run;

interface Ended {
  readonly code: number | null;
  readonly errors: string;
}

function bench(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, 'bench', ...args], {
      // The link to the latest run goes here, not into the checkout.
      cwd: folder,
      env: { ...process.env, TOLLGATE_NO_INSTALL: '1', NO_COLOR: '1', ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, errors }));
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tollgate-test-browser-'));
  temporary = await mkdtemp(join(tmpdir(), 'tg-'));
  const out = join(folder, 'run');
  // More time than it takes on any machine: it ends by itself after its round.
  const args = ['--experiments', 'browser', '--arms', ARMS, '--budget', '1h', '--out', out];
  const { code, errors } = await bench(args, { TMPDIR: temporary });
  expect(errors, `exit ${code}`).not.toMatch(/^tollgate: /m);
  expect(code).toBe(0);
  run = JSON.parse(await readFile(join(out, 'run.json'), 'utf8')) as Run;
});

afterAll(async () => {
  for (const each of [folder, temporary]) await rm(each, { recursive: true, force: true });
});

it('leaves no temporary files behind', () => {
  expect(readdirSync(temporary)).toEqual([]);
});

function attacks(arm: string, factors: Factors): Figure[] {
  return run.figures.filter(
    (figure) =>
      figure.arm === arm &&
      figure.metric === 'attack_succeeded' &&
      Object.entries(factors).every(([name, level]) => figure.factors[name] === level),
  );
}

/** The only outcome: whether it succeeded, and what stopped it. */
function outcome(arm: string, factors: Factors): [number, unknown] {
  const found = attacks(arm, { third_party_cookies: 'allowed', bodies: 'forms', ...factors });
  expect(found, JSON.stringify(factors)).toHaveLength(1);
  return [found[0]?.value ?? Number.NaN, found[0]?.factors.stopped_by];
}

const cookie = { storage: 'httponly-cookie' };

describe('a script in the page', () => {
  it.each(['local-storage', 'session-storage', 'readable-cookie'])('reads a token from %s', (storage) => {
    expect(outcome('jwt-hs256', { attack: 'script-reads-storage', storage })).toEqual([1, 'nothing']);
  });

  it('does not find a token in a closure, but intercepts it with the next call of the page', () => {
    expect(outcome('jwt-hs256', { attack: 'script-reads-storage', storage: 'memory' })).toEqual([0, 'closure']);
    expect(outcome('jwt-hs256', { attack: 'script-listens-in', storage: 'memory' })).toEqual([1, 'nothing']);
  });

  it('reads a key-bound token, which is useless outside the page', () => {
    const reads = [
      { attack: 'script-reads-storage', storage: 'local-storage' },
      { attack: 'script-listens-in', storage: 'memory' },
    ];
    for (const read of reads) {
      expect(outcome('jwt-dpop', read)).toEqual([0, 'key of the client']);
      // The page itself signs any request that it is made to send.
      expect(outcome('jwt-dpop', { ...read, attack: 'script-uses-page' })).toEqual([1, 'nothing']);
    }
  });

  it.each(['session-redis', 'jwt-cookie'])('cannot read the cookie of %s, and does not need to', (arm) => {
    for (const attack of ['script-reads-storage', 'script-listens-in'])
      expect(outcome(arm, { attack, ...cookie, same_site: 'lax' })).toEqual([0, 'HttpOnly']);
    expect(outcome(arm, { attack: 'script-uses-page', ...cookie, same_site: 'lax' })).toEqual([1, 'nothing']);
  });
});

describe('a page of another site', () => {
  const from = { origin: 'cross-site', ...cookie };

  it.each(['lax', 'strict'])('cannot make a transfer against SameSite=%s', (same_site) => {
    for (const attack of ['form-post', 'fetch-form'])
      expect(outcome('session-redis', { attack, ...from, same_site, csrf: 'off' })).toEqual([0, 'SameSite']);
  });

  it('makes the transfer with SameSite=None, unless there is a CSRF token or only JSON is accepted', () => {
    for (const attack of ['form-post', 'fetch-form']) {
      const same_site = 'none';
      expect(outcome('session-redis', { attack, ...from, same_site, csrf: 'off' })).toEqual([1, 'nothing']);
      expect(outcome('session-redis', { attack, ...from, same_site, csrf: 'on' })).toEqual([0, 'CSRF token']);
      const json = { attack, ...from, same_site, csrf: 'off', bodies: 'json' };
      expect(outcome('session-redis', json)).toEqual([0, 'JSON only']);
    }
  });

  it('is blocked by the browser with JSON, which needs a preflight', () => {
    for (const same_site of ['unset', 'none', 'lax', 'strict'])
      expect(outcome('session-redis', { attack: 'fetch-json', ...from, same_site, csrf: 'off' })).toEqual([0, 'CORS']);
  });

  it('gets no cookie if third-party cookies are blocked, except with a form that navigates', () => {
    const blocked = { ...from, same_site: 'none', csrf: 'off', third_party_cookies: 'blocked' };
    const stopped = [0, 'third-party cookies blocked'];
    expect(outcome('session-redis', { ...blocked, attack: 'fetch-form' })).toEqual(stopped);
    expect(outcome('session-redis', { ...blocked, attack: 'form-post' })).toEqual([1, 'nothing']);
  });

  it('gets no token', () => {
    const attack = { attack: 'form-post', origin: 'cross-site', storage: 'memory' };
    expect(outcome('jwt-hs256', attack)).toEqual([0, 'no credential by itself']);
  });
});

describe('a page of another host of the same site', () => {
  it.each(['unset', 'none', 'lax', 'strict'])('makes the transfer against SameSite %s', (same_site) => {
    const attack = { attack: 'form-post', origin: 'same-site', ...cookie, same_site, csrf: 'off' };
    expect(outcome('session-redis', attack)).toEqual([1, 'nothing']);
  });

  it('is stopped by the CSRF token', () => {
    const attack = { attack: 'form-post', origin: 'same-site', ...cookie, same_site: 'lax', csrf: 'on' };
    expect(outcome('session-redis', attack)).toEqual([0, 'CSRF token']);
    expect(outcome('jwt-cookie', attack)).toEqual([0, 'CSRF token']);
  });
});

it('reports which pages of other origins may call the API', () => {
  const works = (arm: string, factors: Factors) =>
    run.figures.find(
      (figure) =>
        figure.arm === arm &&
        figure.metric === 'cross_origin_works' &&
        figure.factors.third_party_cookies === 'allowed' &&
        Object.entries(factors).every(([name, level]) => figure.factors[name] === level),
    )?.value;
  const origin = 'cross-site';
  expect(works('jwt-hs256', { origin, cors: 'listed' })).toBe(1);
  expect(works('jwt-hs256', { origin, cors: 'not-listed' })).toBe(0);
  expect(works('session-redis', { origin, cors: 'listed', same_site: 'lax' })).toBe(0);
  expect(works('session-redis', { origin, cors: 'listed', same_site: 'none' })).toBe(1);
  expect(works('session-redis', { origin, cors: 'not-listed', same_site: 'none' })).toBe(0);
  expect(works('session-redis', { origin: 'same-site', cors: 'listed', same_site: 'strict' })).toBe(1);
});

it('reports a missing Chromium in one line, with the right exit code', async () => {
  const out = join(folder, 'without');
  const args = ['--experiments', 'browser,toll', '--arms', 'none,jwt-hs256', '--budget', '2s', '--out', out];
  const { code, errors } = await bench(args, { CHROMIUM_PATH: '/nowhere/chromium' });
  expect(code, errors).toBe(3);
  expect(errors.match(/^.*CHROMIUM_PATH is \/nowhere\/chromium.*$/gm)).toHaveLength(1);
  const kept = JSON.parse(await readFile(join(out, 'run.json'), 'utf8')) as Run;
  expect(kept.figures.some(({ experiment }) => experiment === 'toll')).toBe(true);
});

/** Command lines of all processes that contain this path. */
function processesWith(path: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
      } catch {
        // It has ended.
        return [];
      }
    })
    .filter((line) => line.includes(path));
}

it('leaves no browser and no profile behind, however the run ends', async () => {
  const temporary = await mkdtemp(join(folder, 'tmp-'));
  const args = ['--experiments', 'browser', '--arms', 'jwt-hs256', '--budget', '1h', '--out', join(folder, 'killed')];
  const child = spawn(process.execPath, [CLI, 'bench', ...args], {
    cwd: folder,
    env: { ...process.env, TOLLGATE_NO_INSTALL: '1', NO_COLOR: '1', TMPDIR: temporary },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await new Promise<void>((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes('round 1, ')) resolve();
    });
    child.once('exit', () => resolve());
  });
  const profile = join(temporary, 'tollgate-browser-');
  expect(processesWith(profile).length).toBeGreaterThan(1);
  child.kill('SIGKILL');
  await vi.waitFor(
    () => {
      expect(processesWith(profile)).toEqual([]);
      expect(readdirSync(temporary).filter((name) => name.startsWith('tollgate-'))).toEqual([]);
    },
    { timeout: 20_000 },
  );
});
