#!/usr/bin/env bash
# bcryptjs 3.0.3: how long other requests wait while several users log in.
#
# It computes in JavaScript, on the main thread, and is known to give way every 100 ms. So one expects another request to wait
# for 100 ms at most, however many logins there are. It gives way with setImmediate, and Node.js runs all of these that are
# due in one turn: every login under way takes its 100 ms before anything is read from a socket. The wait of a request, or of
# a health check, is 100 ms times the number of logins: eight hold the loop for 0.8 s at a time, again and again until all are
# done. In a load test with one login at a time the worst wait is 100 ms.
#
# Seen: the longest turn with eight logins is about eight times that with one. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent bcryptjs@3.0.3
cat >probe.mjs <<'JS'
import bcrypt from 'bcryptjs';

const PASSWORD = 'correct horse';
const hash = await bcrypt.hash(PASSWORD, 12);

/** A turn begins with a timer, so its length is how long a request may have to wait. @returns the median turn of `logins` at once, in ms */
async function turn(logins) {
  let under = true;
  const all = Promise.all(Array.from({ length: logins }, () => bcrypt.compare(PASSWORD, hash))).then(() => (under = false));
  const turns = [];
  let last = performance.now();
  while (under) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    const now = performance.now();
    turns.push(now - last);
    last = now;
  }
  await all;
  const long = turns.filter((ms) => ms > 50).sort((a, b) => a - b);
  return long[Math.floor(long.length / 2)];
}
await turn(1);
console.log('bcryptjs 3.0.3, cost 12: the median turn of the event loop');
const seen = {};
for (const logins of [1, 4, 8]) {
  seen[logins] = await turn(logins);
  console.log(`  ${logins} logins at once: ${seen[logins].toFixed(0)} ms`);
}
const holds = seen[1] >= 95 && seen[4] >= 380 && seen[8] >= 760 && seen[8] > 1.4 * seen[4];
console.log(holds ? 'holds: each login takes its 100 ms in every turn' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 120 node probe.mjs
