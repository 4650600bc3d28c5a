#!/usr/bin/env bash
# cookies 0.9.2 with keygrip 1.1.0, the signed cookies of Koa: what a new signing key does to cookies that are to last.
#
# Keys are rotated by putting a new one first. Signatures of the old one stay valid, and `get` signs again with the new one,
# so users notice nothing, one expects. The signature is a cookie of its own, `name.sig`, and it is set again without the
# attributes that the application gave: no expiry, no domain, no Secure. So the value lasts for thirty days as before, and its
# signature until the browser is closed. Users who come back the next day have a cookie without a signature, and are signed
# out: all who came by after the rotation, and nobody in a test that does not close the browser. Setting the value again on
# each visit avoids it.
#
# Seen: both cookies last for thirty days; after a visit with the new key the signature ends with the browser, and the user
# with it. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent cookies@0.9.2 keygrip@1.1.0 tough-cookie@6.1.0
cat >probe.cjs <<'JS'
const Cookies = require('cookies');
const Keygrip = require('keygrip');
const { once } = require('node:events');
const { createServer } = require('node:http');
const { CookieJar } = require('tough-cookie');

const MONTH_MS = 30 * 24 * 60 * 60 * 1000;
let keys = new Keygrip(['first']);
const server = createServer((request, response) => {
  const cookies = new Cookies(request, response, { keys });
  if (request.url === '/login') cookies.set('session', 'ada', { signed: true, maxAge: MONTH_MS });
  response.end(request.url === '/login' ? 'ada' : (cookies.get('session', { signed: true }) ?? 'nobody'));
});
/** A browser: its jar, and what closing it leaves, which is every cookie that has an expiry. */
const browser = (origin) => {
  let jar = new CookieJar();
  const stored = async () => (await jar.serialize()).cookies;
  return {
    async visit(path) {
      const response = await fetch(origin + path, { headers: { cookie: await jar.getCookieString(origin) } });
      for (const cookie of response.headers.getSetCookie()) await jar.setCookie(cookie, origin);
      return response.text();
    },
    async lasting() {
      return (await stored()).filter(({ expires, maxAge }) => expires !== undefined || maxAge !== undefined).map(({ key }) => key).join(', ');
    },
    async close() {
      const old = await jar.serialize();
      const cookies = old.cookies.filter(({ expires, maxAge }) => expires !== undefined || maxAge !== undefined);
      jar = await CookieJar.deserialize({ ...old, cookies });
    },
  };
};
async function main() {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${server.address().port}`;
  const [closes, visits] = [browser(origin), browser(origin)];
  for (const each of [closes, visits]) await each.visit('/login');
  const atLogin = await visits.lasting();
  keys = new Keygrip(['second', 'first']);
  await closes.close();
  const away = await closes.visit('/');
  const during = await visits.visit('/');
  const after = await visits.lasting();
  await visits.close();
  const back = await visits.visit('/');
  server.closeAllConnections();
  server.close();
  console.log('cookies 0.9.2 with keygrip 1.1.0, a cookie of thirty days and a new key');
  console.log(`  cookies with an expiry after login: ${atLogin}; after a visit with the new key: ${after}`);
  console.log(`  a browser that was closed before the first such visit: ${away}; during that visit: ${during}; closed after it: ${back}`);
  const holds = atLogin === 'session, session.sig' && after === 'session' && away === 'ada' && during === 'ada' && back === 'nobody';
  console.log(holds ? 'holds: the new signature ends with the browser' : 'changed');
  process.exitCode = holds ? 0 : 1;
}
main();
JS
timeout 60 node probe.cjs
