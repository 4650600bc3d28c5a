#!/usr/bin/env bash
# Redis 7.0: `usec` of INFO commandstats, where commands run in transactions or scripts.
#
# The section lists calls and microseconds of each command, and people read their sum as the time that commands took. A command
# within EXEC, EVAL or FCALL is counted twice, once under its own name and once as part of the command that ran it. So a service
# that changes from pipelines to transactions sees its time per request double, although little became slower, and the sum for
# scripts is more than all the CPU time that Redis used. `calls`, too, counts EXEC and EVAL in addition to the commands within.
#
# Seen with 200,000 SETs: 37 ms in pipelines; 46 and 68 ms of EXEC in transactions; 37 and 204 ms of EVAL in scripts, where the
# main thread used 202 ms. Exits with 1 if that changes, 2 if there is no redis-server.
set -euo pipefail
command -v redis-server >/dev/null || { echo 'this needs a redis-server on the PATH'; exit 2; }
folder=$(mktemp -d)
redis=
trap '[ -z "$redis" ] || kill "$redis" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent ioredis@6.0.0
port=$(node -e "const s=require('node:net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})")
redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$folder" >/dev/null &
redis=$!
cat >probe.mjs <<'JS'
import { Redis } from 'ioredis';

const redis = new Redis(Number(process.argv[2]), '127.0.0.1', { retryStrategy: (tries) => (tries < 100 ? 50 : null) });
redis.on('error', () => {});
const [TIMES, EACH] = [200, 1000];
const VALUE = 'x'.repeat(200);

async function cpuUs() {
  const text = await redis.info('cpu');
  const read = (name) => Number(new RegExp(`^${name}:(.+)$`, 'm').exec(text)[1]);
  return 1e6 * (read('used_cpu_user_main_thread') + read('used_cpu_sys_main_thread'));
}
async function look(run) {
  await redis.flushall();
  await redis.config('RESETSTAT');
  const before = await cpuUs();
  await run();
  const cpu = (await cpuUs()) - before;
  const text = await redis.info('commandstats');
  const found = [...text.matchAll(/^cmdstat_(\w+):calls=(\d+),usec=(\d+)/gm)].map(([, name, calls, usec]) => [name, Number(calls), Number(usec)]);
  const of = Object.fromEntries(found.filter(([name]) => ['set', 'exec', 'eval'].includes(name)).map(([name, calls, usec]) => [name, { calls, usec }]));
  return { of, cpu, sum: Object.values(of).reduce((total, { usec }) => total + usec, 0) };
}
const sets = (batch) => {
  for (let i = 0; i < EACH; i++) batch.set(`session:${i}`, VALUE);
  return batch.exec();
};
const LUA = `for i = 1, ${EACH} do redis.call('SET', 'session:' .. i, ARGV[1]) end`;
const repeat = (run) => async () => {
  for (let time = 0; time < TIMES; time++) await run();
};
const seen = {
  'in pipelines': await look(repeat(() => sets(redis.pipeline()))),
  'in transactions': await look(repeat(() => sets(redis.multi()))),
  'in scripts': await look(repeat(() => redis.eval(LUA, 0, VALUE))),
};
console.log(`Redis ${/redis_version:(\S+)/.exec(await redis.info('server'))[1]}, ${TIMES * EACH} SETs`);
for (const [name, { of, cpu, sum }] of Object.entries(seen)) {
  const words = Object.entries(of).map(([command, { calls, usec }]) => `${command} ${calls} calls ${Math.round(usec / 1000)} ms`);
  console.log(`  ${name}: ${words.join(', ')}; sum ${Math.round(sum / 1000)} ms, CPU time of the main thread ${Math.round(cpu / 1000)} ms`);
}
redis.disconnect();
const { 'in pipelines': plain, 'in transactions': multi, 'in scripts': script } = seen;
const twice = multi.of.exec.usec >= multi.of.set.usec && script.of.eval.usec >= script.of.set.usec;
const holds = Object.keys(plain.of).join() === 'set' && twice;
console.log(holds ? 'holds: the time of what ran it holds that of what it ran' : 'changed');
process.exit(holds ? 0 : 1);
JS
timeout 60 node probe.mjs "$port"
