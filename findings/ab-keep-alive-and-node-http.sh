#!/usr/bin/env bash
# ab 2.3 (Apache 2.4.71) with `-k`, against a plain server of node:http.
#
# `-k` asks for one connection for many requests, and node:http keeps connections by default. Together they make a connection for
# each request. ab speaks HTTP/1.0, where an answer without a length ends with its connection, and `response.end(text)` sends no
# length there, although the whole text is known; to HTTP/1.1 it sends one. So most of the measured time is connecting, and the
# server gets the blame. A handler that sets Content-Length, as frameworks do, is measured over connections that stay open.
# ab's line "Keep-Alive requests: 0" shows it to anyone who looks.
#
# Seen with Node.js 26.10.0: 2,000 requests over 2,000 connections; with a Content-Length over 4. Exits with 1 if that changes, 2
# if ab is not available.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
ab=$(command -v ab || true)
if [ -z "$ab" ] && command -v apt-get >/dev/null; then
  apt-get download apache2-utils=2.4.71-1~deb12u1 libapr1=1.7.2-3+deb12u1 libaprutil1=1.6.3-1+deb12u1 >/dev/null 2>&1 || true
  for package in *.deb; do [ ! -f "$package" ] || dpkg -x "$package" .; done
  [ ! -x usr/bin/ab ] || ab=$folder/usr/bin/ab
fi
[ -n "$ab" ] || { echo 'this needs ab on the PATH, or Debian 12 to download it from'; exit 2; }
export LD_LIBRARY_PATH="$folder/usr/lib/$(uname -m)-linux-gnu"
npm init --yes >/dev/null
npm install --no-audit --no-fund --save-exact node@26.10.0 >/dev/null 2>&1
cat >probe.mjs <<'JS'
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { promisify } from 'node:util';

const REQUESTS = 2000;
async function look(setsLength) {
  let connections = 0;
  const server = createServer((_, response) => {
    if (setsLength) response.setHeader('Content-Length', 2);
    response.end('ok');
  });
  server.on('connection', () => (connections += 1));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${server.address().port}/`;
  const { stdout } = await promisify(execFile)(process.argv[2], ['-k', '-q', '-n', REQUESTS, '-c', 4, url], { timeout: 60_000 });
  server.close();
  server.closeAllConnections();
  const read = (name) => Number(new RegExp(`^${name}:\\s+([\\d.]+)`, 'm').exec(stdout)[1]);
  return { connections, kept: read('Keep-Alive requests'), rate: read('Requests per second') };
}
const [plain, withLength] = [await look(false), await look(true)];
console.log(`ab -k, ${REQUESTS} requests by 4 clients, Node.js ${process.version}`);
const tell = (name, { connections, kept, rate }) => console.log(`  ${name}: ${connections} connections, ${kept} requests kept alive, ${Math.round(rate)} a second`);
tell("response.end('ok')  ", plain);
tell('with Content-Length ', withLength);
const holds = plain.connections >= REQUESTS && plain.kept === 0 && withLength.connections < 100 && withLength.kept > 0.9 * REQUESTS;
console.log(holds ? 'holds: a connection for each request' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
./node_modules/.bin/node probe.mjs "$ab"
