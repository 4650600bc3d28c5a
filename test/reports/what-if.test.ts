/** The what-if panel in a browser: it responds at once, with the same model as the command line. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { advise } from '../../core/advise/advise.ts';
import { firstOf } from '../../core/advise/first.ts';
import { flipsOf } from '../../core/advise/flips.ts';
import { evidenceOf } from '../../core/advise/from-run.ts';
import type { Needs } from '../../core/advise/needs.ts';
import { answerTexts, flipTexts } from '../../core/advise/sentences.ts';
import { knownRun } from '../../core/advise/testing/known-run.ts';
import { startOf } from '../../reports/page/capacity/what-if.ts';
import { openReport, type ReportInChromium, reportInChromium } from './report-in-chromium.ts';

const RUN = knownRun();
const EVIDENCE = evidenceOf(RUN);
const START = startOf(EVIDENCE);

let report: ReportInChromium;
beforeAll(async () => {
  report = await reportInChromium(RUN);
});
afterAll(() => report?.close());

async function open(
  fragment = '',
  options: Parameters<Browser['newPage']>[0] = {},
): Promise<{ page: Page; complaints: string[] }> {
  const page = await report.browser.newPage({ viewport: { width: 1024, height: 900 }, ...options });
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await openReport(page, report.address + fragment, options.javaScriptEnabled);
  return { page, complaints };
}

const answerOf = (needs: Needs) => answerTexts(advise(EVIDENCE, needs), needs, EVIDENCE).join(' ');
const answered = (page: Page) => page.locator('#what-if-answer').textContent();
const rowsOf = (page: Page) => page.locator('#what-if-rows th').allTextContents();

/** Like a user's input: the value, then the event. */
const slide = (page: Page, id: string, step: number) =>
  page.locator(`#what-if-${id}`).evaluate((control, value) => {
    Object.assign(control, { value: String(value) });
    control.dispatchEvent(new Event('input', { bubbles: true }));
  }, step);

test('updates words, table and address with the answer of the model when controls change', async () => {
  const { page, complaints } = await open();
  expect(await answered(page)).toBe(answerOf(START));
  await slide(page, 'revokeWithinMs', 0);
  const atOnce: Needs = { ...START, revokeWithinMs: 0, criticalWithinMs: 0 };
  expect(await answered(page)).toBe(answerOf(atOnce));
  expect(await rowsOf(page)).toEqual(advise(EVIDENCE, atOnce).ranked.map(({ name }) => name));
  expect(await page.locator('#what-if-revokeWithinMs').getAttribute('aria-valuetext')).toBe('at once');
  await page.locator('#what-if-client-browser').uncheck();
  await page.locator('#what-if-client-api').check();
  const api: Needs = { ...atOnce, clients: ['api'] };
  expect(await answered(page)).toBe(answerOf(api));
  expect(await page.locator('#what-if-keepFromScripts').isDisabled()).toBe(true);
  expect(page.url()).toContain('#what-if:revokeWithinMs=0,criticalWithinMs=0,clients=api');
  await page.locator('#what-if-flips[aria-busy=false]').waitFor();
  expect(await page.locator('#what-if-flips li').allTextContents()).toEqual(
    flipTexts(flipsOf(EVIDENCE, api), firstOf(EVIDENCE, api)),
  );
  expect(complaints).toEqual([]);
  await page.close();
});

test('is restored from its address, including costs and the inverse answer', async () => {
  const fragment = '#what-if:clients=mobile,requestsPerSecond=40000,prices=30+200+0.05,budget=9000,replicas=3';
  const { page, complaints } = await open(fragment);
  const needs: Needs = {
    ...START,
    clients: ['mobile'],
    requestsPerSecond: 40_000,
    prices: { replica: 30, redisNode: 200, gigabyte: 0.05 },
    budget: 9000,
  };
  expect(await answered(page)).toBe(answerOf(needs));
  const heads = await page.locator('#what-if-head th').allTextContents();
  expect(heads.slice(-2)).toEqual(['A month', 'Capacity of 3 replicas, requests per second']);
  expect(await page.locator('#what-if-budget').inputValue()).toBe('9000');
  await page.locator('#what-if-price-replica').fill('');
  await page.locator('#what-if-price-node').fill('');
  await page.locator('#what-if-price-gigabyte').fill('');
  expect(await page.locator('#what-if-head th').allTextContents()).not.toContain('A month');
  await page.locator('#what-if-store').selectOption('none');
  await slide(page, 'revokeWithinMs', 0);
  expect(await answered(page)).toContain('No arm of this run meets the requirements.');
  expect(await page.locator('#what-if-fitting').isVisible()).toBe(false);
  expect(complaints).toEqual([]);
  await page.close();
});

test('is a table for the initial requirements if scripts do not run', async () => {
  const { page } = await open('', { javaScriptEnabled: false });
  expect(await answered(page)).toBe(answerOf(START));
  expect(await page.locator('#what-if').isVisible()).toBe(false);
  expect(await rowsOf(page)).toEqual(advise(EVIDENCE, START).ranked.map(({ name }) => name));
  expect(await page.locator('#what-if-flips li').count()).toBeGreaterThan(2);
  await page.close();
});

test.each([390, 1024, 1920])('makes the page no wider than %i pixels', async (width) => {
  const { page } = await open('#what-if:clients=mobile,prices=30+200+0.05,replicas=3', {
    viewport: { width, height: 900 },
  });
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
  await page.close();
});

test('can be operated by keyboard', async () => {
  const { page } = await open();
  const before = await answered(page);
  await page.locator('#what-if-revokeWithinMs').focus();
  await page.keyboard.press('Home');
  expect(await page.locator('#what-if-revokeWithinMs-value').textContent()).toBe('at once');
  expect(await answered(page)).not.toBe(before);
  await page.close();
});
