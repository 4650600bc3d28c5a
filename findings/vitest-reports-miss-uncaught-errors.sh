#!/usr/bin/env bash
# vitest 4.1.12: its JUnit and JSON reports of a run that failed by an error that nobody caught.
#
# A promise that a test forgot to await and that rejects makes the run fail: vitest prints it and exits with 1. Neither
# report has it. The JUnit file says failures="0" errors="0", and the JSON file `success: true`. A service that reads the
# report shows a green run, and so does a script that trusts `success`; only the exit code tells.
#
# Seen: exit code 1, and no failure in either file. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent vitest@4.1.12
cat >session.test.mjs <<'JS'
import { expect, it } from 'vitest';

async function end(sessions, id) {
  if (!sessions.has(id)) throw new Error(`there is no session ${id}`);
  sessions.delete(id);
}
it('ends a session', () => {
  const sessions = new Map();
  // Without an await, and the identifier is wrong.
  end(sessions, 'a');
  expect(sessions.size).toBe(0);
});
JS
code=0
timeout 60 npx vitest run --reporter=junit --reporter=json --outputFile.junit=junit.xml --outputFile.json=report.json >output.txt 2>&1 || code=$?
EXIT_CODE=$code node -e '
const { readFileSync } = require("node:fs");
const [root] = /<testsuites [^>]*>/.exec(readFileSync("junit.xml", "utf8"));
const { success, numTotalTests, numFailedTests } = JSON.parse(readFileSync("report.json", "utf8"));
const code = Number(process.env.EXIT_CODE);
console.log("vitest 4.1.12, a test that leaves a rejected promise behind");
console.log(`  exit code ${code}; JSON: success ${success}, ${numFailedTests} of ${numTotalTests} failed`);
console.log(`  JUnit: ${root}`);
const holds = code === 1 && success === true && numTotalTests === 1 && numFailedTests === 0 && /failures="0" errors="0"/.test(root);
console.log(holds ? "holds: the reports show no failure" : "changed");
process.exitCode = holds ? 0 : 1;
'
