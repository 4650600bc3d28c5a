#!/usr/bin/env bash
# node --cpu-prof of Node.js 26.10.0: what the times in a .cpuprofile are.
#
# A CPU profile is expected to hold CPU time. V8 takes a sample each millisecond of the clock, whether the thread runs or not,
# and charges it to the function on top of the stack. So a function that waits for a child process, a slow disk or a lock for a
# second appears to compute for a second, and on a machine with more work than cores, functions are charged for the time in
# which others had the core. The file has no other measure beside it. Flame graphs of it, in Chrome's tools or in speedscope,
# show waiting as computing. process.cpuUsage(), around the same call, tells them apart.
#
# Seen: 1,014 and 995 ms in the profile of functions that used 37 and 32 ms of CPU time. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >busy.cjs <<'JS'
const { execFileSync } = require('node:child_process');

const cell = new Int32Array(new SharedArrayBuffer(4));
function waitsForAChild() {
  execFileSync('sleep', ['1']);
}
function waitsForALock() {
  Atomics.wait(cell, 0, 0, 1000);
}
const used = {};
for (const wait of [waitsForAChild, waitsForALock]) {
  const from = process.cpuUsage();
  wait();
  const { user, system } = process.cpuUsage(from);
  used[wait.name] = (user + system) / 1000;
}
console.log(JSON.stringify(used));
JS
cat >judge.cjs <<'JS'
const { readFileSync, readdirSync } = require('node:fs');

const used = JSON.parse(readFileSync('used.json', 'utf8'));
const file = readdirSync('.').find((name) => name.endsWith('.cpuprofile'));
const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8'));
const byId = new Map(nodes.map((node) => [node.id, node]));
const parent = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
/** Milliseconds of samples with a function anywhere on the stack. A sample lasts until the next one. */
function totalMs(name) {
  let us = 0;
  for (let i = 0; i + 1 < samples.length; i++) {
    let id = samples[i];
    while (id !== undefined && byId.get(id).callFrame.functionName !== name) id = parent.get(id);
    if (id !== undefined) us += timeDeltas[i + 1];
  }
  return us / 1000;
}
console.log(`Node.js ${process.versions.node}, --cpu-prof, two functions that wait for a second each`);
let holds = true;
for (const [name, cpuMs] of Object.entries(used)) {
  const profiledMs = totalMs(name);
  console.log(`  ${name}: ${profiledMs.toFixed(0)} ms in the profile, ${cpuMs.toFixed(0)} ms of CPU time`);
  holds &&= profiledMs > 900 && cpuMs < 450;
}
console.log(holds ? 'holds: waiting is in it as computing' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node --cpu-prof --cpu-prof-dir=. busy.cjs >used.json
node judge.cjs
