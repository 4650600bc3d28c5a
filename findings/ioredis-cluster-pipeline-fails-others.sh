#!/usr/bin/env bash
# ioredis 6.0.0 in a Redis Cluster with `enableAutoPipelining`: a command whose keys are in two slots.
#
# Redis refuses only that command: CROSSSLOT. With automatic pipelining the client refuses the whole pipeline, that is, every
# command that was sent in the same turn of the event loop. In a server those are the session reads of other requests: one
# request that asks for two keys at once makes all others of that turn fail, with a message about a pipeline that no code made.
#
# Seen with a cluster of one node, Redis 7.0: two GET together are answered; with an MGET of both keys in addition, all three
# fail. Without automatic pipelining the MGET alone fails. Exits with 1 if that changes, 2 if there is no redis-server.
set -euo pipefail
command -v redis-server >/dev/null || { echo 'this needs a redis-server on the PATH'; exit 2; }
folder=$(mktemp -d)
redis=
trap '[ -z "$redis" ] || kill "$redis" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent ioredis@6.0.0
# The bus of a cluster takes the port 10,000 above.
port=$(node -e "const s=require('node:net').createServer();const t=()=>s.listen(20000+Math.floor(Math.random()*10000),'127.0.0.1');s.on('error',t).on('listening',()=>{console.log(s.address().port);s.close()});t()")
redis-server --port "$port" --bind 127.0.0.1 --cluster-enabled yes --cluster-announce-ip 127.0.0.1 --save '' --appendonly no --dir "$folder" >/dev/null &
redis=$!
cat >probe.mjs <<'JS'
import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster, Redis } from 'ioredis';

const node = { host: '127.0.0.1', port: Number(process.argv[2]) };
const one = new Redis({ ...node, retryStrategy: (tries) => (tries < 100 ? 50 : null) });
one.on('error', () => {});
await one.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16383);
while (!(await one.cluster('INFO')).includes('cluster_state:ok')) await sleep(100);
const answers = async (commands) => (await Promise.allSettled(commands)).map(({ value, reason }) => value ?? reason.message);

async function trial(enableAutoPipelining) {
  const cluster = new Cluster([node], { enableAutoPipelining });
  await cluster.set('session:alice', 'a');
  await cluster.set('session:bob', 'b');
  const reads = () => [cluster.get('session:alice'), cluster.get('session:bob')];
  const apart = await answers(reads());
  const together = await answers([...reads(), cluster.mget('session:alice', 'session:bob')]);
  cluster.disconnect();
  return { apart, together };
}
const automatic = await trial(true);
const plain = await trial(false);
one.disconnect();
console.log('ioredis 6.0.0, Redis Cluster: GET, GET and an MGET of both keys in one turn');
console.log('  automatic pipelining, the two GET alone:', automatic.apart);
console.log('  automatic pipelining, with the MGET:    ', automatic.together);
console.log('  no pipelining, with the MGET:           ', plain.together);
const failed = (answer) => !['a', 'b'].includes(answer);
const holds = !automatic.apart.some(failed) && automatic.together.every(failed) && plain.together.filter(failed).length === 1;
console.log(holds ? 'holds: the reads of others fail with it' : 'changed');
process.exit(holds ? 0 : 1);
JS
timeout 30 node probe.mjs "$port"
