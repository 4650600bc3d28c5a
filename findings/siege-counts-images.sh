#!/usr/bin/env bash
# siege 4.0.7: the response time of a page that has images.
#
# siege is given one address, and one expects the figures of that page. By default it reads the HTML and fetches what it names:
# images, scripts, style sheets. Each of these is a transaction like the page itself, and the response time is the mean of all.
# A page of 200 ms with twenty small images has a response time of 10 ms, its transaction rate is twenty times that of the page,
# and adding an image makes the site faster. Nothing is said if output is quiet. `--no-parser` turns it off.
#
# Seen: 210 transactions with a response time of 10 ms; with --no-parser 10 of 200 ms. Exits with 1 if that changes, 2 if siege
# is not available.
set -euo pipefail
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
siege=$(command -v siege || true)
rc=()
if [ -z "$siege" ] && command -v apt-get >/dev/null; then
  apt-get download siege=4.0.7-1+b1 >/dev/null 2>&1 && dpkg -x siege_*.deb . && siege=$folder/usr/bin/siege && rc=(--rc="$folder/etc/siege/siegerc")
fi
[ -n "$siege" ] || { echo 'this needs siege on the PATH, or Debian 12 to download it from'; exit 2; }
cat >server.mjs <<'JS'
import { createServer } from 'node:http';

const PAGE_MS = 200;
const counts = { pages: 0, images: 0 };
const html = `<html><body>${Array.from({ length: 20 }, (_, i) => `<img src="/image-${i}.png">`).join('')}</body></html>`;
const server = createServer(({ url }, response) => {
  if (url === '/counts') return response.end(JSON.stringify(counts));
  if (url !== '/') return (counts.images += 1), response.setHeader('content-type', 'image/png').end('x');
  counts.pages += 1;
  response.setHeader('content-type', 'text/html');
  setTimeout(() => response.end(html), PAGE_MS);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
JS
mkfifo port
node server.mjs >port &
server=$!
read -r -t 30 port <port || { echo 'the server did not start within 30 s'; exit 2; }
export HOME=$folder
run() { timeout 60 "$siege" "${rc[@]}" --benchmark --concurrent=1 --reps=10 --quiet "$@" "http://127.0.0.1:$port/" 2>&1 || true; }
run >parsed.txt
curl -fsS --max-time 30 "http://127.0.0.1:$port/counts" >counts.json
run --no-parser >plain.txt
node -e '
const { readFileSync } = require("node:fs");
const figures = (name) => {
  const text = readFileSync(name, "utf8");
  const read = (key) => Number(new RegExp(`"?${key}"?:\\s+([\\d.]+)`, "i").exec(text)?.[1]);
  return { transactions: read("transactions"), seconds: read("response[_ ]time") };
};
const [parsed, plain] = ["parsed.txt", "plain.txt"].map(figures);
const counts = JSON.parse(readFileSync("counts.json", "utf8"));
console.log("siege 4.0.7, ten times a page that takes 200 ms and has twenty images");
console.log(`  the server: ${counts.pages} pages, ${counts.images} images`);
console.log(`  siege: ${parsed.transactions} transactions, response time ${parsed.seconds * 1000} ms`);
console.log(`  with --no-parser: ${plain.transactions} transactions, response time ${plain.seconds * 1000} ms`);
const holds = counts.pages === 10 && counts.images === 200 && parsed.transactions === 210 && parsed.seconds < 0.05 && plain.seconds > 0.19;
console.log(holds ? "holds: the response time is that of the images" : "changed");
process.exitCode = holds ? 0 : 1;
'
