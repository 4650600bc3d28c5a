#!/usr/bin/env bash
# HAProxy 2.6.12: how long a request waits when its only server refuses connections.
#
# A port that nobody listens on refuses at once, so a proxy that reports it is expected to answer 503 within milliseconds.
# HAProxy tries a server three more times by default, and sleeps for a second before each: the answer comes after three
# seconds. In a measured outage or restart, these three seconds are the latency of every request, users wait for what is known
# from the start, and a thousand requests a second hold three thousand connections. A circuit breaker in front learns of the
# refusal three seconds late. `retries 0` answers at once.
#
# Seen: 3.0 s, and a few milliseconds with `retries 0`. Exits with 1 if that changes, 2 if HAProxy is not available.
set -euo pipefail
folder=$(mktemp -d)
proxy=
trap '[ -z "$proxy" ] || kill "$proxy" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
haproxy=$(command -v haproxy || true)
if [ -z "$haproxy" ] && command -v apt-get >/dev/null; then
  apt-get download haproxy=2.6.12-1+deb12u4 liblua5.3-0 libopentracing-c-wrapper0 libopentracing1 >/dev/null 2>&1 &&
    for each in *.deb; do dpkg -x "$each" .; done && haproxy=$folder/usr/sbin/haproxy
  export LD_LIBRARY_PATH=$folder/usr/lib/x86_64-linux-gnu
fi
[ -n "$haproxy" ] || { echo 'this needs haproxy on the PATH, or Debian 12 to download it from'; exit 2; }
free() { node -e "const s=require('node:net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})"; }
plain=$(free) none=$(free) nobody=$(free)
cat >haproxy.cfg <<CFG
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
listen plain
  bind 127.0.0.1:$plain
  server only 127.0.0.1:$nobody
listen none
  bind 127.0.0.1:$none
  retries 0
  server only 127.0.0.1:$nobody
CFG
"$haproxy" -f haproxy.cfg 2>haproxy.log &
proxy=$!
cat >probe.mjs <<'JS'
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const [plain, none, nobody] = process.argv.slice(2).map(Number);
/** @returns whether somebody listens, and after how many ms that was known */
const listens = (port) =>
  new Promise((resolve) => {
    const began = performance.now();
    const told = (is) => resolve({ is, ms: performance.now() - began });
    const socket = connect(port, '127.0.0.1', () => told(true) || socket.destroy()).on('error', () => told(false));
  });
for (const port of [plain, none]) for (let tries = 0; tries < 100 && !(await listens(port)).is; tries++) await sleep(50);
const refused = await listens(nobody);
const ask = async (port) => {
  const began = performance.now();
  const { status } = await fetch(`http://127.0.0.1:${port}/`);
  return { status, ms: performance.now() - began };
};
await ask(none);
const seen = { 'by default': await ask(plain), 'retries 0': await ask(none) };
console.log(`HAProxy 2.6.12 before a port that refuses connections, within ${refused.ms.toFixed(1)} ms`);
for (const [name, { status, ms }] of Object.entries(seen)) console.log(`  ${name}: ${status} after ${ms.toFixed(0)} ms`);
const [byDefault, without] = Object.values(seen);
const holds = !refused.is && byDefault.status === 503 && byDefault.ms > 2900 && byDefault.ms < 6000 && without.status === 503 && without.ms < 1000;
console.log(holds ? 'holds: each request waits for three seconds' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs "$plain" "$none" "$nobody"
