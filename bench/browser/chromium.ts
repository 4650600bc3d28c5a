/** Starts a real Chromium headless in its own profile, drives it over a pipe, and stops it with the run. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterEnding, environmentError, messageOf } from '../../core/errors.ts';
import { killGroup } from '../processes/ending.ts';
import { findChromium } from '../processes/programs.ts';
import { PIPES, transportOver } from './pipe.ts';

const START_TIMEOUT_MS = 20_000;
const INSTALL = 'install chromium (npm run setup -- chromium), or set CHROMIUM_PATH to one';

export type ThirdPartyCookies = 'allowed' | 'blocked';

/**
 * Sets the handling of third-party cookies explicitly: some builds allow them (Chrome) and some do not (Debian's), and the
 * result must not depend on the build.
 */
function preferencesFor(cookies: ThirdPartyCookies) {
  const isBlocking = cookies === 'blocked';
  return { profile: { block_third_party_cookies: isBlocking, cookie_controls_mode: Number(isBlocking) } };
}

/**
 * Turns off the browser's own traffic as far as possible, and resolves only our host names: nothing may leave the machine. The
 * sandbox does not start for root, as which containers often run.
 */
function argumentsFor(profile: string): string[] {
  return [
    '--headless=new',
    PIPES.argument,
    `--user-data-dir=${profile}`,
    '--host-resolver-rules=MAP *.localhost 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    '--no-first-run',
    '--no-default-browser-check',
    '--no-proxy-server',
    // The certificate is made for the run, so no authority has signed it.
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

/** A socket's path may have 107 bytes, and Chromium adds 45 to its directory. */
const LONGEST_TEMPORARY = 62;

/** Puts temporary files into the profile, which is removed; a killed Chromium would leave them in the system's directory. */
function environmentFor(profile: string): NodeJS.ProcessEnv {
  return Buffer.byteLength(profile) > LONGEST_TEMPORARY ? process.env : { ...process.env, TMPDIR: profile };
}

export interface RunningBrowser {
  readonly browser: Browser;
  /** For example `Chromium 156.0.8078.79`. */
  readonly version: string;
  stop(): Promise<void>;
}

export interface BrowserEnvironment {
  readonly watch: (child: ChildProcess) => void;
  readonly watchDirectory: (path: string) => void;
}

/** @throws TollgateError (environment) if Chromium is not found, or does not start */
export async function startChromium(
  environment: BrowserEnvironment,
  cookies: ThirdPartyCookies,
): Promise<RunningBrowser> {
  const path = findChromium();
  if (path === null) {
    const chosen = process.env.CHROMIUM_PATH;
    if (chosen)
      throw environmentError(`CHROMIUM_PATH is ${chosen}, which is not an executable file`, 'correct or unset it');
    throw environmentError('Chromium not found (the browser experiment needs it)', INSTALL);
  }
  const profile = mkdtempSync(join(tmpdir(), 'tollgate-browser-'));
  environment.watchDirectory(profile);
  mkdirSync(join(profile, 'Default'));
  writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify(preferencesFor(cookies)));
  const child = spawn(path, argumentsFor(profile), {
    detached: true,
    env: environmentFor(profile),
    stdio: [...PIPES.stdio],
  });
  environment.watch(child);
  const stop = async () => {
    await end(child);
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    // Loaded here, so that other commands do not wait for it.
    const { chromium } = await import('playwright-core');
    const connecting = chromium.connectOverCDP(transportOver(child), { timeout: START_TIMEOUT_MS });
    const browser = await Promise.race([connecting, endOf(child)]);
    return { browser, version: `Chromium ${browser.version()}`, stop };
  } catch (error) {
    const failure = environmentError(`${path} does not start as a headless browser: ${messageOf(error)}`, INSTALL);
    throw await afterEnding(failure, stop);
  }
}

/** Rejects when the browser exits, with its last output: one that cannot start does not respond. */
function endOf(child: ChildProcess): Promise<never> {
  const ended = new Promise<never>((_, reject) => {
    let output = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-4000);
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      const last = output.trim().split('\n').at(-1) ?? '';
      reject(
        new Error(`it ended with ${signal ?? `exit code ${code}`}${last === '' ? '' : `: ${last.slice(0, 200)}`}`),
      );
    });
  });
  // It also ends after it has started, when nothing waits for this promise any more.
  ended.catch(() => {});
  return ended;
}

/** Ends the whole process group, since renderers and helpers are children of the browser. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  killGroup(child);
  await exit;
}
