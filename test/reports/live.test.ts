/** The live page in a real browser: it follows a growing journal, and axe finds no violation. */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findChromium } from '../../bench/processes/programs.ts';
import { describeArms } from '../../bench/run/arms.ts';
import { LiveServer } from '../../cli/watch/server.ts';
import { Watch } from '../../cli/watch/watch.ts';
import { afterLine, recordedLines } from '../support/watching/live-run.ts';
import { faultsByAxe } from './axe.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-test-live-'));
const folder = join(root, 'run');
const journal = join(folder, 'journal.jsonl');
const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');
/** Started so long ago that its second experiment is in progress. */
const LINES = recordedLines(75);
const TOLL_ENDED = afterLine(LINES, 'experiment-ended');

let browser: Browser;
let live: LiveServer;
let watch: Watch;

beforeAll(async () => {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error('No Chromium on the PATH: install it, or set CHROMIUM_PATH.');
  // Chromium's sandbox does not start for root, and containers often run tests as root.
  browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
  live = await LiveServer.listen(0);
  watch = new Watch({
    directory: folder,
    results: root,
    arms: await describeArms(),
    everySeconds: 0.001,
    isSeen: () => live.hasReaders,
    onLook: () => live.tellParts(),
    onFigures: () => live.tellFigures(),
  });
  live.show(watch);
});
afterAll(async () => {
  await browser?.close();
  await live?.close();
  await watch?.stop();
  rmSync(root, { recursive: true, force: true });
});

test('the page waits for a run, follows it while it measures, and shows its figures and its end', {
  timeout: 120_000,
}, async () => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const asked: string[] = [];
  const wrong: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  page.on('console', (message) => (message.type() === 'error' ? wrong.push(message.text()) : undefined));
  page.on('pageerror', (error) => wrong.push(error.message));
  await page.goto(live.address);
  const status = page.locator('#status');
  await expect.poll(() => status.textContent(), { timeout: 20_000 }).toMatch(/^Waiting for a run to begin in /);

  mkdirSync(folder);
  writeFileSync(journal, text(LINES.slice(0, 1)));
  await expect.poll(() => status.textContent(), { timeout: 20_000 }).toBe('Running security checks before the load.');
  // The last line is incomplete, as a reader may find it.
  const [head, half] = [text(LINES.slice(1, TOLL_ENDED + 20)), LINES[TOLL_ENDED + 20] ?? ''];
  appendFileSync(journal, head + half.slice(0, 40));
  await expect.poll(() => status.textContent(), { timeout: 20_000 }).toBe('The run is in progress: scale.');
  const rows = page.locator('#progress tbody tr');
  expect(await rows.locator('td:nth-child(3)').allTextContents()).toEqual(['done', 'under way', 'to come']);
  // Figures of completed experiments, with their intervals, in the table and charts of the report.
  await page.locator('#figures figure').first().waitFor({ timeout: 60_000 });
  const toll = page.locator('#figures tbody tr', { has: page.locator('code', { hasText: /^session-redis$/ }) }).first();
  expect(await toll.locator('td i').first().textContent()).toMatch(/\[[\d.]+–[\d.]+\]/);
  expect(await page.locator('#chart-toll .wide svg.chart').isVisible()).toBe(true);
  expect(await page.locator('#chart-toll-explained').count()).toBe(0);

  for (const [width, colorScheme] of [
    [1280, 'light'],
    [390, 'dark'],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    expect(await faultsByAxe(page, width, colorScheme)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  }

  appendFileSync(journal, `${half.slice(40)}\n${text(LINES.slice(TOLL_ENDED + 21))}`);
  await expect.poll(() => status.textContent(), { timeout: 20_000 }).toMatch(/^The run ended /);
  await page.locator('#chart-toll-explained').waitFor({ timeout: 60_000 });
  expect(await page.locator('#flagged').textContent()).not.toContain('cannot be read');

  const report = await browser.newPage();
  await report.goto(`${live.address}report`);
  expect(await report.locator('h2').first().textContent()).toBeTruthy();
  expect(asked.every((url) => url.startsWith(live.address))).toBe(true);
  expect(wrong).toEqual([]);
  await page.close();
});
