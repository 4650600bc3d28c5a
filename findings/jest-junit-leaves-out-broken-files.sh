#!/usr/bin/env bash
# jest-junit 17.0.0 with jest 30.5.2: a test file that cannot be loaded.
#
# A file with a wrong import or a mistake in its syntax runs none of its tests. jest prints "Test suite failed to run" and
# exits with 1. By default jest-junit leaves such a file out: no failure, no error, and not even its name. The report of a
# run in which half of the tests never ran says that all passed, and the number of tests falls, which nobody looks at. With
# `reportTestSuiteErrors` set to the text "true" the file is an error.
#
# Seen: exit code 1; tests="1" failures="0" errors="0", and errors="1" with the option. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent jest@30.5.2 jest-junit@17.0.0
cat >users.test.js <<'JS'
test('a user is found', () => {});
JS
cat >sessions.test.js <<'JS'
const store = require('./a-store-that-was-renamed');

test('a session is found', () => expect(store.get('a')).toBeDefined());
test('a session ends', () => expect(store.get('b')).toBeUndefined());
JS
# Runs jest and prints its exit code.
run() {
  local code=0
  timeout 90 npx jest --runInBand --reporters=jest-junit >output.txt 2>&1 || code=$?
  echo "$code"
}
code=$(JEST_JUNIT_OUTPUT_NAME=default.xml run)
strict=$(JEST_JUNIT_OUTPUT_NAME=strict.xml JEST_JUNIT_REPORT_TEST_SUITE_ERRORS=true run)
CODES="$code $strict" node -e '
const { readFileSync } = require("node:fs");
const counts = (file) => {
  const text = readFileSync(file, "utf8");
  const [root] = /<testsuites [^>]*>/.exec(text);
  return { counts: ["tests", "failures", "errors"].map((name) => Number(new RegExp(`${name}="(\\d+)"`).exec(root)[1])), named: text.includes("sessions.test.js") };
};
const [plain, strict] = [counts("default.xml"), counts("strict.xml")];
console.log(`jest-junit 17.0.0, one file that passes and one that cannot be loaded; exit codes ${process.env.CODES}`);
console.log(`  by default: tests, failures, errors ${plain.counts}; the file is ${plain.named ? "" : "not "}named`);
console.log(`  reportTestSuiteErrors: tests, failures, errors ${strict.counts}; the file is ${strict.named ? "" : "not "}named`);
const holds = process.env.CODES === "1 1" && String(plain.counts) === "1,0,0" && !plain.named && strict.counts[2] === 1 && strict.named;
console.log(holds ? "holds: the file is left out" : "changed");
process.exitCode = holds ? 0 : 1;
'
