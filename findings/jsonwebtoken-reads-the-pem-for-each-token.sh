#!/usr/bin/env bash
# jsonwebtoken 9.0.3: what a token costs, with its key as text and as an object.
#
# Keys are configured as PEM text and handed to `sign` and `verify` as such, as the README of the package does. One expects
# the key to be read once, or that reading it is nothing beside a signature. It is read for every token, and OpenSSL 3 takes
# longer for it than for an ES256 signature, so a comparison of algorithms, or of tokens with sessions, measures a parser of
# text. `createPrivateKey` and `createPublicKey`, called once at the start, give the same tokens for a fraction.
#
# Seen in CPU time: signing costs 2 to 4 times as much with a text, and verifying 1.4 to 2.5 times. Exits with 1 if the text
# is no longer dearer.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent jsonwebtoken@9.0.3
cat >probe.mjs <<'JS'
import { generateKeyPairSync } from 'node:crypto';
import jwt from 'jsonwebtoken';

const CALLS = 500;
const ROUNDS = 5;
const KINDS = { ES256: ['ec', { namedCurve: 'P-256' }], RS256: ['rsa', { modulusLength: 2048 }] };
/** @returns µs of CPU time of one call, the least of several rounds */
function cost(call) {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    for (let i = 0; i < CALLS; i++) call();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / CALLS);
  }
  return least;
}
console.log(`jsonwebtoken 9.0.3 and Node.js ${process.versions.node}, µs of CPU time for each token`);
let holds = true;
for (const [algorithm, [type, options]] of Object.entries(KINDS)) {
  const { privateKey, publicKey } = generateKeyPairSync(type, options);
  const texts = { sign: privateKey.export({ type: 'pkcs8', format: 'pem' }), verify: publicKey.export({ type: 'spki', format: 'pem' }) };
  const objects = { sign: privateKey, verify: publicKey };
  const token = jwt.sign({ sub: 'ada' }, privateKey, { algorithm });
  const calls = { sign: (key) => jwt.sign({ sub: 'ada' }, key, { algorithm }), verify: (key) => jwt.verify(token, key, { algorithms: [algorithm] }) };
  for (const [name, call] of Object.entries(calls)) {
    const [text, object] = [texts, objects].map((keys) => cost(() => call(keys[name])));
    console.log(`  ${algorithm} ${name}: ${text.toFixed(0)} with PEM text, ${object.toFixed(0)} with a key object, ${(text / object).toFixed(1)} times`);
    holds &&= text / object > (name === 'sign' ? 1.5 : 1.2);
  }
}
console.log(holds ? 'holds: the text of the key is read for each token' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 120 node probe.mjs
