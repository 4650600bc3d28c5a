#!/usr/bin/env bash
# jose 6.2.18: createRemoteJWKSet, while the authorization server cannot be reached.
#
# Signed tokens are chosen so that no request depends on another server: the keys are fetched once and kept. They are kept for
# `cacheMaxAge`, ten minutes by default. From then on each verification waits for a new fetch, and fails with it. So when the key
# endpoint is silent for longer than that, every request with a valid token waits five seconds (`timeoutDuration`) and is refused,
# although the keys to verify it are in memory and have not changed. A test that stops the endpoint for a minute sees none of
# this. `cacheMaxAge: Infinity` keeps the keys, but also those that the server has withdrawn.
#
# Seen with a cacheMaxAge of 0.5 s and a timeout of 1 s instead of the defaults: within the first a silent endpoint makes no
# difference, and each later verification takes 1 s and fails. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent jose@6.2.18
cat >probe.mjs <<'JS'
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRemoteJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose';

const CACHE_MS = 500;
const TIMEOUT_MS = 1000;
const { publicKey, privateKey } = await generateKeyPair('ES256');
const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }] });
const endpoint = { isSilent: false, requests: 0 };
const server = createServer((_, response) => {
  endpoint.requests += 1;
  if (!endpoint.isSilent) response.setHeader('content-type', 'application/json').end(keys);
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const url = new URL(`http://127.0.0.1:${server.address().port}/jwks`);
const token = await new SignJWT({}).setProtectedHeader({ alg: 'ES256', kid: 'one' }).setExpirationTime('1h').sign(privateKey);

/** @returns what two verifications after the first say, and the slower one's time in ms */
async function trial(cacheMaxAge) {
  Object.assign(endpoint, { isSilent: false, requests: 0 });
  const keySet = createRemoteJWKSet(url, { cacheMaxAge, timeoutDuration: TIMEOUT_MS });
  await jwtVerify(token, keySet);
  endpoint.isSilent = true;
  const seen = { within: await verified(keySet), after: [], ms: 0 };
  await sleep(CACHE_MS + 100);
  for (let i = 0; i < 2; i++) {
    const began = performance.now();
    seen.after.push(await verified(keySet));
    seen.ms = Math.max(seen.ms, performance.now() - began);
  }
  return { ...seen, requests: endpoint.requests };
}
const verified = (keySet) => jwtVerify(token, keySet).then(() => 'verified', ({ code }) => code);
const [kept, forever] = [await trial(CACHE_MS), await trial(Infinity)];
server.close();
server.closeAllConnections();
const shown = ({ within, after, ms, requests }) => `${within} within it, then ${after.join(', ')}, in up to ${ms.toFixed(0)} ms; ${requests} requests`;
console.log('jose 6.2.18, a valid token while the key endpoint is silent');
console.log(`  cacheMaxAge of ${CACHE_MS} ms: ${shown(kept)}`);
console.log(`  cacheMaxAge of Infinity: ${shown(forever)}`);
const waits = kept.within === 'verified' && kept.after.every((code) => code === 'ERR_JWKS_TIMEOUT') && kept.ms > TIMEOUT_MS * 0.9 && kept.requests === 3;
const holds = waits && forever.after.every((code) => code === 'verified') && forever.requests === 1;
console.log(holds ? 'holds: keys at hand are not used' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs
