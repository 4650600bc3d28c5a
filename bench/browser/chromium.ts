/** A real Chromium: found, started headless in a profile of its own, driven over the DevTools protocol, ended with the run. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { environmentError } from '../../core/errors.ts';
import { findOnPath, isExecutable } from '../processes/executables.ts';

const NAMES = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser'];
const APPLICATIONS = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const START_TIMEOUT_MS = 20_000;
const INSTALL = 'install chromium (npm run setup -- chromium), or set CHROMIUM_PATH to one';

/** @returns null where there is none. `CHROMIUM_PATH` decides alone where it is set. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | null {
  if (env.CHROMIUM_PATH) return isExecutable(env.CHROMIUM_PATH) ? env.CHROMIUM_PATH : null;
  return findOnPath(NAMES, env.PATH ?? '') ?? APPLICATIONS.find(isExecutable) ?? null;
}

export type ThirdPartyCookies = 'allowed' | 'blocked';

/**
 * What a browser does with cookies of third parties is set, not left to it: some builds let them through (Chrome) and
 * some do not (Debian's), and what is measured must not depend on who built it.
 */
function preferencesFor(cookies: ThirdPartyCookies) {
  const isBlocking = cookies === 'blocked';
  return { profile: { block_third_party_cookies: isBlocking, cookie_controls_mode: Number(isBlocking) } };
}

/**
 * Its own traffic is switched off as far as it lets itself be, and every name but ours leads nowhere: nothing here may
 * leave the machine. The sandbox does not start for root, as which containers often run.
 */
function argumentsFor(profile: string): string[] {
  return [
    '--headless=new',
    '--remote-debugging-port=0',
    `--user-data-dir=${profile}`,
    '--host-resolver-rules=MAP *.localhost 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    '--no-first-run',
    '--no-default-browser-check',
    '--no-proxy-server',
    // The certificate is made for the run, and known to nobody else.
    '--ignore-certificate-errors',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-default-apps',
    '--disable-extensions',
    '--disable-sync',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--metrics-recording-only',
    '--password-store=basic',
    '--use-mock-keychain',
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    'about:blank',
  ];
}

/** Of a socket's path the system takes 107 bytes, and Chromium adds 45 to the directory that it puts one in. */
const LONGEST_TEMPORARY = 62;

/** With its temporary files in its profile, which is removed; killed, as it is, it would leave them in the system's. */
function environmentFor(profile: string): NodeJS.ProcessEnv {
  return Buffer.byteLength(profile) > LONGEST_TEMPORARY ? process.env : { ...process.env, TMPDIR: profile };
}

export interface RunningBrowser {
  readonly browser: Browser;
  /** Such as `Chromium 156.0.8078.79`. */
  readonly version: string;
  stop(): Promise<void>;
}

export interface BrowserEnvironment {
  readonly watch: (child: ChildProcess) => void;
  readonly watchDirectory: (path: string) => void;
}

/** @throws TollgateError (environment) where there is none, or it does not start */
export async function startChromium(
  environment: BrowserEnvironment,
  cookies: ThirdPartyCookies,
): Promise<RunningBrowser> {
  const path = findChromium();
  if (path === null) {
    const chosen = process.env.CHROMIUM_PATH;
    if (chosen) throw environmentError(`CHROMIUM_PATH is ${chosen}, which is no program`, 'correct or unset it');
    throw environmentError('the browser experiment needs Chromium, and there is none', INSTALL);
  }
  const profile = mkdtempSync(join(tmpdir(), 'tollgate-browser-'));
  environment.watchDirectory(profile);
  mkdirSync(join(profile, 'Default'));
  writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify(preferencesFor(cookies)));
  const child = spawn(path, argumentsFor(profile), {
    detached: true,
    env: environmentFor(profile),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  environment.watch(child);
  const stop = async () => {
    await end(child);
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const endpoint = await listening(child);
    // Loaded here: nobody else should wait for it.
    const { chromium } = await import('playwright-core');
    const browser = await chromium.connectOverCDP(endpoint, { timeout: START_TIMEOUT_MS });
    return { browser, version: `Chromium ${browser.version()}`, stop };
  } catch (error) {
    await stop();
    throw environmentError(
      `${path} does not start as a headless browser: ${error instanceof Error ? error.message.split('\n', 1)[0] : error}`,
      INSTALL,
    );
  }
}

/** @returns where its DevTools listen */
function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => reject(new Error(`not ready in ${START_TIMEOUT_MS / 1000} s`)), START_TIMEOUT_MS);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-4000);
      const endpoint = /DevTools listening on (ws:\/\/\S+)/.exec(output)?.[1];
      if (endpoint === undefined) return;
      clearTimeout(timer);
      resolve(endpoint);
    });
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      const last = output.trim().split('\n').at(-1) ?? '';
      reject(
        new Error(`it ended with ${signal ?? `exit code ${code}`}${last === '' ? '' : `: ${last.slice(0, 200)}`}`),
      );
    });
  });
}

/** The whole group: renderers and helpers are children of the browser. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  process.kill(-child.pid, 'SIGKILL');
  await exit;
}
