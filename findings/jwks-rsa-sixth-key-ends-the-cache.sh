#!/usr/bin/env bash
# jwks-rsa 4.1.0: how often it fetches a key set, with its cache.
#
# A key set comes whole, so one fetch should serve every key in it for as long as the cache lasts, ten minutes. The cache
# holds single keys and at most five of them, and what else came with the set is thrown away. Each key costs a fetch of its
# own. If an issuer publishes six keys or more, as one does for several tenants or while keys are replaced, and tokens of
# all of them arrive in turn, then no key is ever found: every single token fetches the set, and verifying takes a request.
# `cacheMaxEntries` ends it.
#
# Seen: 60 fetches for 60 tokens of six keys, 5 for 60 tokens of five. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent jwks-rsa@4.1.0
cat >probe.mjs <<'JS'
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import jwksClient from 'jwks-rsa';

const TOKENS = 60;
const all = Array.from({ length: 6 }, (_, i) => {
  const jwk = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });
  return { ...jwk, kid: `key-${i}`, use: 'sig', alg: 'RS256' };
});
/** Looks up the key of each token, the keys in turn. @returns how often the set was fetched */
async function fetches(keys, options) {
  let count = 0;
  const server = createServer((_, response) => {
    count += 1;
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = jwksClient({ jwksUri: `http://127.0.0.1:${server.address().port}/jwks.json`, ...options });
  for (let i = 0; i < TOKENS; i++) await client.getSigningKey(keys[i % keys.length].kid);
  server.closeAllConnections();
  server.close();
  return count;
}
const five = await fetches(all.slice(0, 5));
const six = await fetches(all);
const larger = await fetches(all, { cacheMaxEntries: 6 });
console.log(`jwks-rsa 4.1.0, ${TOKENS} tokens, whose keys take turns`);
console.log(`  five keys: ${five} fetches; six: ${six}; six with cacheMaxEntries 6: ${larger}`);
const holds = five === 5 && six === TOKENS && larger === 6;
console.log(holds ? 'holds: with six keys each token fetches the set' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs
