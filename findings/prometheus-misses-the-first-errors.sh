#!/usr/bin/env bash
# prom-client 15.1.3 with Prometheus 2.42: the first errors of a service.
#
# A counter with a label has no line for a label value until that value occurs. Prometheus then sees a series that begins at
# 250, not one that rose from 0 to 250, and increase() and rate() count what comes after its first sample. So the first burst of
# errors after a start, such as those of a broken release, is an increase of 0: no alert, and an error rate of 0 beside a
# counter that says 250. Each of the two is right by itself. A call of `counter.inc({ status }, 0)` at start, for each value
# that may occur, is enough.
#
# Seen: an increase of 0 where 250 errors happened. Exits with 1 if that changes, 2 if promtool is not available.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
promtool=$(command -v promtool || true)
if [ -z "$promtool" ] && command -v apt-get >/dev/null; then
  apt-get download prometheus=2.42.0+ds-5+deb12u1 >/dev/null 2>&1 && dpkg -x prometheus_*.deb . && promtool=$folder/usr/bin/promtool
fi
[ -n "$promtool" ] || { echo 'this needs promtool on the PATH, or Debian 12 to download it from'; exit 2; }
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent prom-client@15.1.3
cat >scrape.mjs <<'JS'
import { writeFileSync } from 'node:fs';
import { Counter, Registry } from 'prom-client';

const ERRORS = 250;
/** What five scrapes a minute apart find, as promtool writes a series; an underscore is a scrape without the line. */
async function scrapes(beginsAtZero) {
  const registry = new Registry();
  const counter = new Counter({ name: 'http_errors_total', help: 'errors', labelNames: ['status'], registers: [registry] });
  if (beginsAtZero) counter.inc({ status: '500' }, 0);
  const found = [];
  for (let minute = 0; minute < 5; minute++) {
    if (minute === 2) counter.inc({ status: '500' }, ERRORS);
    found.push(/^http_errors_total\{status="500"\} (\d+)$/m.exec(await registry.metrics())?.[1] ?? '_');
  }
  return found.join(' ');
}
const [plain, zero] = [await scrapes(false), await scrapes(true)];
console.log('prom-client 15.1.3 and Prometheus 2.42, 250 errors in the third minute');
console.log(`  scrapes: ${plain}; with inc(…, 0) at start: ${zero}`);
const series = (name, values) => `    - { series: 'http_errors_total{service="${name}"}', values: '${values}' }`;
// Each test states what the query is expected to give. The first is the finding, the second what one would expect.
const test = (wanted) => `    - expr: 'increase(http_errors_total{service="plain"}[5m]) > bool 0'
      eval_time: 4m
      exp_samples: [{ labels: '{service="plain"}', value: ${wanted} }]
    - expr: 'increase(http_errors_total{service="zero"}[5m]) >= bool 250'
      eval_time: 4m
      exp_samples: [{ labels: '{service="zero"}', value: 1 }]
`;
const file = (wanted) => `evaluation_interval: 1m
tests:
- interval: 1m
  input_series:
${series('plain', plain)}
${series('zero', zero)}
  promql_expr_test:
${test(wanted)}`;
writeFileSync('nothing.yml', file(0));
writeFileSync('something.yml', file(1));
JS
node scrape.mjs
passes() { timeout 60 "$promtool" test rules "$1" >"$1.txt" 2>&1; }
nothing=no something=no
passes nothing.yml && nothing=yes
passes something.yml && something=yes
echo "  increase over five minutes is 0: $nothing; more than 0: $something; with inc(…, 0) at start it is 250 or more"
if [ "$nothing $something" = 'yes no' ]; then
  echo 'holds: the first errors are an increase of 0'
else
  cat nothing.yml.txt something.yml.txt
  echo 'changed'
  exit 1
fi
