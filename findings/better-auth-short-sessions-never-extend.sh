#!/usr/bin/env bash
# better-auth 1.7.25: `session.expiresIn` of half an hour.
#
# A session is extended when it is used, so a short `expiresIn` reads as an idle timeout: who works on stays logged in. It is
# extended at most once in `updateAge`, which is a day unless it is set, counted from the last extension. If the session is
# shorter than that, the day is never over: half an hour after login everybody is logged out, in the middle of their work. The
# idle timeout has become an absolute one, and nothing warns of the two settings. With `updateAge: 60` it is an idle timeout.
#
# Seen with a request at minutes 1, 10, 20 and 29: logged out at 31. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent better-auth@1.7.25
cat >probe.mjs <<'JS'
import { mock } from 'node:test';
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';

const MINUTE = 60_000;
const BEGIN = Date.UTC(2026, 0, 1);
mock.timers.enable({ apis: ['Date'], now: BEGIN });

/** At which of these minutes somebody who makes a request at each of them is logged in. */
async function look(session, minutes) {
  mock.timers.setTime(BEGIN);
  const database = memoryAdapter({ user: [], session: [], account: [], verification: [] });
  const auth = betterAuth({
    baseURL: 'http://localhost:3000',
    secret: 'a secret of thirty-two letters or more',
    database,
    emailAndPassword: { enabled: true },
    session,
    telemetry: { enabled: false },
    logger: { disabled: true },
  });
  const body = { name: 'Ada', email: 'ada@example.com', password: 'a long password' };
  const signedUp = await auth.api.signUpEmail({ body, asResponse: true });
  const headers = new Headers({ cookie: signedUp.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ') });
  const seen = {};
  for (const minute of minutes) {
    mock.timers.setTime(BEGIN + minute * MINUTE);
    seen[minute] = (await auth.api.getSession({ headers })) !== null;
  }
  return seen;
}
const minutes = [1, 10, 20, 29, 31, 40];
const usual = await look({ expiresIn: 30 * 60 }, minutes);
const often = await look({ expiresIn: 30 * 60, updateAge: 60 }, minutes);
console.log('better-auth 1.7.25, expiresIn of 30 minutes, a request at each of these minutes: logged in?');
console.log('  updateAge not set:', JSON.stringify(usual));
console.log('  updateAge of a minute:', JSON.stringify(often));
const holds = usual[29] && !usual[31] && Object.values(often).every(Boolean);
console.log(holds ? 'holds: it ends half an hour after login, however much it is used' : 'changed');
process.exit(holds ? 0 : 1);
JS
timeout 60 node probe.mjs
