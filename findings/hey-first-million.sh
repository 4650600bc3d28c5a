#!/usr/bin/env bash
# hey 0.1.4: a run of more than a million requests.
#
# hey keeps the latencies of the first million requests and silently drops the rest from its percentiles, its histogram, and the
# fastest and slowest request. Long runs are meant to find a server that gets slow after a while, when a cache is full or memory
# leaks. Here such a server looks as it did at the start. The count by status code stops at a million, too, while the rate and
# the bytes are those of all requests.
#
# Seen: 2,000 requests of 3 s after a million quick ones; slowest 0.2454 s, 1,000,000 responses. Takes one to six minutes.
# Exits with 1 if that changes, 2 if hey is not available.
set -euo pipefail
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
hey=$(command -v hey || true)
if [ -z "$hey" ] && command -v apt-get >/dev/null; then
  apt-get download hey=0.1.4-2+b4 >/dev/null 2>&1 && dpkg -x hey_*.deb . && hey=./usr/bin/hey
fi
[ -n "$hey" ] || { echo 'this needs hey on the PATH, or Debian 12 to download it from'; exit 2; }
cat >server.mjs <<'JS'
import { createServer } from 'node:net';

const QUICK = 1_000_000;
const SLOW_MS = 3000;
const ANSWER = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
const counts = { quick: 0, slow: 0 };
const answers = (socket) => {
  socket.setNoDelay();
  socket.on('error', () => {});
  socket.on('data', (request) => {
    if (request.includes('GET /counts ')) {
      const body = JSON.stringify(counts);
      socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    } else if (counts.quick < QUICK) {
      counts.quick += 1;
      socket.write(ANSWER);
    } else {
      counts.slow += 1;
      setTimeout(() => socket.write(ANSWER), SLOW_MS);
    }
  });
};
const server = createServer(answers).listen(0, '127.0.0.1', () => console.log(server.address().port));
JS
mkfifo port
node server.mjs >port &
server=$!
read -r -t 30 port <port || { echo 'the server did not start within 30 s'; exit 2; }
timeout 580 "$hey" -n 1002000 -c 200 "http://127.0.0.1:$port/" >told.txt
slowest=$(sed -n 's/^ *Slowest:[[:space:]]*\([0-9.]*\) secs.*/\1/p' told.txt)
counted=$(sed -n 's/.*\[200\][[:space:]]*\([0-9]*\) responses.*/\1/p' told.txt)
echo 'hey, 1,002,000 requests, the last 2,000 of which are answered after 3 s'
node -e "
fetch('http://127.0.0.1:$port/counts', { signal: AbortSignal.timeout(30_000) }).then((response) => response.json()).then(({ quick, slow }) => {
  const [slowest, counted] = [$slowest, $counted];
  console.log('  the server: ' + quick + ' at once, ' + slow + ' after 3 s');
  console.log('  hey: slowest ' + slowest + ' s, ' + counted + ' responses');
  const holds = quick === 1_000_000 && slow === 2000 && slowest < 3 && counted === 1_000_000;
  console.log(holds ? 'holds: what came after a million is not in it' : 'changed');
  process.exitCode = holds ? 0 : 1;
});
"
