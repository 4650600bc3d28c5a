#!/usr/bin/env bash
# The heap profile of `node --heap-prof`: a function whose objects are short-lived.
#
# What makes a server collect garbage is what each request allocates and drops, and one looks for it in a heap profile. The
# profile holds only what is still alive when it is written: each sample is removed with its object. A function that
# allocated hundreds of megabytes has no bytes in it, and one that keeps a megabyte is the whole profile. Through the
# inspector the same profiler keeps samples of what was collected, with includeObjectsCollectedByMajorGC and
# includeObjectsCollectedByMinorGC.
#
# Seen with Node.js 26.10.0: nothing of the function that allocates most; with both options it is almost all. Exits with 1
# if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >work.cjs <<'JS'
const kept = [];
/** Some ten thousand objects that stay. */
exports.keep = function keep() {
  for (let i = 0; i < 20_000; i++) kept.push({ id: i, name: `session ${i}` });
};
/** Millions that do not. */
exports.churn = function churn() {
  let sum = 0;
  for (let i = 0; i < 2_000_000; i++) sum += JSON.parse('{"id":1,"role":"user","expires":1234567890}').id;
  return sum;
};
JS
cat >app.cjs <<'JS'
const { keep, churn } = require('./work.cjs');
keep();
churn();
JS
cat >probe.cjs <<'JS'
const { execFileSync } = require('node:child_process');
const { readdirSync, readFileSync } = require('node:fs');
const { Session } = require('node:inspector/promises');
const { keep, churn } = require('./work.cjs');

/** @returns bytes by which of the two functions allocated them, in itself or in what it called */
function bytes({ head }) {
  const sums = { keep: 0, churn: 0, other: 0 };
  const walk = (node, within) => {
    const { functionName } = node.callFrame;
    const owner = functionName === 'keep' || functionName === 'churn' ? functionName : within;
    sums[owner] += node.selfSize;
    for (const child of node.children) walk(child, owner);
  };
  walk(head, 'other');
  return sums;
}
async function main() {
  execFileSync(process.execPath, ['--heap-prof', '--heap-prof-dir=profiles', '--heap-prof-interval=16384', 'app.cjs'], { timeout: 60_000 });
  const [file] = readdirSync('profiles');
  const byFlag = bytes(JSON.parse(readFileSync(`profiles/${file}`, 'utf8')));
  const session = new Session();
  session.connect();
  await session.post('HeapProfiler.startSampling', { samplingInterval: 16_384, includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true });
  keep();
  churn();
  const { profile } = await session.post('HeapProfiler.stopSampling');
  session.disconnect();
  const all = bytes(profile);
  const mb = (n) => `${(n / 1e6).toFixed(1)} MB`;
  console.log(`Node.js ${process.versions.node}, two million objects that are dropped, and 20,000 that are kept`);
  console.log(`  --heap-prof: dropped ${mb(byFlag.churn)}, kept ${mb(byFlag.keep)}`);
  console.log(`  with what was collected: dropped ${mb(all.churn)}, kept ${mb(all.keep)}`);
  const holds = byFlag.keep > 20 * byFlag.churn && all.churn > 20 * all.keep;
  console.log(holds ? 'holds: the profile has only what is alive' : 'changed');
  process.exitCode = holds ? 0 : 1;
}
main();
JS
timeout 90 node probe.cjs
