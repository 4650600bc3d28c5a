#!/usr/bin/env bash
# @keyv/memcache 2.0.2 with memcached 1.6: a value that is to live for more than thirty days.
#
# Keyv takes a ttl in milliseconds, and a store that works for a day works for a month, one expects. memcached reads a number of
# seconds above thirty days as a date, counted from 1970, and the adapter passes the seconds on as they are. So a session that
# is remembered for 31 days begins in the past: it is gone as soon as it is stored. `set` answers true, memcached answers that
# it is stored, and `get` finds nothing, for the longest-lived sessions alone. Keyv with a store in memory keeps the same value.
#
# Seen: found with a ttl of 30 days, not with 31. Exits with 1 if that changes, 2 if memcached is not available.
set -euo pipefail
folder=$(mktemp -d)
memcached=
trap '[ -z "$memcached" ] || kill "$memcached" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
server=$(command -v memcached || true)
if [ -z "$server" ] && command -v apt-get >/dev/null; then
  apt-get download memcached=1.6.18-1+deb12u1 libevent-2.1-7 >/dev/null 2>&1 && for file in *.deb; do dpkg -x "$file" .; done && server=$folder/usr/bin/memcached
  export LD_LIBRARY_PATH=$folder/usr/lib/$(uname -m)-linux-gnu
fi
[ -n "$server" ] || { echo 'this needs memcached on the PATH, or Debian 12 to download it from'; exit 2; }
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent @keyv/memcache@2.0.2 keyv@5.5.3
port=$(node -e "const s=require('node:net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})")
"$server" -p "$port" -l 127.0.0.1 -U 0 -u "$(id -un)" &
memcached=$!
cat >probe.mjs <<'JS'
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { KeyvMemcache } from '@keyv/memcache';
import { Keyv } from 'keyv';

const port = Number(process.argv[2]);
const DAY = 24 * 60 * 60 * 1000;
const listens = () =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket.destroy() && true)).on('error', () => resolve(false));
  });
for (let i = 0; i < 100 && !(await listens()); i++) await sleep(50);

const stores = { memcached: new Keyv({ store: new KeyvMemcache(`127.0.0.1:${port}`) }), 'in memory': new Keyv() };
const seen = {};
console.log('Keyv, a value that is set and then read');
for (const [name, keyv] of Object.entries(stores)) {
  for (const days of [1, 30, 31, 90]) {
    const set = await keyv.set(`session:${days}`, 'ada', days * DAY);
    await sleep(50);
    const read = await keyv.get(`session:${days}`);
    (seen[name] ??= {})[days] = read;
    console.log(`  ${name}, a ttl of ${days} days: set ${set}, get ${read}`);
  }
}
const { memcached, 'in memory': memory } = seen;
const holds = memcached[30] === 'ada' && memcached[31] !== 'ada' && memcached[90] !== 'ada' && memory[31] === 'ada';
console.log(holds ? 'holds: a session of 31 days is never there' : 'changed');
process.exit(holds ? 0 : 1);
JS
timeout 60 node probe.mjs "$port"
