/** Accessibility of the report: axe finds no violation and nothing to review; on paper nothing is cut off or missing. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { replay } from '../../bench/run/replay.ts';
import { readJournal } from '../../core/results/journal.ts';
import { writeReport } from '../../reports/build.ts';
import { sampleRun } from '../../reports/testing/sample-run.ts';
import { AXE, type Finding, faultsByAxe, told } from './axe.ts';
import { openReport, type ReportInChromium, reportInChromium } from './report-in-chromium.ts';

let report: ReportInChromium;

beforeAll(async () => {
  report = await reportInChromium(sampleRun());
});
afterAll(() => report?.close());

async function openAll(page: Page): Promise<void> {
  await page.locator('details').evaluateAll('details => details.forEach(one => { one.open = true })');
}

describe.each([1280, 390])('at %i px, with everything open,', (width) => {
  let page: Page;
  beforeAll(async () => {
    page = await report.browser.newPage({ viewport: { width, height: 900 } });
    await openReport(page, report.address);
    await openAll(page);
    // The open list of arms covers the content below it, which axe takes for hidden text.
    await page.evaluate(`document.getElementById('arm-switch').open = false`);
  });
  afterAll(() => page?.close());

  test.each(['light', 'dark'] as const)('axe finds nothing in %s colours', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    expect(await faultsByAxe(page, width, colorScheme)).toEqual([]);
  });
});

test('the open list of arms adds no faults', async () => {
  const page = await report.browser.newPage({ viewport: { width: 1280, height: 900 } });
  await openReport(page, report.address);
  await page.locator('#arm-switch summary').click();
  await page.evaluate(AXE);
  const found = (await page.evaluate(`axe.run('#arm-switch')`)) as { readonly violations: readonly Finding[] };
  expect(told(found.violations)).toEqual([]);
  await page.close();
});

test('on paper there are no controls, everything is open, and nothing is wider than the page', async () => {
  const page = await report.browser.newPage({ viewport: { width: 718, height: 1000 } });
  await openReport(page, report.address);
  await page.emulateMedia({ media: 'print' });
  for (const control of ['.bar', '.skip', 'button.scale', '.tip']) {
    expect(await page.locator(control).first().isVisible(), control).toBe(false);
  }
  const wide = await page.evaluate(`[...document.querySelectorAll('main table, main svg.chart')]
    .filter(part => part.checkVisibility() && part.getBoundingClientRect().right > innerWidth + 1)
    .map(part => part.closest('section').id + ': ' + part.outerHTML.slice(0, 120))`);
  expect(wide).toEqual([]);
  // Text in collapsed parts is laid out.
  const closed = page.locator('#answer .pairs details:not(.data) .note').first();
  expect((await closed.boundingBox())?.height ?? 0).toBeGreaterThan(10);
  await page.close();
});

test('in forced colours charts and marks stay readable', async () => {
  const page = await report.browser.newPage({
    viewport: { width: 1280, height: 900 },
    forcedColors: 'active',
    colorScheme: 'dark',
  });
  await openReport(page, report.address);
  const colours = await page.evaluate(`(() => {
    const chart = [...document.querySelectorAll('svg.chart')].find(one => one.checkVisibility());
    return [getComputedStyle(chart).backgroundColor, getComputedStyle(chart.querySelector('text[fill="#1b2027"], g[fill="#1b2027"] text')).fill];
  })()`);
  // The chart keeps its colours on its own background, whatever the system's colours are.
  expect(colours).toEqual(['rgb(20, 23, 28)', 'rgb(232, 235, 239)']);
  await page.close();
});

test('a quick run takes at most twelve pages', async () => {
  const quick = await mkdtemp(join(tmpdir(), 'tollgate-sheets-'));
  const recorded = gunzipSync(
    await readFile(new URL('../../reports/testing/recorded/quick.journal.jsonl.gz', import.meta.url)),
  );
  const [file = ''] = await writeReport(quick, replay(readJournal(recorded.toString())), null);
  const page = await report.browser.newPage();
  await openReport(page, pathToFileURL(file).href);
  const pdf = await page.pdf({ format: 'A4', preferCSSPageSize: true });
  const sheets = pdf.toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 0;
  expect(sheets).toBeGreaterThan(2);
  expect(sheets).toBeLessThanOrEqual(12);
  await page.close();
  await rm(quick, { recursive: true, force: true });
});
