#!/usr/bin/env bash
# process.threadCpuUsage() of Node.js on Linux, read while the thread runs.
#
# A benchmark that times one synchronous task reads the thread's CPU time before and after it. The answer is that of the last
# scheduler tick (4 ms on a kernel with 250 of them a second): of tasks of 1 ms, most seem to take no CPU time at all, and
# the others several milliseconds. process.cpuUsage(), read in the same place, is exact, and calling it just before also brings
# the thread's account up to date.
#
# Seen with Node.js 26.10.0 on Linux 6.x: threadCpuUsage 0 in most of 400 tasks of 1 ms, cpuUsage in none.
# Exits with 1 if that changes, 2 if this is not Linux.
set -euo pipefail
[ "$(uname -s)" = Linux ] || { echo 'this is about Linux'; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --save-exact node@26.10.0 >/dev/null 2>&1
cat >look.mjs <<'JS'
const spend = () => {
  for (const end = performance.now() + 1; performance.now() < end; );
};
const sum = ({ user, system }) => user + system;
function zeros(read) {
  let count = 0;
  for (let i = 0; i < 400; i++) {
    const before = sum(read());
    spend();
    if (sum(read()) === before) count++;
  }
  return count;
}
const refreshed = () => {
  process.cpuUsage();
  return process.threadCpuUsage();
};
zeros(refreshed);
const found = {
  threadCpuUsage: zeros(() => process.threadCpuUsage()),
  cpuUsage: zeros(() => process.cpuUsage()),
  threadCpuUsageAfterCpuUsage: zeros(refreshed),
};
console.log(process.version, 'readings without any CPU time, of 400 tasks of 1 ms:', JSON.stringify(found));
const isSame = found.threadCpuUsage >= 40 && found.cpuUsage === 0 && found.threadCpuUsageAfterCpuUsage === 0;
process.exit(isSame ? 0 : 1);
JS
./node_modules/.bin/node look.mjs
