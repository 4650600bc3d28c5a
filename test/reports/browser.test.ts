/** The report in a browser: nothing is fetched, nothing is broken, nothing is wider than a phone. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHARTS } from '../../reports/charts/index.ts';
import { sampleRun } from '../../reports/testing/sample-run.ts';
import { openReport, type ReportInChromium, reportInChromium } from './report-in-chromium.ts';

interface Visit {
  readonly page: Page;
  readonly requests: string[];
  readonly complaints: string[];
}

let report: ReportInChromium;
beforeAll(async () => {
  report = await reportInChromium(sampleRun());
});
afterAll(() => report?.close());

const visits = new Map<string, Promise<Visit>>();

/** Loaded once: the tests share the page, and only open parts of it. */
function visit(width: number, colorScheme: 'light' | 'dark'): Promise<Visit> {
  const key = `${width} ${colorScheme}`;
  const visited = visits.get(key) ?? load(width, colorScheme);
  visits.set(key, visited);
  return visited;
}

async function load(width: number, colorScheme: 'light' | 'dark'): Promise<Visit> {
  const page = await report.browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => complaints.push(`dialog: ${dialog.message()}`));
  await openReport(page, report.address);
  return { page, requests, complaints };
}

const VISITS = [
  [1280, 'light'],
  [1280, 'dark'],
  [390, 'light'],
  [390, 'dark'],
] as const;

interface DrawnBox {
  readonly figure: string;
  readonly width: number;
  readonly height: number;
  readonly label: string;
  readonly title: string;
  readonly sentence: string;
}

/** In the page: all visible charts. */
const SHOWN_CHARTS = `[...document.querySelectorAll('figure svg.chart')].filter(svg => svg.checkVisibility()).map(svg => {
  const box = svg.getBoundingClientRect();
  return { figure: svg.closest('figure').id, width: box.width, height: box.height, label: svg.getAttribute('aria-label'),
    title: svg.closest('figure').querySelector('h3').textContent, sentence: svg.closest('figure').querySelector('figcaption, .note').textContent };
})`;

/** Charts of the appendix come last. */
const IN_ORDER = [...CHARTS.filter(({ appendix }) => !appendix), ...CHARTS.filter(({ appendix }) => appendix)];

test.each(VISITS)(
  'at %i px, %s, only the file is loaded, there are no errors, and each chart shows one drawing',
  async (width, scheme) => {
    const { page, requests, complaints } = await visit(width, scheme);
    const drawn = (await page.evaluate(SHOWN_CHARTS)) as DrawnBox[];
    expect(drawn.map(({ figure }) => figure)).toEqual(IN_ORDER.map(({ id }) => `chart-${id}`));
    for (const box of drawn) {
      expect(box.width).toBeGreaterThan(200);
      expect(box.height).toBeGreaterThan(50);
      expect(box.label).toBe(box.title);
      // The letters of caveats and their titles come after the full stop.
      expect(box.sentence).toMatch(/\.(?:[A-Za-z] \w.*)?$/);
    }
    expect(requests.filter((url) => !url.startsWith('data:'))).toEqual([report.address]);
    expect(complaints).toEqual([]);
  },
);

test.each([1280, 390])('at %i px no text of a chart is cut off or runs into another', async (width) => {
  const { page } = await visit(width, 'light');
  const faults: unknown = await page.evaluate(`
    [...document.querySelectorAll('figure')].flatMap(figure => {
      const svg = [...figure.querySelectorAll('svg.chart')].find(one => one.checkVisibility());
      const frame = svg.getBoundingClientRect();
      // Parts shared by panels are drawn where they are used.
      for (const use of svg.querySelectorAll('use')) use.replaceWith(svg.querySelector(use.getAttribute('href')).cloneNode(true));
      for (const defs of svg.querySelectorAll('defs')) defs.remove();
      const texts = [...svg.querySelectorAll('text')].filter(text => text.textContent.trim() !== '' && text.getAttribute('opacity') !== '0');
      const boxes = texts.map(text => ({ text: text.textContent, box: text.getBoundingClientRect() }));
      const outside = boxes.filter(({ box }) => box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1);
      const overlaps = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3;
      const clashes = boxes.flatMap((a, i) => boxes.slice(i + 1).filter(b => overlaps(a.box, b.box)).map(b => a.text + ' / ' + b.text));
      return [...outside.map(({ text }) => figure.id + ' cuts off ' + text), ...clashes.map(clash => figure.id + ' overlaps ' + clash)];
    })`);
  expect(faults).toEqual([]);
});

test('dark mode recolours page and charts alike', async () => {
  const colours = `[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('.wide .chart text[fill="#1b2027"], .wide .chart g[fill="#1b2027"] text')).fill]`;
  const light = await visit(1280, 'light');
  const dark = await visit(1280, 'dark');
  expect(await light.page.evaluate(colours)).toEqual(['rgb(254, 254, 254)', 'rgb(27, 32, 39)']);
  expect(await dark.page.evaluate(colours)).toEqual(['rgb(20, 23, 28)', 'rgb(232, 235, 239)']);
});

test('the marker of a flag links to its advice', async () => {
  const { page } = await visit(1280, 'light');
  await page.locator('#arms a[href="#flag-interval-wide"]').first().click();
  expect(new URL(page.url()).hash).toBe('#flag-interval-wide');
  expect(await page.locator('#flag-interval-wide').isVisible()).toBe(true);
});

// On a desktop and on a phone, and in a narrower window of each.
test.each([
  [1280, 1280],
  [1280, 768],
  [390, 390],
  [390, 320],
])('loaded at %i px and shown at %i px the page is no wider than its window', async (loaded, shown) => {
  const { page } = await visit(loaded, 'light');
  await page.locator('details').evaluateAll('details => details.forEach(one => { one.open = true })');
  await page.setViewportSize({ width: shown, height: 900 });
  expect(await page.evaluate('[innerWidth, document.documentElement.scrollWidth <= innerWidth]')).toEqual([
    shown,
    true,
  ]);
});
