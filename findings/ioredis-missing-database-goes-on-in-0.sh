#!/usr/bin/env bash
# ioredis with a database number in the URL that the server does not have.
#
# A server with fewer databases than usual, as managed ones and clusters often are, refuses SELECT. ioredis reports that as an
# `error` event and continues: commands succeed, in database 0. A program whose listener only logs errors then writes its keys
# among those of another program that uses database 0.
#
# Seen with ioredis 6.0.0 and Redis 7.0 with 4 databases: a SET of redis://…/9 answers OK, and its key is in database 0.
# Exits with 1 if that changes, 2 if there is no redis-server.
set -euo pipefail
command -v redis-server >/dev/null || { echo 'this needs a redis-server on the PATH'; exit 2; }
folder=$(mktemp -d)
redis=
trap '[ -z "$redis" ] || kill "$redis" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --save-exact ioredis@6.0.0 >/dev/null 2>&1
port=$(node -e "const s=require('node:net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})")
redis-server --port "$port" --bind 127.0.0.1 --databases 4 --save '' --appendonly no --dir "$folder" >/dev/null &
redis=$!
cat >look.mjs <<'JS'
import { Redis } from 'ioredis';

const at = `redis://127.0.0.1:${process.argv[2]}`;
const plain = new Redis(`${at}/0`, { retryStrategy: (tries) => (tries < 100 ? 50 : null) });
plain.on('error', () => {});
await plain.ping();
const errors = [];
const beyond = new Redis(`${at}/9`);
beyond.on('error', ({ message }) => errors.push(message));
const found = { set: await beyond.set('written', 'by a client of database 9').catch(({ message }) => message) };
found.inDatabase0 = await plain.get('written');
found.errors = [...new Set(errors)];
console.log('ioredis 6.0.0, database 9 of 4:', JSON.stringify(found));
beyond.disconnect();
plain.disconnect();
const isSame = found.set === 'OK' && found.inDatabase0 !== null && found.errors.length > 0;
process.exit(isSame ? 0 : 1);
JS
timeout 30 node look.mjs "$port"
