#!/usr/bin/env bash
# process.resourceUsage().maxRSS of a Node.js process that a large process has started, on Linux.
#
# One expects the peak of the process that asks. The kernel keeps this figure across exec, and what a process has before exec is
# the memory of its parent. So a server that a test runner, an editor or a load generator starts reports the parent's size as
# its own peak, if that is larger: ten services of different sizes all have the same peak, and none of them ever shrinks. It
# holds for getrusage in any language, and for `time -v`. VmHWM in /proc/self/status begins anew with exec.
#
# Seen with Node.js 26.10.0 on Linux 6.x: a program of 40 MB, started by one that holds 400 MB, has a maxRSS of 405 MB. Exits
# with 1 if that changes, 2 if this is not Linux.
set -euo pipefail
[ -r /proc/self/status ] || { echo 'this needs Linux, with /proc'; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >child.cjs <<'JS'
const { readFileSync } = require('node:fs');
const vmHwm = Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
console.log(JSON.stringify({ maxRSS: process.resourceUsage().maxRSS, vmHwm }));
JS
cat >probe.cjs <<'JS'
const { spawnSync } = require('node:child_process');

const start = () => JSON.parse(spawnSync(process.execPath, ['child.cjs'], { timeout: 20_000 }).stdout);
const KEPT = 400 * 2 ** 20;
const small = start();
const kept = Buffer.alloc(KEPT, 1);
const large = start();
const mb = (kB) => `${Math.round(kB / 1024)} MB`;
console.log(`Node.js ${process.versions.node}, the same small program`);
console.log(`  started by a small process: maxRSS ${mb(small.maxRSS)}, VmHWM ${mb(small.vmHwm)}`);
console.log(`  started by one that holds ${kept.length / 2 ** 20} MB: maxRSS ${mb(large.maxRSS)}, VmHWM ${mb(large.vmHwm)}`);
const holds = large.maxRSS * 1024 > 0.9 * KEPT && large.vmHwm * 1024 < 0.5 * KEPT && small.maxRSS * 1024 < 0.5 * KEPT;
console.log(holds ? 'holds: its peak is that of the process that started it' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.cjs
