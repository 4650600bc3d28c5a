/** A report file, and a Chromium that opens it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { findChromium } from '../../bench/processes/programs.ts';
import type { Run } from '../../core/results/schema.ts';
import { writeReport } from '../../reports/build.ts';

export interface ReportInChromium {
  readonly browser: Browser;
  /** The URL of the page. */
  readonly address: string;
  /** Stops Chromium and removes the report. */
  close(): Promise<void>;
}

/** @throws Error if there is no Chromium */
export async function reportInChromium(run: Run): Promise<ReportInChromium> {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error('No Chromium on the PATH: install it, or set CHROMIUM_PATH.');
  const folder = await mkdtemp(join(tmpdir(), 'tollgate-test-report-'));
  const [page = ''] = await writeReport(folder, run, null);
  // Chromium's sandbox does not start for root, and containers often run tests as root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = await chromium.launch({ executablePath, args });
  return {
    browser,
    address: pathToFileURL(page).href,
    async close() {
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Opens a report, and waits until its scripts run. */
export async function openReport(page: Page, address: string, hasScripts = true): Promise<void> {
  await page.goto(address);
  if (!hasScripts) return;
  await page.locator('body > .tip').waitFor({ state: 'attached' });
  await page.locator('#what-if[hidden]').waitFor({ state: 'detached' });
}
