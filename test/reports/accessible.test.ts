/** Accessibility of the report: axe finds no violation and nothing to review; on paper nothing is cut off or missing. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { replay } from '../../bench/run/replay.ts';
import type { GateResult } from '../../core/results/gate-schema.ts';
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

test('on paper there are no controls, what is closed stays closed, and nothing is wider than the page', async () => {
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
  const closed = page.locator('#answer .pairs details:not(.data)').first();
  expect(await closed.isVisible()).toBe(false);
  await closed.evaluate((details) => details.setAttribute('open', ''));
  expect(await closed.locator('.note').first().isVisible()).toBe(true);
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

/** A4 less the margins of the page, in CSS pixels. */
const SHEET = { width: 718, height: 1047 };

const recorded = async (name: string) =>
  gunzipSync(await readFile(new URL(`../../reports/testing/recorded/${name}.gz`, import.meta.url))).toString();

describe('a whole quick run, with the security checks before it, on paper', () => {
  let folder: string;
  let page: Page;
  let gate: GateResult;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tollgate-sheets-'));
    gate = JSON.parse(await recorded('gated.gate.json')) as GateResult;
    const run = replay(readJournal(await recorded('gated.journal.jsonl')));
    const [file = ''] = await writeReport(folder, run, gate);
    page = await report.browser.newPage({ viewport: SHEET });
    await openReport(page, pathToFileURL(file).href);
    await page.emulateMedia({ media: 'print' });
  });
  afterAll(async () => {
    await page?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('takes at most twelve pages', async () => {
    const pdf = await page.pdf({ format: 'A4', preferCSSPageSize: true });
    const sheets = pdf.toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 0;
    expect(sheets).toBeGreaterThan(6);
    expect(sheets).toBeLessThanOrEqual(12);
  });

  test('has no text below 9 pt but the letters of caveats and the labels of charts', async () => {
    const small = await page.evaluate(`[...document.querySelectorAll('body *:not(svg *, .marks, .marks *, .vh)')]
      .filter(part => part.checkVisibility() && [...part.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
      .filter(part => parseFloat(getComputedStyle(part).fontSize) < 11.9)
      .map(part => part.outerHTML.slice(0, 120))`);
    expect(small).toEqual([]);
  });

  test('cuts no chart and no table', async () => {
    const cut = await page.evaluate(`[...document.querySelectorAll('main .plot, main table')]
      .filter(part => part.checkVisibility())
      .filter(part => part.getBoundingClientRect().right > innerWidth + 1
        || part.scrollWidth > part.clientWidth + 1
        || (part.matches('.plot') && (part.clientHeight > innerHeight || getComputedStyle(part).breakInside !== 'avoid')))
      .map(part => part.closest('section').id + ': ' + part.outerHTML.slice(0, 120))`);
    expect(cut).toEqual([]);
  });

  test('has every section, verdict, command and limit that the screen shows', async () => {
    const shown = await page.evaluate<string>(`document.querySelector('main').innerText`);
    const printed = (selector: string) =>
      page.locator(selector).evaluateAll((all) => all.map((one) => one.checkVisibility()));
    const sections = [
      'answer',
      'arms',
      'claims',
      'charts',
      'browser',
      'scalability',
      'experiments',
      'gate',
      'environment',
    ];
    expect(await printed(sections.map((id) => `#${id} > h2`).join())).toEqual(sections.map(() => true));
    const verdicts = await printed('table.claims .verdict');
    expect(verdicts.length).toBeGreaterThan(5);
    expect(verdicts).not.toContain(false);
    expect(shown).toMatch(/more claims need a full run, about .*npm run bench/);
    const limits = gate.arms.flatMap(({ outcomes }) => outcomes.filter(({ verdict }) => verdict === 'limit'));
    expect(limits.length).toBeGreaterThan(10);
    expect(limits.filter(({ detail }) => !shown.includes(detail))).toEqual([]);
  });
});
