#!/usr/bin/env bash
# jose 6.2.18: how long the verification of a token takes while passwords are hashed.
#
# jose uses WebCrypto, and Node.js runs each operation of WebCrypto in its pool of four threads, even the HMAC of a short token,
# which takes microseconds. Password hashes run in the same pool and take hundreds of milliseconds each. So with four logins
# under way, a request that is already logged in waits for one of them to end, and with eight for two. It neither computes nor
# waits for any server: the event loop is idle and the measured time is that of somebody else's login. Benchmarks verify tokens
# alone and never see it. A verifier with node:crypto's synchronous functions, such as fast-jwt, does not wait, and a larger
# UV_THREADPOOL_SIZE moves the limit.
#
# Seen with Node.js 26.10.0 on two cores: 0.14 ms alone and 1,576 ms beside eight logins of 581 ms each; fast-jwt 0.06 and 0.20
# ms. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent jose@6.2.18 fast-jwt@6.3.6
cat >probe.mjs <<'JS'
import { createSecretKey, pbkdf2, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createVerifier } from 'fast-jwt';
import { jwtVerify, SignJWT } from 'jose';

const bytes = randomBytes(32);
const secret = createSecretKey(bytes);
const token = await new SignJWT({ sub: 'ada' }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('1h').sign(secret);
const fast = createVerifier({ key: bytes, algorithms: ['HS256'] });
const verifiers = { jose: () => jwtVerify(token, secret), 'fast-jwt': async () => fast(token) };
const hash = promisify(pbkdf2);
const login = () => hash('a password', randomBytes(16), 400_000, 32, 'sha256');

async function medianMs(verify, times, pauseMs) {
  const took = [];
  for (let i = 0; i < times; i++) {
    await sleep(pauseMs);
    const from = performance.now();
    await verify();
    took.push(performance.now() - from);
  }
  return took.sort((a, b) => a - b)[times >> 1];
}
const alone = {};
for (const [name, verify] of Object.entries(verifiers)) alone[name] = await medianMs(verify, 200, 1);
const loginFrom = performance.now();
await login();
const loginMs = performance.now() - loginFrom;
let goesOn = true;
const keepLoggingIn = async () => {
  while (goesOn) await login();
};
const logins = Array.from({ length: 8 }, keepLoggingIn);
const beside = {};
for (const [name, verify] of Object.entries(verifiers)) beside[name] = await medianMs(verify, 9, 20);
goesOn = false;
await Promise.all(logins);
console.log(`Node.js ${process.versions.node}, HS256, median of a verification; a login alone takes ${loginMs.toFixed(0)} ms`);
for (const name of Object.keys(verifiers)) console.log(`  ${name}: ${alone[name].toFixed(2)} ms alone, ${beside[name].toFixed(2)} ms beside eight logins`);
const holds = alone.jose < 5 && beside.jose > loginMs && beside['fast-jwt'] < loginMs / 4;
console.log(holds ? 'holds: a verification waits for logins' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
UV_THREADPOOL_SIZE=4 timeout 120 node probe.mjs
