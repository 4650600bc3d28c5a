/** Response time of the what-if panel: a median, so that a single stall of the machine does not decide. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { knownRun } from '../../core/advise/testing/known-run.ts';
import { openReport, type ReportInChromium, reportInChromium } from './report-in-chromium.ts';

const LONGEST_MS = 30;
const FRAGMENT = '#what-if:clients=mobile,prices=30+200+0.05,p99Ms=20';

let report: ReportInChromium;
beforeAll(async () => {
  report = await reportInChromium(knownRun());
});
afterAll(() => report?.close());

test('responds to a change with eighteen arms, prices and a limit within 30 ms', async () => {
  const page = await report.browser.newPage({ viewport: { width: 1024, height: 900 } });
  await openReport(page, report.address + FRAGMENT);
  const times = await page.locator('#what-if-requestsPerSecond').evaluate((control) => {
    const found: number[] = [];
    for (let step = 0; step < 30; step++) {
      Object.assign(control, { value: String(step) });
      const start = performance.now();
      control.dispatchEvent(new Event('input', { bubbles: true }));
      // The time includes layout.
      control.getBoundingClientRect();
      found.push(performance.now() - start);
    }
    return found.sort((a, b) => a - b);
  });
  expect(times[15]).toBeLessThan(LONGEST_MS);
  await page.close();
});
