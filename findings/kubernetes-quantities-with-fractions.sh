#!/usr/bin/env bash
# @kubernetes/client-node 2.0.1 and kubernetes-resource-parser 0.1.0: quantities as Kubernetes writes them.
#
# "1.5Gi" is a usual request for memory, and the metrics server reports CPU time as "250000000n". The client's `topPods` reads
# whole numbers alone where a unit follows: one container in a namespace that requests 1.5Gi makes the figures of every pod in
# it a SyntaxError, "Cannot convert 1.5 to a BigInt", so a monitor that worked stops when somebody deploys.
# kubernetes-resource-parser never fails: 1.5Gi is one byte to it, and a quarter of a core, in nanocores, is 250,000,000
# cores. A limit of 1.5Gi that a benchmark reports beside its figures is then 1 B, and the use of CPU time is off by a
# thousand million.
#
# Seen: both. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent @kubernetes/client-node@2.0.1 kubernetes-resource-parser@0.1.0
cat >probe.mjs <<'JS'
import { once } from 'node:events';
import { createServer } from 'node:http';
import { CoreV1Api, KubeConfig, Metrics, topPods } from '@kubernetes/client-node';
import parser from 'kubernetes-resource-parser';

/** What an API server answers for two pods. The first never changes; the second requests the memory given. */
const pods = (memory) =>
  ['steady', 'new'].map((name) => ({
    metadata: { name, namespace: 'bench' },
    spec: { containers: [{ name: 'app', resources: { requests: { cpu: '250m', memory: name === 'new' ? memory : '1Gi' } } }] },
  }));
const metrics = ['steady', 'new'].map((name) => ({
  metadata: { name, namespace: 'bench' },
  timestamp: '2026-01-01T00:00:00Z',
  window: '15s',
  containers: [{ name: 'app', usage: { cpu: '250000000n', memory: '131072Ki' } }],
}));
let memory;
const server = createServer(({ url }, response) => {
  const items = url.startsWith('/apis/metrics.k8s.io/') ? metrics : pods(memory);
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ kind: 'List', apiVersion: 'v1', metadata: {}, items }));
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const config = new KubeConfig();
config.loadFromOptions({
  clusters: [{ name: 'local', server: `http://127.0.0.1:${server.address().port}`, skipTLSVerify: true }],
  users: [{ name: 'probe' }],
  contexts: [{ name: 'local', cluster: 'local', user: 'probe' }],
  currentContext: 'local',
});
const top = async (requested) => {
  memory = requested;
  try {
    const found = await topPods(config.makeApiClient(CoreV1Api), new Metrics(config), 'bench');
    return found.map(({ Pod, CPU, Memory }) => `${Pod.metadata.name} ${CPU.CurrentUsage} cores, ${Memory.RequestTotal} B requested`).join('; ');
  } catch (error) {
    return String(error);
  }
};
const seen = {};
console.log('@kubernetes/client-node 2.0.1, topPods of a namespace with two pods');
for (const requested of ['1Gi', '1536Mi', '1.5Gi']) {
  seen[requested] = await top(requested);
  console.log(`  the second requests ${requested}: ${seen[requested]}`);
}
server.closeAllConnections();
server.close();
const { cpuParser, memoryParser } = parser;
const parsed = { '250m': cpuParser('250m'), '250000000n': cpuParser('250000000n'), '1536Mi': memoryParser('1536Mi'), '1.5Gi': memoryParser('1.5Gi') };
console.log('kubernetes-resource-parser 0.1.0');
for (const [text, value] of Object.entries(parsed)) console.log(`  ${text}: ${value}`);
const works = seen['1Gi'].includes('new 0.25 cores') && seen['1536Mi'].includes('1610612736 B');
const client = works && seen['1.5Gi'].startsWith('SyntaxError');
const other = parsed['250m'] === 0.25 && parsed['1536Mi'] === 1_610_612_736 && parsed['250000000n'] === 250_000_000 && parsed['1.5Gi'] === 1;
console.log(client && other ? 'holds: fractions and nanocores are misread' : 'changed');
process.exitCode = client && other ? 0 : 1;
JS
timeout 60 node probe.mjs
