/** How long a reader waits for the what-if panel: a median, so that one stall of the machine does not decide. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findChromium } from '../../bench/browser/chromium.ts';
import { knownRun } from '../../core/advise/testing/known-run.ts';
import { writeReport } from '../../reports/build.ts';

const LONGEST_MS = 30;
const FRAGMENT = '#what-if:clients=mobile,prices=30+200+0.05,p99Ms=20';

let folder: string;
let browser: Browser;
let address: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tollgate-what-if-timing-'));
  const [page = ''] = await writeReport(folder, knownRun(), null);
  address = pathToFileURL(page).href;
  // Chromium's sandbox does not start for root, as which containers often run tests.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const executablePath = findChromium();
  if (executablePath === null) throw new Error('No Chromium on the PATH: install it, or set CHROMIUM_PATH.');
  browser = await chromium.launch({ executablePath, args });
});

afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

test('answers a move of eighteen arms, prices and a limit within 30 ms', async () => {
  const page = await browser.newPage({ viewport: { width: 1024, height: 900 } });
  await page.goto(address + FRAGMENT);
  const times = await page.locator('#what-if-requestsPerSecond').evaluate((control) => {
    const found: number[] = [];
    for (let step = 0; step < 30; step++) {
      Object.assign(control, { value: String(step) });
      const start = performance.now();
      control.dispatchEvent(new Event('input', { bubbles: true }));
      // Layout is part of the answer.
      control.getBoundingClientRect();
      found.push(performance.now() - start);
    }
    return found.sort((a, b) => a - b);
  });
  expect(times[15]).toBeLessThan(LONGEST_MS);
  await page.close();
});
