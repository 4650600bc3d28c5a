#!/usr/bin/env bash
# @opentelemetry/instrumentation-ioredis 0.72.0 with ioredis 5.9.2: to which request a trace assigns a command of Redis.
#
# The span of a command belongs to the request that issued it. With `enableAutoPipelining` ioredis collects the commands of
# one turn of the event loop and sends them from a callback that the first of them has set, in the context of that request.
# The spans are made there. So the commands of all requests of a turn are in the trace of one of them, with their keys, and
# the others have none. The busier the server, the more commands are together: a trace of a slow request shows dozens of
# commands that it never issued, and counts of commands for each route are wrong. Without automatic pipelining each is where
# it belongs.
#
# Seen: the commands of five requests are five children of the first. Exits with 1 if that changes, 2 if there is no
# redis-server.
set -euo pipefail
command -v redis-server >/dev/null || { echo 'this needs a redis-server on the PATH'; exit 2; }
folder=$(mktemp -d)
redis=
trap '[ -z "$redis" ] || kill "$redis" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent @opentelemetry/api@1.10.0 @opentelemetry/context-async-hooks@3.1.1 \
  @opentelemetry/instrumentation-ioredis@0.72.0 @opentelemetry/sdk-trace@3.1.0 ioredis@5.9.2
port=$(node -e "const s=require('node:net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})")
redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$folder" >/dev/null &
redis=$!
for _ in $(seq 100); do timeout 30 redis-cli -p "$port" ping 2>/dev/null | grep -q PONG && break || sleep 0.05; done
cat >probe.cjs <<'JS'
const { context } = require('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
const { IORedisInstrumentation } = require('@opentelemetry/instrumentation-ioredis');
const { TracerProvider } = require('@opentelemetry/sdk-trace');

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
let spans = [];
const processor = { onStart() {}, onEnd: (span) => void spans.push(span), forceFlush: async () => {}, shutdown: async () => {} };
const provider = new TracerProvider({ spanProcessors: [processor] });
new IORedisInstrumentation().setTracerProvider(provider);
const { Redis } = require('ioredis');
const tracer = provider.getTracer('probe');

/** Five requests at once. @returns for each the keys that its trace says it read */
async function run(enableAutoPipelining) {
  const redis = new Redis({ port: Number(process.argv[2]), host: '127.0.0.1', enableAutoPipelining });
  await redis.ping();
  spans = [];
  const names = Array.from({ length: 5 }, (_, i) => `request ${i}`);
  const serve = (name, i) =>
    tracer.startActiveSpan(name, async (span) => {
      await redis.get(`session:${i}`);
      span.end();
    });
  await Promise.all(names.map(serve));
  redis.disconnect();
  return names.map((name) => {
    const { spanId } = spans.find((span) => span.name === name).spanContext();
    const children = spans.filter((span) => span.name === 'get' && span.parentSpanContext?.spanId === spanId);
    return children.map(({ attributes }) => /session:\d/.exec(attributes['db.statement'] ?? attributes['db.query.text'])?.[0]);
  });
}
async function main() {
  const plain = await run(false);
  const pipelined = await run(true);
  console.log('five requests at once, each of which reads one session, and what their traces say');
  for (const [name, seen] of Object.entries({ 'by default': plain, enableAutoPipelining: pipelined })) {
    console.log(`  ${name}: ${seen.map((keys, i) => `request ${i}: ${keys.join(' ') || 'nothing'}`).join('; ')}`);
  }
  const holds = plain.every((keys) => keys.length === 1) && pipelined[0].length === 5 && pipelined.slice(1).every((keys) => keys.length === 0);
  console.log(holds ? 'holds: with automatic pipelining all belong to the first request' : 'changed');
  process.exitCode = holds ? 0 : 1;
}
main();
JS
timeout 60 node probe.cjs "$port"
