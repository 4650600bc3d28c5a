/** Interaction with the report: arms hidden, figures shown, scales switched; by mouse, touch and keyboard. */
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sampleRun } from '../../reports/testing/sample-run.ts';
import { openReport, type ReportInChromium, reportInChromium } from './report-in-chromium.ts';

let report: ReportInChromium;
beforeAll(async () => {
  report = await reportInChromium(sampleRun());
});
afterAll(() => report?.close());

async function open(options: BrowserContextOptions = {}): Promise<Page> {
  const page = await report.browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
  await openReport(page, report.address, options.javaScriptEnabled);
  return page;
}

const ARM = 'session-redis';
const shownParts = `[...document.querySelectorAll('[data-arm="${ARM}"]')].filter(part => part.getBoundingClientRect().width > 0).length`;

test('the keyboard hides an arm in all charts and tables at once, and shows it again', async () => {
  const page = await open();
  await page.locator('#arm-switch summary').focus();
  await page.keyboard.press('Enter');
  const box = page.getByRole('checkbox', { name: ARM, exact: true });
  const before = await page.evaluate(shownParts);
  expect(before).toBeGreaterThan(5);
  await box.focus();
  await page.keyboard.press('Space');
  expect(await page.evaluate(shownParts)).toBe(0);
  expect(
    await page.locator('#arms tbody tr', { has: page.locator('code', { hasText: /^session-redis$/ }) }).isVisible(),
  ).toBe(false);
  expect(await page.locator('#arm-count').textContent()).toMatch(/^\d+ of \d+$/);
  await page.keyboard.press('Space');
  expect(await page.evaluate(shownParts)).toBe(before);
  await page.close();
});

test('rows below a hidden one move up', async () => {
  const page = await open();
  await page.locator('#arm-switch summary').click();
  const drawing = page.locator('#chart-toll-parts .wide svg');
  const topOf = async (part: Locator) => (await part.boundingBox())?.y ?? 0;
  const top = async () => (await topOf(drawing.locator('.slot').last())) - (await topOf(drawing));
  const first = await page.locator('#chart-toll-parts .wide .slot').first().getAttribute('data-arm');
  const before = await top();
  await page.getByRole('checkbox', { name: first ?? '', exact: true }).uncheck();
  expect(before - (await top())).toBeCloseTo(27, 0);
  await page.close();
});

test.each([
  ['a mouse', {}],
  ['a finger', { hasTouch: true, viewport: { width: 390, height: 844 } }],
])('%s shows the figure of a mark with its interval', async (_what, options) => {
  const page = await open(options);
  const canvas = 'hasTouch' in options ? '.narrow' : '.wide';
  const mark = page.locator(`#chart-toll ${canvas} [data-tip]`).first();
  await mark.scrollIntoViewIfNeeded();
  const box = await mark.boundingBox();
  const [x, y] = [(box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) / 2];
  if ('hasTouch' in options) await page.touchscreen.tap(x, y);
  else await page.mouse.move(x, y);
  expect(await page.locator('.tip').textContent()).toBe(
    await page.locator('#chart-toll .wide [data-tip]').first().getAttribute('data-tip'),
  );
  expect(await page.locator('.tip').textContent()).toMatch(/\[.+–.+\]/);
  await page.close();
});

test('arrow keys move from point to point, and Escape ends this', async () => {
  const page = await open();
  await page.locator('#chart-toll .plot').first().focus();
  const tips = await page
    .locator('#chart-toll .wide [data-tip]')
    .evaluateAll((marks) => marks.map((mark) => mark.getAttribute('data-tip')));
  const told = async (key: string) => {
    await page.keyboard.press(key);
    return page.locator('.tip').textContent();
  };
  expect(await told('ArrowDown')).toBe(tips[0]);
  expect(await told('ArrowRight')).toBe(tips[1]);
  expect(await told('ArrowUp')).toBe(tips[0]);
  expect(await told('ArrowUp')).toBe(tips.at(-1));
  expect(await told('Escape')).toBe('');
  await page.close();
});

test('a chart with two scales shows one at a time', async () => {
  const page = await open();
  const button = page.locator('#chart-scale-throughput button.scale');
  const visible = async () =>
    page
      .locator('#chart-scale-throughput .plot:visible')
      .evaluateAll((plots) => plots.map((plot) => plot.getAttribute('data-scale')));
  expect(await visible()).toEqual(['linear']);
  await button.click();
  expect(await visible()).toEqual(['log']);
  expect(await button.textContent()).toBe('Show a linear scale');
  await page.close();
});

test('a term is explained by touch and by keyboard, without scripts', async () => {
  const page = await open({ javaScriptEnabled: false });
  const term = page.locator('#arms .term').first();
  await term.focus();
  await page.keyboard.press('Enter');
  expect(await page.locator('[popover]:popover-open').count()).toBe(1);
  await page.keyboard.press('Escape');
  expect(await page.locator('[popover]:popover-open').count()).toBe(0);
  await page.close();
});

test('without scripts every figure is present, and no useless control', async () => {
  const page = await open({ javaScriptEnabled: false });
  expect(await page.locator('#arm-switch').isVisible()).toBe(false);
  expect(await page.locator('button.scale').first().isVisible()).toBe(false);
  expect(await page.locator('#chart-toll .wide svg').isVisible()).toBe(true);
  // On a phone as well: the desktop drawing, in a frame that scrolls.
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await page.locator('#chart-toll .wide svg').isVisible()).toBe(true);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
  await page.close();
});
