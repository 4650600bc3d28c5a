#!/usr/bin/env bash
# A step of playwright-core in a tab that is behind another one, in headless Chromium.
#
# A test may open a second tab, such as an attacker's page beside a victim's, and go on in the first one. It then measures the
# tab, not the site: actions wait for frames, and a tab in the background gets one frame a second. So a click takes a second or
# more, in steps of one second. page.bringToFront() before the click makes it fast again.
#
# Seen with playwright-core 1.65.1 and Chromium 156: five clicks took 5 s in the background, and 0.2 s in front.
# Exits with 1 if that changes, 2 if there is no Chromium.
set -euo pipefail
chromium=$(command -v chromium || command -v chromium-browser) || { echo 'this needs Chromium on the PATH'; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --save-exact playwright-core@1.65.1 >/dev/null 2>&1
cat >look.mjs <<'JS'
import { chromium } from 'playwright-core';

const browser = await chromium.launch({ executablePath: process.argv[2], args: ['--no-sandbox'] });
const context = await browser.newContext();
const first = await context.newPage();
await first.setContent('<button onclick="this.textContent = Number(this.textContent) + 1">0</button>');
const second = await context.newPage();
await second.setContent('<p>in front</p>');
async function clicks() {
  const begun = performance.now();
  for (let i = 0; i < 5; i++) await first.click('button');
  return (performance.now() - begun) / 1000;
}
const found = { behind: await clicks() };
await first.bringToFront();
await clicks();
found.inFront = await clicks();
found.counted = await first.textContent('button');
await browser.close();
console.log('playwright-core 1.65.1, seconds for five clicks:', JSON.stringify(found));
process.exit(found.behind > 5 * found.inFront && found.counted === '15' ? 0 : 1);
JS
timeout 120 node look.mjs "$chromium"
