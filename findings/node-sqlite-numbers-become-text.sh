#!/usr/bin/env bash
# Node.js 26.10.0: a whole number given to a statement of node:sqlite.
#
# The documentation maps a JavaScript number to INTEGER or REAL, and one expects 7 to be an integer. Every number is bound as
# REAL, so SQLite sees 7.0. An INTEGER column turns it back, which hides it. A TEXT column does not: the id 7 is stored as
# the text "7.0", is not found as "7", and a key made in SQL, 'user:' || ?, is "user:7.0". Division gives 2.5 where SQL gives 2.
# better-sqlite3 12.11.1 does the same; Python's driver, and a BigInt here, keep the 7. A STRICT table does not refuse it, and a
# query that binds a number again finds it, so the fault appears only when another program reads the file.
#
# Seen: typeof(?) real, "7.0" in the TEXT column. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --save-exact node@26.10.0 >/dev/null 2>&1
cat >probe.mjs <<'JS'
import { DatabaseSync } from 'node:sqlite';

function look(id) {
  const database = new DatabaseSync(':memory:');
  database.exec('CREATE TABLE session (user_id TEXT, visits INTEGER) STRICT');
  database.prepare('INSERT INTO session VALUES (?, ?)').run(id, id);
  const stored = database.prepare('SELECT user_id, visits FROM session').get();
  const { n } = database.prepare('SELECT count(*) AS n FROM session WHERE user_id = ?').get('7');
  const { type, key, half } = database.prepare("SELECT typeof(?1) AS type, 'user:' || ?1 AS key, (?1 - 2) / 2 AS half").get(id);
  database.close();
  return { type, key, half, user_id: stored.user_id, visits: stored.visits, foundAs7: n };
}
const [number, bigint] = [look(7), look(7n)];
console.log(`Node.js ${process.version}, the value 7 bound to statements`);
console.log('  as a number:', JSON.stringify(number));
console.log('  as a BigInt:', JSON.stringify(bigint));
const holds = number.type === 'real' && number.user_id === '7.0' && number.key === 'user:7.0' && number.foundAs7 === 0 && bigint.user_id === '7';
console.log(holds ? 'holds: a whole number arrives as 7.0' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
./node_modules/.bin/node probe.mjs
