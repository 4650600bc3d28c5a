#!/usr/bin/env bash
# node --test of Node.js 26.10.0 with --test-reporter=junit: a failing test that has subtests.
#
# A test with subtests is written as a <testsuite>, and a <testsuite> of this reporter has no place for a failure of its own.
# Its `failures` counts those of its children. So an assertion that fails after the subtests have passed, and a failing `after`
# hook of a describe, are in no element of the file: a CI server that reads it shows a green run, though the runner printed the
# failure and exited with 1. The TAP and spec reporters name it.
#
# Seen: two failures, exit code 1, and no <failure> in a file that says failures="0" twice. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >probe.test.mjs <<'JS'
import assert from 'node:assert';
import { after, describe, it, test } from 'node:test';

test('a session survives its requests', async (t) => {
  await t.test('GET /me', () => {});
  await t.test('POST /logout', () => {});
  assert.equal('the session is left', 'nothing is left');
});
describe('a fleet', () => {
  after(() => {
    throw new Error('a replica did not end');
  });
  it('starts', () => {});
});
JS
cat >judge.mjs <<'JS'
import { readFileSync } from 'node:fs';

const [, , junitExit, tapExit] = process.argv.map(Number);
const xml = readFileSync('junit.xml', 'utf8');
const tap = readFileSync('tap.txt', 'utf8');
const failures = [...xml.matchAll(/failures="(\d+)"/g)].map(([, count]) => Number(count));
const elements = (xml.match(/<(failure|error)\b/g) ?? []).length;
const named = ['the session is left', 'a replica did not end'].map((text) => ({ tap: tap.includes(text), xml: xml.includes(text) }));
const suites = (xml.match(/<testsuite /g) ?? []).length;
const cases = (xml.match(/<testcase /g) ?? []).length;
console.log(`Node.js ${process.versions.node}, a test that fails after its subtests, and an after hook that throws`);
console.log(`  junit: exit code ${junitExit}, ${suites} suites, ${cases} cases, <failure> or <error>: ${elements}, failures="${failures.join('", failures="')}"`);
console.log(`  tap: exit code ${tapExit}, not ok: ${(tap.match(/^\s*not ok/gm) ?? []).length}; messages ${JSON.stringify(named)}`);
const failed = junitExit === 1 && tapExit === 1 && named.every((each) => each.tap);
const holds = failed && elements === 0 && suites === 2 && cases === 3 && failures.every((count) => count === 0);
console.log(holds ? 'holds: the file knows of no failure' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
unset NODE_TEST_CONTEXT
run() { timeout 60 node --test --test-reporter="$1" --test-reporter-destination="$2" probe.test.mjs >/dev/null 2>&1; }
junit=0 tap=0
run junit junit.xml || junit=$?
run tap tap.txt || tap=$?
node judge.mjs "$junit" "$tap"
