#!/usr/bin/env bash
# @badgateway/oauth2-client 3.3.1: an access token that lives for thirty days.
#
# `OAuth2Fetch` refreshes a token one minute before it expires, so a long life is expected to spare the issuer. It waits with
# one setTimeout for the whole life. A timer holds 2^31 - 1 ms, which is 24.8 days, and a longer one ends after a millisecond.
# So a token of thirty days is refreshed as soon as it arrives, the one that comes back too, and so on for as long as the
# process lives: each client is a steady load of token requests, and with rotating refresh tokens each of them writes to the
# issuer's store. Requests work all the while. `scheduleRefresh: false` ends it.
#
# Seen: within a second one token request with a life of 24 days, and more than a hundred with 30. Exits with 1 if that
# changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent @badgateway/oauth2-client@3.3.1
cat >probe.mjs <<'JS'
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { OAuth2Client, OAuth2Fetch } from '@badgateway/oauth2-client';

const WATCH_MS = 1000;
/** Sends one request with a client, and waits. @returns how many tokens the issuer was asked for, at most until WATCH_MS are over */
async function tokenRequests(days) {
  let count = 0;
  let over = false;
  const server = createServer((request, response) => {
    if (request.url === '/token' && !over) count += 1;
    const token = { access_token: `access-${count}`, token_type: 'Bearer', expires_in: over ? 60 : days * 86_400, refresh_token: `refresh-${count}` };
    request.resume().on('end', () => response.setHeader('content-type', 'application/json').end(JSON.stringify(token)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${server.address().port}/`;
  const client = new OAuth2Client({ server: issuer, clientId: 'probe', clientSecret: 'secret', tokenEndpoint: '/token' });
  const wrapper = new OAuth2Fetch({ client, getNewToken: () => client.clientCredentials() });
  await (await wrapper.fetch(`${issuer}api`)).text();
  await sleep(WATCH_MS);
  over = true;
  server.closeAllConnections();
  server.close();
  return count;
}
console.log('@badgateway/oauth2-client 3.3.1, one request with a token, and then a second without any');
const seen = {};
for (const days of [1, 24, 30]) {
  seen[days] = await tokenRequests(days);
  console.log(`  a token that lives for ${days} days: ${seen[days]} token requests`);
}
const holds = seen[1] === 1 && seen[24] === 1 && seen[30] > 20;
console.log(holds ? 'holds: a token that lives for longer than a timer is refreshed without end' : 'changed');
process.exit(holds ? 0 : 1);
JS
timeout 60 node --disable-warning=TimeoutOverflowWarning probe.mjs
