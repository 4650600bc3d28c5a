#!/usr/bin/env bash
# pidusage 4.1.0 on Linux: the CPU use of a process that is asked for once in two minutes.
#
# `cpu` is the use since the last call, and the first call, one reads, is the mean since the process began. Neither is so. The
# last call is forgotten after a minute (`maxage`), and without one the figure is made of two readings of the same moment, which
# is 0. So the first call is always 0, and a program that asks less than once a minute, as a long run does that wants few
# samples, gets 0 every time, for a process that keeps a core busy throughout. `ctime` beside it is right: milliseconds of CPU
# time since the process began.
#
# Seen with a process that is busy throughout, on a machine with other work: 0 % at first, 19 % two seconds later, 0 % after
# another 95 s, in which it used 12 s of CPU time. Exits with 1 if that changes, 2 if this is not Linux.
set -euo pipefail
[ -r /proc/self/stat ] || { echo 'this needs Linux, with /proc'; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent pidusage@4.1.0
cat >probe.cjs <<'JS'
const { spawn } = require('node:child_process');
const { setTimeout: sleep } = require('node:timers/promises');
const pidusage = require('pidusage');

const END_MS = 200_000;
async function main() {
  const child = spawn(process.execPath, ['-e', `const end = Date.now() + ${END_MS}; while (Date.now() < end);`]);
  try {
    await sleep(1000);
    const seen = [];
    const look = async (name) => {
      const { cpu, ctime, elapsed } = await pidusage(child.pid);
      seen.push({ cpu, ctime });
      console.log(`  ${name}: cpu ${cpu.toFixed(0)} %; ctime ${(ctime / 1000).toFixed(1)} s of ${(elapsed / 1000).toFixed(1)} s`);
    };
    console.log('pidusage 4.1.0, a process that is busy throughout');
    await look('the first call');
    await sleep(2000);
    await look('2 s later');
    await sleep(95_000);
    await look('95 s later');
    const [first, soon, late] = seen;
    const holds = first.cpu === 0 && soon.cpu > 3 && late.cpu === 0 && late.ctime - soon.ctime > 3000;
    console.log(holds ? 'holds: asked rarely, it is idle' : 'changed');
    process.exitCode = holds ? 0 : 1;
  } finally {
    child.kill();
    pidusage.clear();
  }
}
main();
JS
timeout 150 node probe.cjs
